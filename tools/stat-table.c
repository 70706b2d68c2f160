/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stat-table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <xsock/xsock.h>

#include "bytes.h"
#include "json.h"

enum { STATE_UNDER_WAY, STATE_OPEN };
enum { WAY_BOTH = 1, WAY_OPEN, WAY_SEND, WAY_RECEIVE };

static const char *way_of(const struct socket_view *view)
{
	switch (view->field[CONNECTION_DIRECTION]) {
	case WAY_BOTH:
		return "both";
	case WAY_OPEN:
		return "one-way";
	case WAY_SEND:
		return "send";
	case WAY_RECEIVE:
		return "recv";
	default:
		return "-";
	}
}

static bool is_open(const struct socket_view *view)
{
	return view->field[CONNECTION_STATE] == STATE_OPEN;
}

static const char *state_of(const struct socket_view *view)
{
	if (view->field[CONNECTION_ERROR])
		return strerror((int)view->field[CONNECTION_ERROR]);
	if (view->field[CONNECTION_STATE] == STATE_UNDER_WAY)
		return "set-up";
	return is_open(view) ? "open" : "failed";
}

static const char *role_of(const struct socket_view *view)
{
	if (!is_open(view))
		return "-";
	return view->field[CONNECTION_GRANTS] ? "grant" : "map";
}

/* What this end has of a direction, 0 for the one that it has not. */
static uint64_t ring_of(const struct socket_view *view, bool sending, enum connection_field field)
{
	uint64_t way = view->field[CONNECTION_DIRECTION];

	if (!is_open(view) || way == (sending ? WAY_RECEIVE : WAY_SEND))
		return 0;
	return view->field[field];
}

/* Both are the process's word. */
static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

/* A second; of one that was not there before all came since. */
static double rate_of(const struct looks *looks, const struct socket_view *view,
		      enum connection_field field)
{
	const struct socket_view *before = sockets_find(looks->before, view);
	bool same = before && before->kind == view->kind;
	uint64_t since = less(view->field[field], same ? before->field[field] : 0);

	return looks->seconds > 0 ? (double)since / looks->seconds : 0;
}

static const char *const refusals[] = {
	[XSOCK_REFUSED_NONE] = "-",
	[XSOCK_REFUSED_CLASH] = "clash",
	[XSOCK_REFUSED_MALFORMED] = "malformed",
	[XSOCK_REFUSED_PAGES] = "pages",
	[XSOCK_REFUSED_RESOURCES] = "resources",
	[XSOCK_REFUSED_UNFINISHED] = "unfinished",
	[XSOCK_REFUSED_REQUESTS] = "requests",
	[XSOCK_REFUSED_DOMAIN_BACKLOG] = "domain_backlog",
	[XSOCK_REFUSED_BACKLOG] = "backlog",
	[XSOCK_REFUSED_DOMAIN_RATE] = "domain_rate",
	[XSOCK_REFUSED_RATE] = "rate",
	[XSOCK_REFUSED_DOMAIN_CONNECTIONS] = "domain_connections",
	[XSOCK_REFUSED_CONNECTIONS] = "connections",
	[XSOCK_REFUSED_DOMAIN_BYTES] = "domain_bytes",
	[XSOCK_REFUSED_BYTES] = "bytes",
	[XSOCK_REFUSED_RING] = "ring",
};

#define KNOWN_REFUSALS (sizeof refusals / sizeof refusals[0])

_Static_assert(XSOCK_REFUSALS == REFUSAL_CAUSES && KNOWN_REFUSALS <= REFUSAL_CAUSES,
	       "room for all");

static const char *last_refusal(const struct socket_view *view)
{
	uint64_t last = view->field[LISTENER_LAST_REFUSAL];

	return last < KNOWN_REFUSALS ? refusals[last] : "another";
}

/* ------------------------------------------------------------------ as a table */

static const char *size_text(char text[16], uint64_t bytes)
{
	if (bytes >> 20 && !(bytes & 0xfffff))
		snprintf(text, 16, "%uM", (unsigned)(bytes >> 20));
	else
		snprintf(text, 16, "%uk", (unsigned)(bytes >> 10));
	return text;
}

/* As it is, and what it can grow to. */
static void ring_text(char text[32], uint64_t now, uint64_t most)
{
	char first[16], second[16];

	if (!now)
		snprintf(text, 32, "-");
	else if (now >= most)
		snprintf(text, 32, "%s", size_text(first, now));
	else
		snprintf(text, 32, "%s/%s", size_text(first, now), size_text(second, most));
}

static void connection_row(const struct looks *looks, const struct socket_view *view)
{
	char peer[80], out[32], in[32], sent[16], received[16];

	snprintf(peer, sizeof peer, "%u/%s", (unsigned)view->field[CONNECTION_PEER], view->service);
	ring_text(out, ring_of(view, true, CONNECTION_SEND_RING),
		  ring_of(view, true, CONNECTION_SEND_MOST));
	ring_text(in, ring_of(view, false, CONNECTION_RECV_RING),
		  ring_of(view, false, CONNECTION_RECV_MOST));
	format_bytes(sent, rate_of(looks, view, CONNECTION_SENT));
	format_bytes(received, rate_of(looks, view, CONNECTION_RECEIVED));
	printf("%7d %-15s %5u %-20s %-5s %-7s %8s %8s %10s %10s %8llu %8llu %8llu %s\n",
	       view->process, view->command, view->domain, peer, role_of(view), way_of(view), out,
	       in, sent, received, (unsigned long long)view->field[CONNECTION_STALLS],
	       (unsigned long long)view->field[CONNECTION_WAITS],
	       (unsigned long long)view->field[CONNECTION_NOTIFICATIONS], state_of(view));
}

/* Why, and whom, it turned away last. */
static void refused_text(char text[48], const struct socket_view *view)
{
	if (view->field[LISTENER_LAST_REFUSAL])
		snprintf(text, 48, "%s, domain %u", last_refusal(view),
			 (unsigned)view->field[LISTENER_LAST_REFUSED]);
	else
		snprintf(text, 48, "-");
}

static void listener_row(const struct socket_view *view)
{
	char waiting[48], refused[48];

	snprintf(waiting, sizeof waiting, "%llu/%llu",
		 (unsigned long long)view->field[LISTENER_WAITING],
		 (unsigned long long)view->field[LISTENER_BACKLOG]);
	refused_text(refused, view);
	printf("%7d %-15s %5u %-20s %10llu %10s %10llu %s\n", view->process, view->command,
	       view->domain, view->service, (unsigned long long)view->field[LISTENER_ACCEPTED],
	       waiting, (unsigned long long)view->field[LISTENER_REFUSED], refused);
}

static size_t count(const struct sockets *sockets, enum registry_kind kind)
{
	size_t found = 0;

	for (size_t i = 0; i < sockets->count; i++)
		found += sockets->view[i].kind == kind;
	return found;
}

void show_table(const struct looks *looks)
{
	const struct sockets *now = looks->now;

	if (count(now, REGISTRY_LISTENER))
		printf("%7s %-15s %5s %-20s %10s %10s %10s %s\n", "PID", "COMMAND", "DOM",
		       "SERVICE", "ACCEPTED", "WAITING", "REFUSED", "LAST REFUSAL");
	for (size_t i = 0; i < now->count; i++)
		if (now->view[i].kind == REGISTRY_LISTENER)
			listener_row(&now->view[i]);
	if (count(now, REGISTRY_LISTENER))
		putchar('\n');
	printf("%7s %-15s %5s %-20s %-5s %-7s %8s %8s %10s %10s %8s %8s %8s %s\n", "PID", "COMMAND",
	       "DOM", "PEER/SERVICE", "ROLE", "WAY", "OUT", "IN", "SENT/s", "RECEIVED/s", "STALLS",
	       "WAITS", "NOTIFIED", "STATE");
	for (size_t i = 0; i < now->count; i++)
		if (now->view[i].kind == REGISTRY_CONNECTION)
			connection_row(looks, &now->view[i]);
}

/* ------------------------------------------------------------------ as JSON */

static json_t *causes(const struct socket_view *view)
{
	json_t *by_cause = json_object();

	for (size_t i = 1; i < KNOWN_REFUSALS; i++)
		json_object_set_new(by_cause, refusals[i], json_count(view->refused_by[i]));
	return by_cause;
}

static json_t *listener_value(const struct socket_view *view)
{
	const uint64_t *field = view->field;

	return json_pack("{si so so si so so so so ss so so so}", "pid", view->process, "command",
			 json_text(view->command), "socket", json_count(view->serial), "domain",
			 (int)view->domain, "service", json_text(view->service), "accepted",
			 json_count(field[LISTENER_ACCEPTED]), "refused",
			 json_count(field[LISTENER_REFUSED]), "refused_by", causes(view),
			 "last_refusal", last_refusal(view), "last_refused",
			 json_count(field[LISTENER_LAST_REFUSED]), "waiting",
			 json_count(field[LISTENER_WAITING]), "backlog",
			 json_count(field[LISTENER_BACKLOG]));
}

static json_t *half_value(const struct looks *looks, const struct socket_view *view, bool sending)
{
	const uint64_t *field = view->field;
	enum connection_field ring = sending ? CONNECTION_SEND_RING : CONNECTION_RECV_RING;
	enum connection_field most = sending ? CONNECTION_SEND_MOST : CONNECTION_RECV_MOST;
	enum connection_field bytes = sending ? CONNECTION_SENT : CONNECTION_RECEIVED;
	uint64_t inside =
		sending ? less(field[CONNECTION_SENT], field[CONNECTION_SENT_SEEN])
			: less(field[CONNECTION_RECEIVED_SEEN], field[CONNECTION_RECEIVED]);

	return json_pack(
		"{so so so sf so so}", "ring", json_count(ring_of(view, sending, ring)),
		"ring_most", json_count(ring_of(view, sending, most)), "bytes",
		json_count(field[bytes]), "bytes_per_second", rate_of(looks, view, bytes),
		"in_ring", json_count(inside), "refusals",
		json_count(field[sending ? CONNECTION_SEND_REFUSALS : CONNECTION_RECV_REFUSALS]));
}

static json_t *connection_value(const struct looks *looks, const struct socket_view *view)
{
	const uint64_t *field = view->field;

	return json_pack("{si so so si so so ss ss ss so so so so so}", "pid", view->process,
			 "command", json_text(view->command), "socket", json_count(view->serial),
			 "domain", (int)view->domain, "peer", json_count(field[CONNECTION_PEER]),
			 "service", json_text(view->service), "role", role_of(view), "way",
			 way_of(view), "state", state_of(view), "send",
			 half_value(looks, view, true), "receive", half_value(looks, view, false),
			 "stalls", json_count(field[CONNECTION_STALLS]), "waits",
			 json_count(field[CONNECTION_WAITS]), "notifications",
			 json_count(field[CONNECTION_NOTIFICATIONS]));
}

/* One by one: a process that lies has many. */
static bool put_list(const struct looks *looks, enum registry_kind kind)
{
	const char *before = "";

	for (size_t i = 0; i < looks->now->count; i++) {
		const struct socket_view *view = &looks->now->view[i];

		if (view->kind != kind)
			continue;
		fputs(before, stdout);
		before = ", ";
		if (!json_put(kind == REGISTRY_LISTENER ? listener_value(view)
							: connection_value(looks, view),
			      0))
			return false;
	}
	return true;
}

bool show_json(const struct looks *looks)
{
	putchar('{');
	if (!json_put(json_pack("{sI sf ss si}", "time", (json_int_t)time(NULL), "seconds",
				looks->seconds, "platform", looks->platform, "domain",
				(int)looks->domain),
		      JSON_EMBED))
		return false;
	fputs(", \"listeners\": [", stdout);
	if (!put_list(looks, REGISTRY_LISTENER))
		return false;
	fputs("], \"connections\": [", stdout);
	if (!put_list(looks, REGISTRY_CONNECTION))
		return false;
	fputs("], ", stdout);
	if (!json_put(json_pack("{so si}", "unlisted", json_count(looks->now->unlisted),
				"unreadable", (int)looks->now->refused),
		      JSON_EMBED))
		return false;
	puts("}");
	return true;
}

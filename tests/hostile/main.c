/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hostile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: hostile list                                attack, and what it plays: client or listener\n"
	"       hostile serve SERVICE                       until SIGTERM\n"
	"       hostile visit DOMAIN/SERVICE ROLE COUNT     honest visits to a server\n"
	"       hostile measure DOMAIN/SERVICE ROLE SECONDS the same for a time\n"
	"       hostile attack ATTACK DOMAIN/SERVICE ROLE   until SIGTERM\n"
	"       hostile pose ATTACK VICTIM SERVICE ROLE     the same, as a listener for domain VICTIM\n"
	"       hostile suffer DOMAIN/SERVICE ROLE COUNT    an honest client of that listener\n"
	"       hostile sweep                               what killed processes of this domain left\n"
	"ROLE: grant or map, of the one who is started.\n";

const struct attack attacks[] = {
	{ .name = "index-jump", .round = attack_index_jump },
	{ .name = "index-back", .round = attack_index_back },
	{ .name = "sizes", .round = attack_sizes },
	{ .name = "growth", .round = attack_growth },
	{ .name = "scribble", .round = attack_scribble },
	{ .name = "storm", .round = attack_storm },
	{ .name = "never-reads", .round = attack_never_reads },
	{ .name = "never-closes", .round = attack_never_closes },
	{ .name = "leaves", .round = attack_leaves },
	{ .name = "requests", .round = attack_requests, .by_hand = true },
	{ .name = "half-requests",
	  .round = attack_half_requests,
	  .by_hand = true,
	  .no_role = true },
	{ .name = "churn", .round = attack_churn, .by_hand = true, .no_role = true },
	{ .name = "remove", .round = attack_remove, .by_hand = true, .no_role = true },
	{ .name = "dies", .round = attack_dies },
	{ .name = "stops", .round = attack_stops },
	{ .name = "liar", .round = pose_liar, .poses = true },
	{ .name = "nonsense",
	  .round = pose_nonsense,
	  .poses = true,
	  .by_hand = true,
	  .no_role = true },
	{ .name = "silent", .round = pose_silent, .poses = true, .by_hand = true },
	{ .name = "dying", .round = pose_dying, .poses = true },
	{ .name = "stopping", .round = pose_stopping, .poses = true },
	{ 0 },
};

static volatile sig_atomic_t ended;

static void note_end(int signal)
{
	(void)signal;
	ended = 1;
}

static int list(void)
{
	for (const struct attack *at = attacks; at->name; at++)
		printf("%s %s %s\n", at->name, at->poses ? "listener" : "client",
		       at->no_role ? "map" : "grant map");
	return 0;
}

static bool parse_role(const char *text, enum xsock_role *role)
{
	*role = !strcmp(text, "grant") ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	return *role == XSOCK_ROLE_GRANT || !strcmp(text, "map");
}

static const struct attack *find(const char *name, bool poses)
{
	for (const struct attack *at = attacks; at->name; at++)
		if (!strcmp(at->name, name) && at->poses == poses)
			return at;
	return NULL;
}

static void attack_until_ended(const struct attack *attack, struct attacker *attacker)
{
	struct sigaction action = { .sa_handler = note_end };
	/* Keeps what is written by hand from being taken for a dead process's leftovers. */
	struct xsock *presence = attack->by_hand ? xsock_listen("presence", NULL) : NULL;

	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (!ended && getppid() != 1) {
		attack->round(attacker);
		attacker->round++;
	}
	xsock_close(presence);
}

static struct attacker attacker_of(const char *address, unsigned victim, const char *service,
				   enum xsock_role role)
{
	return (struct attacker){ .address = address,
				  .domain = victim,
				  .service = service,
				  .options = { .role = role,
					       .send_ring = RING,
					       .recv_ring = RING,
					       .connect_timeout = 1000,
					       .send_timeout = 200,
					       .recv_timeout = 200 } };
}

static int attack(const char *name, const char *address, const char *role_text)
{
	const struct attack *attack = find(name, false);
	const char *slash = strchr(address, '/');
	struct attacker attacker;
	enum xsock_role role;

	if (!attack || !slash || !parse_role(role_text, &role))
		return 2;
	attacker = attacker_of(address, (unsigned)strtoul(address, NULL, 10), slash + 1, role);
	attack_until_ended(attack, &attacker);
	return 0;
}

static int pose(const char *name, const char *victim, const char *service, const char *role_text)
{
	const struct attack *attack = find(name, true);
	struct attacker attacker;
	enum xsock_role role;

	if (!attack || !parse_role(role_text, &role))
		return 2;
	attacker = attacker_of(NULL, (unsigned)strtoul(victim, NULL, 10), service, role);
	attack_until_ended(attack, &attacker);
	return 0;
}

static int sweep(void)
{
	struct xsock *broom = xsock_listen("broom", NULL);

	if (!broom)
		fprintf(stderr, "hostile: %s\n", xsock_last_error());
	xsock_close(broom);
	return broom ? 0 : 1;
}

static int honest(const char *what, const char *address, const char *role_text, const char *number)
{
	unsigned count = (unsigned)strtoul(number, NULL, 10);
	enum xsock_role role;

	if (count == 0 || !parse_role(role_text, &role))
		return 2;
	if (!strcmp(what, "visit"))
		return visit(address, role, count, 0);
	if (!strcmp(what, "measure"))
		return visit(address, role, 0, count);
	return strcmp(what, "suffer") ? 2 : suffer(address, role, count);
}

static int run(int count, char **words)
{
	if (count == 1 && !strcmp(words[0], "list"))
		return list();
	if (count == 1 && !strcmp(words[0], "sweep"))
		return sweep();
	if (count == 2 && !strcmp(words[0], "serve"))
		return serve(words[1]);
	if (count == 4 && !strcmp(words[0], "attack"))
		return attack(words[1], words[2], words[3]);
	if (count == 5 && !strcmp(words[0], "pose"))
		return pose(words[1], words[2], words[3], words[4]);
	return count == 4 ? honest(words[0], words[1], words[2], words[3]) : 2;
}

int main(int argc, char **argv)
{
	int status = run(argc - 1, argv + 1);

	if (status == 2)
		fputs(usage, stderr);
	return status;
}

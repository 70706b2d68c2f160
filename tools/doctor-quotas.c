/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-quotas.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "inspect/domain.h"
#include "inspect/sockets.h"
#include "inspect/text.h"
#include "store.h"
#include "verdicts.h"

/* xenstored's defaults. */
#define NODES 1000u
#define WATCHES 128u
#define LOOKED_AT_MOST (4 * NODES)
#define DOMAINS 0x7ff0u /* the numbers from here on are Xen's own */

struct quota {
	unsigned nodes, watches;
};

/* `whose`: what of the watches was counted. */
static void tell(unsigned domain, const struct quota *used, const struct quota *most,
		 const char *whose)
{
	bool full = used->nodes >= most->nodes || used->watches >= most->watches;
	bool tight = used->nodes >= most->nodes / 4 * 3 || used->watches >= most->watches / 4 * 3;
	char subject[32], mend[96];

	snprintf(subject, sizeof subject, "XenStore, domain %u", domain);
	snprintf(mend, sizeof mend, "in domain 0: xenstore-control quota set %s %u",
		 used->nodes >= most->nodes / 4 * 3 ? "nodes" : "watches",
		 used->nodes >= most->nodes / 4 * 3 ? 4 * most->nodes : 4 * most->watches);
	verdict(full    ? VERDICT_PROBLEM
		: tight ? VERDICT_WARNING
			: VERDICT_OK,
		subject, tight ? mend : NULL, "%u of %u nodes and %u of %u watches are in use%s",
		used->nodes, most->nodes, used->watches, most->watches, whose);
}

/* ------------------------------------------------------------------ domain 0 */

/* "nodes   :   1000 ...", in lines. */
static bool read_line(const char *text, const char *name, unsigned *number)
{
	uint64_t value;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, strlen(name)))
			continue;
		line += strlen(name);
		line += strspn(line, " :");
		if (text_number(line, 10, &value) && value <= UINT_MAX) {
			*number = (unsigned)value;
			return true;
		}
	}
	return false;
}

/* Of a domain, or with "" what all may have. Not every xenstored can tell. */
static bool ask(struct xs_handle *store, const char *domain, struct quota *quota)
{
	char argument[16];
	unsigned length = (unsigned)snprintf(argument, sizeof argument, "%s", domain);
	char *text = xs_control_command(store, "quota", argument, length ? length + 1 : 0);
	bool good = text && read_line(text, "nodes", &quota->nodes) &&
		    read_line(text, "watches", &quota->watches);

	free(text);
	return good;
}

void doctor_guests_quotas(struct xs_handle *store)
{
	struct quota most = { NODES, WATCHES }, used;
	unsigned count, domain;
	char **domains;

	if (!ask(store, "", &most))
		verdict(VERDICT_WARNING, "XenStore, quotas", NULL,
			"xenstored does not say how much of them is in use: %s", strerror(errno));
	if (!store_list(store, "/local/domain", &domains, &count)) {
		verdict(VERDICT_PROBLEM, "XenStore, quotas", NULL, "domains cannot be listed");
		return;
	}
	for (unsigned i = 0; i < count; i++)
		if (store_number(domains[i], &domain) && domain != 0 &&
		    ask(store, domains[i], &used))
			tell(domain, &used, &most, "");
	free(domains);
}

/* ------------------------------------------------------------------ a guest */

struct walk {
	struct xs_handle *store;
	unsigned domain, owned, looked_at;
	int error; /* of a node that is there, and the guest's to read */
};

static void count_node(struct walk *walk, const char *path)
{
	unsigned count;
	struct xs_permissions *permissions =
		xs_get_permissions(walk->store, XBT_NULL, path, &count);

	if (!permissions && errno != ENOENT && errno != EACCES)
		walk->error = errno;
	walk->looked_at++;
	walk->owned += permissions && count && permissions[0].id == walk->domain;
	free(permissions);
}

/* A guest's tree is a few levels deep, and its quota bounds it. */
static void count_below(struct walk *walk, const char *path)
{
	char child[STORE_PATH];
	unsigned count;
	char **names = xs_directory(walk->store, XBT_NULL, path, &count);

	if (!names && errno != ENOENT && errno != EACCES)
		walk->error = errno;
	count_node(walk, path);
	for (unsigned i = 0; names && i < count && walk->looked_at < LOOKED_AT_MOST; i++)
		if ((size_t)snprintf(child, sizeof child, "%s/%s", path, names[i]) < sizeof child)
			count_below(walk, child);
	free(names);
}

/* One for each listener, and one of each process for each domain that it is connected with. */
static bool count_watches(const struct platform *platform, unsigned *count)
{
	bool seen[DOMAINS] = { false }; /* by the process whose sockets are looked at */
	struct sockets sockets = { 0 };
	bool good = !sockets_collect(platform, false, &sockets);
	int process = 0;

	*count = 0;
	for (size_t i = 0; i < sockets.count; i++) {
		const struct socket_view *view = &sockets.view[i];
		uint64_t peer = view->field[CONNECTION_PEER];

		if (view->process != process)
			memset(seen, 0, sizeof seen);
		process = view->process;
		if (view->kind == REGISTRY_LISTENER) {
			++*count;
		} else if (peer < DOMAINS) {
			*count += !seen[peer];
			seen[peer] = true;
		}
	}
	sockets_clear(&sockets);
	return good;
}

void doctor_own_quotas(struct xs_handle *store, const struct platform *platform)
{
	const struct quota most = { NODES, WATCHES };
	struct walk walk = { .store = store, .domain = domain_number(platform) };
	struct quota used;
	char path[STORE_PATH];
	unsigned watches;

	snprintf(path, sizeof path, "/local/domain/%u", walk.domain);
	count_below(&walk, path);
	if (walk.error)
		verdict(VERDICT_PROBLEM, path, NULL, "its nodes cannot be counted: %s",
			strerror(walk.error));
	if (!count_watches(platform, &watches))
		verdict(VERDICT_PROBLEM, path, NULL, "its watches cannot be counted: %s",
			inspect_failure());
	used = (struct quota){ walk.owned, watches };
	tell(walk.domain, &used, &most, ", of the watches those of xsock");
}

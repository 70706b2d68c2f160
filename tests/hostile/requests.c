/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be written into the store by hand: requests that nobody stands behind, halves of them,
 * nodes that come and go. */
#include "hostile.h"

#include "conn/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REQUESTS 500 /* a round */

/* As fast as xenstored answers a guest, or faster. The local platform's store is a file with a
 * lock, which keeps nobody out who may use it: whoever never lets go of it stops everybody. */
static void pace(void)
{
	const struct timespec moment = { .tv_nsec = 30000 };

	attacker_began();
	if (!strcmp(attacker_platform()->ops->name, "local"))
		nanosleep(&moment, NULL);
}

static void path_of(const struct attacker *attacker, const char *name, char path[STORE_PATH_MAX])
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s/any%s%s",
		 attacker->domain, attacker->service, *name ? "/" : "", name);
}

static void path_of_number(const struct attacker *attacker, unsigned number,
			   char path[STORE_PATH_MAX])
{
	char name[32];

	snprintf(name, sizeof name, "%016x", number);
	path_of(attacker, name, path);
}

static struct store_permissions for_two(const struct attacker *attacker)
{
	return (struct store_permissions){ .owner = attacker_platform()->self,
					   .count = 1,
					   .grantee = { { attacker->domain, ACCESS_BOTH } } };
}

static void clear(const struct attacker *attacker)
{
	char path[STORE_PATH_MAX];

	for (unsigned number = 1; number <= REQUESTS; number++) {
		path_of_number(attacker, number, path);
		attacker_platform()->ops->store_remove(attacker_store(), path);
		pace();
	}
}

/* A mapper's are valid, and make the listener grant; it never answers. A granter's offer pages and
 * ports that are not there. */
void attack_requests(struct attacker *attacker)
{
	struct store_permissions permissions = for_two(attacker);
	bool grants = attacker->options.role == XSOCK_ROLE_GRANT;
	char path[STORE_PATH_MAX], text[160];

	for (unsigned number = 1; number <= REQUESTS; number++) {
		path_of_number(attacker, number, path);
		snprintf(text, sizeof text,
			 "xsock=1 role=%d direction=0 send=4096 recv=4096 nonce=%x%s",
			 (int)attacker->options.role, number, grants ? " ref=77 port=99" : "");
		attacker_platform()->ops->store_put(attacker_store(), path, text, &permissions);
		pace();
	}
	clear(attacker);
}

static const char *const halves[] = {
	"",
	"xsock",
	"xsock=1",
	"xsock=1 role=2 direction=0 send=4096 recv=",
	"xsock=1 role=2 direction=0 send=4096 recv=4096",
	"xsock=1 role=2 direction=0 send=4097 recv=4096 nonce=1",
	"xsock=1 role=2 direction=0 send=4294967295 recv=4096 nonce=1",
	"xsock=2 role=2 direction=0 send=4096 recv=4096 nonce=1",
	"xsock=1 xsock=1",
	"xsock=1 error=0 why=1",
	"\x01\xff\xfe garbage",
};

void attack_half_requests(struct attacker *attacker)
{
	const struct platform_ops *ops = attacker_platform()->ops;
	struct store_permissions permissions = for_two(attacker);
	char path[STORE_PATH_MAX], name[200];

	for (unsigned number = 1; number <= REQUESTS; number++) {
		path_of_number(attacker, number, path);
		ops->store_write(attacker_store(), path,
				 halves[number % (sizeof halves / sizeof halves[0])]);
		/* Some never get their last permissions, some shut the listener out. */
		permissions.grantee[0].access = number % 7 == 0 ? ACCESS_NONE : ACCESS_BOTH;
		if (number % 3 != 0)
			ops->store_set_permissions(attacker_store(), path, &permissions);
		pace();
	}
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	path_of(attacker, name, path);
	ops->store_write(attacker_store(), path, "long");
	ops->store_remove(attacker_store(), path);
	clear(attacker);
}

/* Under names of which none comes twice. */
void attack_churn(struct attacker *attacker)
{
	const struct platform_ops *ops = attacker_platform()->ops;
	static unsigned number = REQUESTS;
	char path[STORE_PATH_MAX];

	for (int count = 0; count < REQUESTS; count++) {
		path_of_number(attacker, ++number, path);
		ops->store_write(attacker_store(), path, "x");
		pace();
		ops->store_remove(attacker_store(), path);
		pace();
	}
}

/* The place of all requests, with those of others in it: whoever may write there can do that. */
void attack_remove(struct attacker *attacker)
{
	char path[STORE_PATH_MAX];

	path_of(attacker, "", path);
	attacker_platform()->ops->store_remove(attacker_store(), path);
	attacker_began();
	doze(20);
}

/* -- as a listener ---------------------------------------------------------------------------- */

static void announce(struct attacker *attacker, const char *text)
{
	struct platform *platform = attacker_platform();
	struct store_permissions readable = { .owner = platform->self, .others = ACCESS_READ };
	struct store_permissions open = { .owner = platform->self, .others = ACCESS_BOTH };
	char path[STORE_PATH_MAX];

	path_service(path, platform->self, attacker->service);
	platform->ops->store_put(attacker_store(), path, text, &readable);
	path_requests(path, platform->self, attacker->service, true, 0);
	platform->ops->store_put(attacker_store(), path, "", &open);
	attacker_began();
}

void pose_nonsense(struct attacker *attacker)
{
	announce(attacker, halves[attacker->round % (sizeof halves / sizeof halves[0])]);
	doze(20);
}

/* Answers every request with a text that is none, or that nothing stands behind. */
static void answer_all(struct attacker *attacker)
{
	static const char *const answers[] = {
		"xsock=1 error=0 ref=77 port=99",
		"xsock=1 error=0",
		"xsock=1 error=99",
		"xsock=1 error=6 why=4294967295",
		"xsock=1 error=5 why=12",
		"nonsense",
		"",
	};
	struct platform *platform = attacker_platform();
	char requests[STORE_PATH_MAX], path[STORE_PATH_MAX];
	char *names;

	path_requests(requests, platform->self, attacker->service, true, 0);
	if (platform->ops->store_list(attacker_store(), requests, &names) != 0)
		return;
	for (const char *name = names; *name; name += strlen(name) + 1) {
		snprintf(path, sizeof path, "%.200s/%.40s", requests, name);
		platform->ops->store_write(attacker_store(), path,
					   answers[dice(sizeof answers / sizeof answers[0])]);
	}
	free(names);
}

/* Every other time it answers nothing at all. */
void pose_silent(struct attacker *attacker)
{
	announce(attacker, "xsock=1 role=0 direction=0 send=0 recv=0 max=16777216 open=1 "
			   "start=0 grow=1048576");
	doze(2);
	if (attacker->round / 100 % 2 == 0)
		answer_all(attacker);
}

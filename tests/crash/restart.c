/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restart.h"

#include "contract/side.h"
#include "death.h"
#include "group.h"
#include "integration/stream.h"
#include "judge.h"
#include "support/directory.h"
#include "support/leaks.h"
#include "victim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTENER 2u
#define CLIENTS 3u
#define LIVES 1000000u
#define LIFE 30000u           /* us a listener lives, at most */
#define CONNECT_LIMIT 300     /* ms */
#define SERVED_LIMIT 30000000 /* us until the last listener has served all */

/* Shared with the clients. */
struct clients {
	_Atomic bool over;
	_Atomic uint64_t served[CLIENTS];
};

static struct plan plan_of_client(unsigned client)
{
	return (struct plan){ .victim_listens = true,
			      .victim_grants = true,
			      .flow = FLOW_BOTH,
			      .rings = RINGS_DEFAULT,
			      .waiting = WAIT_IN_POLL,
			      .awaits = client % 2,
			      .longest = 20000 };
}

/* ------------------------------------------------------------------ a client */

static bool is_served(const struct plan *plan, struct xsock *socket, uint64_t *random,
		      struct account *account)
{
	struct life life = { .plan = plan,
			     .socket = socket,
			     .random = random,
			     .out = { .open = true },
			     .in = { .open = true },
			     .enough = UINT64_MAX };

	life.out.tag = stream_random(random, UINT64_MAX);
	life.out.length = STREAM_HEADER + stream_random(random, plan->longest);
	life_live(&life);
	judge_life(&life, account);
	CHECK(xsock_close(socket) == 0);
	return life.out_error == 0 && life.in_error == 0;
}

static void attempt(const struct plan *plan, uint64_t *random, struct account *account,
		    _Atomic uint64_t *served)
{
	struct xsock_options options = plan_options(plan, false);
	int64_t began = now_us();
	struct xsock *socket;
	char address[32];

	options.connect_timeout = CONNECT_LIMIT;
	snprintf(address, sizeof address, "%u/" CRASH_SERVICE, LISTENER);
	socket = xsock_connect(address, &options);
	if (socket)
		*served += is_served(plan, socket, random, account);
	else
		judge_refusal(errno, began, CONNECT_LIMIT, account);
}

static void be_client(unsigned client, uint64_t seed, struct clients *clients,
		      struct account *account)
{
	const struct plan plan = plan_of_client(client);
	struct leaks before;

	leaks_take(&before);
	while (!clients->over)
		attempt(&plan, &seed, account, &clients->served[client]);
	CHECK(leaks_none(&before, stdout));
	leaks_free(&before);
	exit(0);
}

/* ------------------------------------------------------------------ the listener */

static pid_t start_listener(uint64_t seed, struct account *account)
{
	const struct plan plan = plan_of_client(0);
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		directory_play(LISTENER);
		victim_run(&plan, 0, seed, LIVES, account);
	}
	return child;
}

static bool kill_listeners(uint64_t *random, unsigned deaths, struct account *account)
{
	for (unsigned at = 0; at < deaths; at++) {
		struct death death = { .delay = (unsigned)stream_random(random, LIFE) };
		pid_t listener = start_listener(stream_random(random, UINT64_MAX), account);

		if (death_come(listener, &death, account) != DEATH_KILLED)
			return false;
	}
	return true;
}

static bool all_are_served(struct clients *clients)
{
	int64_t end = now_us() + SERVED_LIMIT;
	bool all = false;

	for (unsigned at = 0; at < CLIENTS; at++)
		clients->served[at] = 0;
	while (!all && now_us() < end) {
		all = true;
		/* The first may have been another listener's. */
		for (unsigned at = 0; at < CLIENTS; at++)
			all = clients->served[at] > 1 && all;
		usleep(1000);
	}
	return all;
}

/* The last one serves all before it dies too. */
static bool serve_all(struct clients *clients, uint64_t *random, struct account *account)
{
	struct death death = { 0 };
	pid_t listener = start_listener(stream_random(random, UINT64_MAX), account);
	bool all = all_are_served(clients);

	if (!all)
		printf("# not all clients were served\n");
	clients->over = true;
	return death_come(listener, &death, account) == DEATH_KILLED && all;
}

/* ------------------------------------------------------------------ all together */

static bool ended_well(pid_t child)
{
	int status = -1;

	return waitpid(child, &status, 0) == child && status == 0;
}

bool restart_many(uint64_t seed, unsigned deaths, struct account *account)
{
	char directory[] = "/dev/shm/xsock-crash-XXXXXX";
	struct clients *clients = mmap(NULL, sizeof *clients, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[CLIENTS];
	bool good;

	if (clients == MAP_FAILED || !directory_make(directory))
		return false;
	for (unsigned at = 0; at < CLIENTS; at++) {
		fflush(stdout);
		directory_play(LISTENER + 1 + at);
		children[at] = fork();
		if (children[at] == 0)
			be_client(at, seed + at, clients, account);
	}
	good = kill_listeners(&seed, deaths, account);
	good = serve_all(clients, &seed, account) && good;
	for (unsigned at = 0; at < CLIENTS; at++)
		good = ended_well(children[at]) && good;
	good = group_use(LISTENER) && directory_is_clean(directory, stdout) && good;
	directory_remove(directory);
	munmap(clients, sizeof *clients);
	return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define APART 50 /* where descriptors are put on their way to the actor's numbers */

void setup_path(const struct setup *setup, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", setup->directory, name);
}

static void arrange(const int theirs[PERFORMERS], const int pass[2])
{
	int apart[PERFORMERS + 2];

	for (int at = 0; at < PERFORMERS + 2; at++) {
		int fd = at < PERFORMERS ? theirs[at] : pass[at - PERFORMERS];

		apart[at] = fcntl(fd, F_DUPFD_CLOEXEC, APART);
	}
	for (int at = 0; at < PERFORMERS + 2; at++)
		if (dup2(apart[at], CHANNEL(at)) < 0)
			_exit(2);
}

static void run_carried(const struct setup *setup, enum end end)
{
	char hosts[256], log[256], store[256], wait[16], who[8];
	const char *arguments[16];
	int count = 0;

	setup_path(setup, "hosts", hosts, sizeof hosts);
	setup_path(setup, "log", log, sizeof log);
	setup_path(setup, "store", store, sizeof store);
	snprintf(wait, sizeof wait, "%d", setup->wait);
	snprintf(who, sizeof who, "%d", MAIN);
	setenv("XSOCK_PLATFORM", "local", 1);
	setenv("XSOCK_LOCAL_DIR", store, 1);
	setenv("XSOCK_LOCAL_DOMAIN", end == A ? "1" : "2", 1);
	if (setup->chaos)
		setenv("XSOCK_RUN_CHAOS", setup->chaos, 1);
	arguments[count++] = setup->run;
	arguments[count++] = "--log";
	arguments[count++] = log;
	arguments[count++] = "--hosts";
	arguments[count++] = hosts;
	if (setup->strict)
		arguments[count++] = "--strict";
	if (setup->wait >= 0) {
		arguments[count++] = "--wait";
		arguments[count++] = wait;
	}
	if (setup->ring) {
		arguments[count++] = "--ring";
		arguments[count++] = setup->ring;
	}
	arguments[count++] = setup->self;
	arguments[count++] = "--actor";
	arguments[count++] = who;
	arguments[count] = NULL;
	execv(setup->run, (char *const *)(uintptr_t)arguments);
	perror(setup->run);
	_exit(2);
}

static void run_child(const struct setup *setup, enum end end, const int theirs[PERFORMERS],
		      const int pass[2])
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(nothing, STDIN_FILENO);
	arrange(theirs, pass);
	if (setup->run)
		run_carried(setup, end);
	execl(setup->self, setup->self, "--actor", "0", (char *)NULL);
	perror(setup->self);
	_exit(2);
}

static bool open_channels(struct actor_end *actor, int theirs[PERFORMERS], int pass[2])
{
	for (int at = 0; at < PERFORMERS; at++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
			return false;
		actor->channels[at] = pair[0];
		theirs[at] = pair[1];
	}
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pass) == 0;
}

static void close_all(int *descriptors, int count)
{
	for (int at = 0; at < count; at++) {
		if (descriptors[at] >= 0)
			close(descriptors[at]);
		descriptors[at] = -1;
	}
}

void close_channels(struct actor_end *actor)
{
	close_all(actor->channels, PERFORMERS);
}

bool spawn_actor(const struct setup *setup, enum end end, struct actor_end *actor)
{
	int theirs[PERFORMERS] = { -1, -1, -1 }, pass[2] = { -1, -1 };

	*actor = (struct actor_end){ .pid = -1, .channels = { -1, -1, -1 } };
	if (open_channels(actor, theirs, pass))
		actor->pid = fork();
	if (actor->pid == 0)
		run_child(setup, end, theirs, pass);
	close_all(theirs, PERFORMERS);
	close_all(pass, 2);
	actor->ids[MAIN] = actor->pid;
	if (actor->pid < 0) {
		perror("soak: an actor");
		close_channels(actor);
	}
	return actor->pid > 0;
}

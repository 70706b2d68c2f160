/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies of descriptors, and their end. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/epoll.h>
#include <unistd.h>

#define APART 700 /* what close_range and closefrom get is put there first */
#define TOP 2000

static int dup_by(int variant, int fd)
{
	switch (variant) {
	case 1:
		return fcntl(fd, F_DUPFD, 0);
	case 2:
		return fcntl(fd, F_DUPFD_CLOEXEC, FROM_HUNDRED);
	case 3:
		return fcntl(fd, F_DUPFD, FROM_HIGH);
	case 4:
		return dup2(fd, 300);
	case 5:
		return dup3(fd, 301, O_CLOEXEC);
	case 6:
		return dup2(fd, FROM_HIGH + 100);
	default:
		return dup(fd);
	}
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Into the slot `other`. A fixed number that is taken already is not taken again. */
void act_dup(struct actor *actor, const struct request *request, struct reply *reply)
{
	static const int fixed[7] = { [4] = 300, [5] = 301, [6] = FROM_HIGH + 100 };
	int variant = request->variant, fd;

	(void)actor;
	if (fixed[variant] && is_open(fixed[variant]))
		variant = 0;
	fd = dup_by(variant, slots[request->slot]);
	outcome_descriptor(reply, fd);
	if (fd < 0)
		return;
	slots[request->other] = fd;
	reply->value = fcntl(slots[request->other], F_GETFD) & FD_CLOEXEC;
	say(reply, " cloexec %d", (int)reply->value);
}

/* Over the descriptor in `other`, which may be of another connection, or the very same. */
/* For a descriptor of which a copy stays open. */
static void leave_sets(const struct request *request, int fd)
{
	struct epoll_event none = { 0 };

	for (int at = 0; request->argument && at < EPOLLS; at++)
		if (epolls[at] >= 0)
			epoll_ctl(epolls[at], EPOLL_CTL_DEL, fd, &none);
}

void act_dup_onto(struct actor *actor, const struct request *request, struct reply *reply)
{
	int from = slots[request->slot], to = slots[request->other];
	int result;

	(void)actor;
	if (from != to)
		leave_sets(request, to);
	result = request->variant ? dup3(from, to, O_CLOEXEC) : dup2(from, to);
	outcome(reply, result < 0 ? -1 : 0);
	if (result >= 0 && result != to)
		say(reply, " !! another descriptor");
	reply->value = fcntl(to, F_GETFD) & FD_CLOEXEC;
	say(reply, " cloexec %d", (int)reply->value);
}

void act_close(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];

	(void)actor;
	leave_sets(request, fd);
	outcome(reply, request->variant ? close_range((unsigned)fd, (unsigned)fd, 0) : close(fd));
	slots[request->slot] = -1;
}

/* Above every slot's descriptor; the library under test keeps its own there too, and must go on. */
static void closefrom_apart(struct reply *reply)
{
	if (dup2(APART, TOP) != TOP)
		say(reply, " dup2 %d", errno);
	close(APART);
	close(APART + 1);
	closefrom(TOP);
	if (is_open(TOP))
		say(reply, " !! still open");
}

/* Puts the descriptor apart, closes it at its old place, then it and all there by `variant`. */
void act_close_range(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];

	(void)actor;
	leave_sets(request, fd);
	if (dup2(fd, APART) != APART || dup2(fd, APART + 1) != APART + 1)
		say(reply, " dup2 %d", errno);
	close(fd);
	if (request->variant == 0) {
		outcome(reply, close_range(APART, APART + 1, 0));
	} else if (request->variant == 1) {
		close(APART);
		outcome(reply, close_range(APART, APART + 100, 0));
	} else if (request->variant == 2) {
		closefrom_apart(reply);
	} else {
		outcome(reply, close_range(APART, APART + 1, CLOSE_RANGE_CLOEXEC));
		say(reply, " cloexec %d", fcntl(APART, F_GETFD));
		close(APART);
		close(APART + 1);
	}
	if (is_open(APART) || is_open(APART + 1))
		say(reply, " !! still open");
	slots[request->slot] = -1;
}

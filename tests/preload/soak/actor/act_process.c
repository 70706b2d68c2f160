/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More processes and threads of one end; and what this one holds. */
#include "actor.h"

#include "support/leaks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;
static pthread_t thread;

/* The child serves its own channel from here on, by the loop that its parent was in. */
void act_fork(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)request;
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(CHANNEL(MAIN));
		close(CHANNEL(THREAD));
		actor->who = CHILD;
		actor->channel = CHANNEL(CHILD);
		actor->mute = true;
		return;
	}
	outcome(reply, child > 0 ? 0 : -1);
	reply->value = child;
}

static void describe_slots(char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (int slot = 0; slot < ALL_SLOTS; slot++) {
		int flags = slots[slot] < 0 ? FD_CLOEXEC : fcntl(slots[slot], F_GETFD);

		if (!(flags & FD_CLOEXEC))
			length += (size_t)snprintf(text + length, size - length, "%d=%d,", slot,
						   slots[slot]);
	}
}

/* Goes on as the same program, which replies when it runs. */
void act_exec(struct actor *actor, const struct request *request, struct reply *reply)
{
	char path[512] = "", who[8], inherited[200];

	(void)request;
	for (int at = 0; at < EPOLLS; at++)
		if (epolls[at] >= 0)
			close(epolls[at]);
	if (readlink("/proc/self/exe", path, sizeof path - 1) < 0) {
		outcome(reply, -1);
		return;
	}
	snprintf(who, sizeof who, "%d", (int)actor->who);
	describe_slots(inherited, sizeof inherited);
	execl(path, path, "--actor", who, inherited, (char *)NULL);
	outcome(reply, -1);
}

/* Of the child, or with `variant` of the thread. */
void act_reap(struct actor *actor, const struct request *request, struct reply *reply)
{
	int status = -1;

	(void)actor;
	if (request->variant) {
		outcome(reply, pthread_join(thread, NULL));
		return;
	}
	/* After exec the child is still this process's, but nobody told. */
	outcome(reply, waitpid(child > 0 ? child : -1, &status, 0) > 0 ? 0 : -1);
	child = 0;
	say(reply, " status %#x", (unsigned)status);
}

static void *serve_thread(void *argument)
{
	struct reply ready = { .value = gettid() };
	struct actor actor;
	sigset_t set;

	(void)argument;
	/* The timer's signals are meant for the first thread. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	actor_prepare(&actor, THREAD);
	if (wire_put(actor.channel, &ready, sizeof ready))
		actor_serve(&actor);
	return NULL;
}

void act_thread(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	(void)request;
	outcome(reply, pthread_create(&thread, NULL, serve_thread, NULL));
}

/* With `variant` at once, without what exit does. */
void act_end(struct actor *actor, const struct request *request, struct reply *reply)
{
	outcome(reply, 0);
	actor->ended = true;
	if (request->variant) {
		wire_put(actor->channel, reply, sizeof *reply);
		_exit(0);
	}
}

/* -- descriptors from process to process ------------------------------------------------------ */

union rights {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

void act_pass(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct iovec piece = { .iov_base = actor->buffer, .iov_len = 1 };
	union rights rights = { 0 };
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof rights };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &slots[request->slot], sizeof(int));
	outcome(reply, sendmsg(PASS_FROM, &message, 0));
}

void act_catch(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct iovec piece = { .iov_base = actor->buffer, .iov_len = 1 };
	union rights rights = { 0 };
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof rights };

	outcome(reply, recvmsg(PASS_TO, &message, request->variant ? MSG_CMSG_CLOEXEC : 0));
	if (reply->result == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&slots[request->slot], CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	if (slots[request->slot] < 0 || slots[request->slot] >= FROM_HUNDRED)
		say(reply, " !! descriptor %d", slots[request->slot]);
}

/* -- what is held ----------------------------------------------------------------------------- */

/* `variant` 1: this is what may be held from now on; 2: what is held beyond that goes to stderr. */
void act_census(struct actor *actor, const struct request *request, struct reply *reply)
{
	static struct leaks allowed;
	struct leaks held;

	(void)actor;
	if (request->variant == 1) {
		leaks_free(&allowed);
		leaks_take(&allowed);
	} else if (request->variant == 2) {
		leaks_none(&allowed, stderr);
		fflush(stderr);
	}
	leaks_take(&held);
	reply->value = (int64_t)leaks_count(&held, "descriptor ");
	reply->moved = (int64_t)leaks_count(&held, "mapping ");
	leaks_free(&held);
}

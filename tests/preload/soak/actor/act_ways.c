/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Less usual ways of bytes: pipes, stdio, out of band. */
#include "actor.h"

#include "common/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT 5000 /* ms */

static void close_both(int ends[2])
{
	int error = errno;

	close(ends[0]);
	close(ends[1]);
	errno = error;
}

/* At most what a pipe holds. */
void act_splice_out(struct actor *actor, const struct request *request, struct reply *reply)
{
	size_t length = (size_t)request->length;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		outcome(reply, -1);
		return;
	}
	fill_buffer(actor, request, request->position, length);
	if (write(ends[1], actor->buffer, length) != (ssize_t)length)
		say(reply, " !! pipe");
	outcome(reply, splice(ends[0], NULL, slots[request->slot], NULL, length,
			      (unsigned)request->flags));
	reply->moved = reply->result > 0 ? reply->result : 0;
	close_both(ends);
}

/* splice moves as many bytes as it likes: here until all that are there have come. */
void act_splice_in(struct actor *actor, const struct request *request, struct reply *reply)
{
	size_t length = (size_t)request->length, done = 0;
	ssize_t count = 1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		outcome(reply, -1);
		return;
	}
	wipe_buffer(actor, length);
	while (done < length && count > 0) {
		count = splice(slots[request->slot], NULL, ends[1], NULL, length - done,
			       (unsigned)request->flags);
		if (count > 0 && read(ends[0], actor->buffer + done, (size_t)count) != count)
			say(reply, " !! pipe");
		done += count > 0 ? (size_t)count : 0;
	}
	check_bytes(actor, request, reply, request->position, done);
	outcome(reply, count < 0 ? -1 : (int64_t)done);
	reply->moved = (int64_t)done;
	close_both(ends);
}

/* Of a copy of the descriptor, as inetd's children have it. */
static FILE *open_file(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = copy < 0 ? NULL : fdopen(copy, mode);

	if (!file && copy >= 0)
		close(copy);
	return file;
}

void act_print(struct actor *actor, const struct request *request, struct reply *reply)
{
	FILE *file = open_file(slots[request->slot], "w");

	(void)actor;
	if (!file) {
		outcome(reply, -1);
		return;
	}
	outcome(reply, fprintf(file, "line %lld\n", (long long)request->argument));
	if (fflush(file) != 0)
		outcome(reply, -1);
	fclose(file);
}

void act_gets(struct actor *actor, const struct request *request, struct reply *reply)
{
	FILE *file = open_file(slots[request->slot], "r");
	char line[100] = "";

	(void)actor;
	if (!file) {
		outcome(reply, -1);
		return;
	}
	outcome(reply, fgets(line, sizeof line, file) ? (int64_t)strlen(line) : -1);
	line[strcspn(line, "\n")] = '\0';
	say(reply, " \"%s\"", line);
	fclose(file);
}

/* `length` bytes, the urgent one, `argument` bytes. */
void act_urgent_send(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];
	int64_t before, after;

	fill_buffer(actor, request, request->position,
		    (size_t)(request->length + request->argument));
	before = send(fd, actor->buffer, (size_t)request->length, 0);
	outcome(reply, send(fd, "u", 1, MSG_OOB));
	after = send(fd, actor->buffer + request->length, (size_t)request->argument, 0);
	say(reply, " before %lld after %lld", (long long)before, (long long)after);
	reply->moved = (before > 0 ? before : 0) + (after > 0 ? after : 0);
}

static int64_t receive_rest(struct actor *actor, const struct request *request, struct reply *reply,
			    size_t length)
{
	int fd = slots[request->slot], at_mark;
	size_t done = 0;

	wipe_buffer(actor, length);
	while (done < length) {
		ssize_t count;

		at_mark = -1;
		ioctl(fd, SIOCATMARK, &at_mark);
		count = recv(fd, actor->buffer + done, length - done, 0);
		if (request->length == 0)
			say(reply, " mark %d count %zd", at_mark, count);
		if (count <= 0)
			break;
		done += (size_t)count;
	}
	check_bytes(actor, request, reply, request->position, done);
	return (int64_t)done;
}

/* The urgent byte, then the others. With bytes before it the library tells later where it is: only
 * the bytes are compared then. */
void act_urgent_receive(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];
	struct pollfd entry = { .fd = fd, .events = POLLPRI };
	char urgent = '?';

	if (request->length == 0) {
		say(reply, " poll %d", poll(&entry, 1, LIMIT));
		say_events(reply, "revents", (unsigned)entry.revents);
	}
	for (int turn = 0; turn < LIMIT; turn++) {
		outcome(reply, recv(fd, &urgent, 1, MSG_OOB));
		if (reply->error != EINVAL)
			break;
		poll(&entry, 1, 1);
	}
	say(reply, " '%c'", urgent);
	reply->moved =
		receive_rest(actor, request, reply, (size_t)(request->length + request->argument));
	say(reply, " rest %lld", (long long)reply->moved);
}

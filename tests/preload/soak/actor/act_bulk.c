/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many bytes by many calls of random sizes, where only the whole can be compared. */
#include "actor.h"

#include "common/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define LIMIT 10000 /* ms without progress */

/* Waits after EAGAIN; false when nothing came of that. */
static bool ready_again(int fd, short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	if (errno != EAGAIN)
		return false;
	if (poll(&entry, 1, LIMIT) == 1)
		return true;
	errno = ETIME;
	return false;
}

static size_t next_size(const struct request *request, uint64_t *salt, int64_t done)
{
	uint64_t left = (uint64_t)(request->length - done);
	uint64_t size = 1 + random_below(salt, (uint64_t)request->argument);

	return (size_t)(size < left ? size : left);
}

void act_give(struct actor *actor, const struct request *request, struct reply *reply)
{
	uint64_t salt = request->salt;
	int fd = slots[request->slot];

	while (reply->moved < request->length) {
		size_t size = next_size(request, &salt, reply->moved);
		int64_t count;

		fill_buffer(actor, request, request->position + (uint64_t)reply->moved, size);
		count = send_by(request->variant, fd, actor->buffer, size, (int)request->flags,
				random_next(&salt));
		if (count > 0)
			reply->moved += count;
		else if (count == 0 || !ready_again(fd, POLLOUT))
			break;
	}
	outcome(reply, reply->moved == request->length ? reply->moved : -1);
}

static void account(struct actor *actor, const struct request *request, struct reply *reply,
		    size_t count)
{
	if (request->argument2)
		reply->value += (int64_t)bytes_sum(actor->buffer, count);
	else
		check_bytes(actor, request, reply, request->position + (uint64_t)reply->moved,
			    count);
	reply->moved += (int64_t)count;
}

/* With `argument2` set another takes from the same stream: only the sum of the bytes is told. */
void act_take(struct actor *actor, const struct request *request, struct reply *reply)
{
	uint64_t salt = request->salt;
	int fd = slots[request->slot];
	int64_t count = 1;

	while (reply->moved < request->length) {
		struct reply unseen = { 0 };
		size_t size = next_size(request, &salt, reply->moved);

		wipe_buffer(actor, size);
		count = receive_by(request->variant, fd, actor->buffer, size, (int)request->flags,
				   random_next(&salt), &unseen);
		if (count > 0)
			account(actor, request, reply, (size_t)count);
		else if (count == 0 || !ready_again(fd, POLLIN))
			break;
	}
	outcome(reply, count < 0 && reply->moved < request->length ? -1 : reply->moved);
}

static bool writable(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLOUT };

	return poll(&entry, 1, 0) == 1 && (entry.revents & POLLOUT);
}

/* Until nothing more goes in and poll agrees: TCP makes room for a while as it moves bytes across.
 */
void act_fill(struct actor *actor, const struct request *request, struct reply *reply)
{
	static const int families[] = { 0, 3, 4, 5 };
	int fd = slots[request->slot], family = families[request->variant % 4];
	uint64_t salt = request->salt;
	int64_t count;
	int error;

	do {
		size_t size = 1 + (size_t)random_below(&salt, (uint64_t)request->argument);

		fill_buffer(actor, request, request->position + (uint64_t)reply->moved, size);
		count = send_by(family, fd, actor->buffer, size, (int)request->flags,
				random_next(&salt));
		if (count > (int64_t)size)
			say(reply, " !! more than asked: %lld of %zu", (long long)count, size);
		error = errno;
		reply->moved += count > 0 ? count : 0;
	} while (count >= 0 || (error == EAGAIN && writable(fd)));
	errno = error;
	outcome(reply, count);
}

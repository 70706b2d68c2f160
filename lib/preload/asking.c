/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/asking.h"

#include "base/spin.h"
#include "preload/ready.h"
#include "preload/sets.h"
#include "preload/signals.h"
#include "preload/stream.h"
#include "preload/table.h"

#define OF_THREAD static __thread __attribute__((tls_model("initial-exec")))

OF_THREAD struct spin spin = SPIN_INITIALIZER;
OF_THREAD int64_t moment; /* for which the next wait may ask */

static bool has_come(struct stream *stream)
{
	bool come;

	if (stream_stage(stream) != STAGE_RING)
		return false;
	stream_lock_in(stream);
	come = stream_stage(stream) == STAGE_RING && stream->incoming == INCOMING_RING &&
	       !stream->foreign && xsock_recv_ready(stream->ring) == 1;
	stream_unlock_in(stream);
	return come;
}

static bool any_has_come(const void *what)
{
	const struct asked *asked = what;

	/* A handler waits to be let in. */
	if (signals_are_deferred())
		return true;
	for (size_t at = 0; at < asked->count; at++)
		if (has_come(asked->streams[at]))
			return true;
	return false;
}

bool asking_is_due(void)
{
	moment = spin_moment(&spin);
	return moment > 0;
}

enum answer ask(const struct asked *asked)
{
	enum answer answer;

	if (asked->too_many)
		spin_learn(&spin, false);
	if (asked->count == 0 || asked->too_many)
		return ANSWER_NONE;
	/* Or one could run and the wait go on as if it had not. */
	signals_hold();
	answer = spin_ask(moment, any_has_come, asked) ? ANSWER_BYTES : ANSWER_NONE;
	spin_learn(&spin, answer == ANSWER_BYTES);
	if (signals_are_deferred())
		answer = ANSWER_INTERRUPTED;
	signals_release();
	return answer;
}

void asked_show(const struct asked *asked)
{
	for (size_t at = 0; at < asked->count; at++)
		if (has_come(asked->streams[at]))
			ready_look(asked->streams[at]);
}

/* ------------------------------------------------------------------ who is asked */

/* Takes the use over. */
static void add(struct asked *asked, struct stream *stream)
{
	bool carried = stream_stage(stream) == STAGE_RING;

	if (carried && asked->count < ASKED_MOST) {
		asked->streams[asked->count++] = stream;
		return;
	}
	asked->too_many = asked->too_many || carried;
	stream_done(stream);
}

void asked_stream(struct asked *asked, struct stream *stream)
{
	*asked = (struct asked){ .count = 0 };
	stream_use_this(stream);
	add(asked, stream);
}

void asked_entries(struct asked *asked, const struct pollfd *entries, size_t count)
{
	*asked = (struct asked){ .count = 0 };
	for (size_t at = 0; at < count && !asked->too_many; at++) {
		struct stream *stream = NULL;

		if ((entries[at].events & (POLLIN | POLLRDNORM)) != 0)
			stream = stream_use(entries[at].fd);
		if (stream != NULL)
			add(asked, stream);
	}
}

void asked_set(struct asked *asked, int epoll_fd)
{
	*asked = (struct asked){ .count = 0 };
	for (int fd = 0; fd < table_end() && !asked->too_many; fd++) {
		struct stream *stream = stream_use(fd);

		if (stream != NULL && sets_hold(epoll_fd, stream))
			add(asked, stream);
		else if (stream != NULL)
			stream_done(stream);
	}
}

void asked_done(struct asked *asked)
{
	while (asked->count > 0)
		stream_done(asked->streams[--asked->count]);
}

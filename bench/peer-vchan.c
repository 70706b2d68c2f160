/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Xen's libxenvchan. */
#include "adaptors.h"

#include "fail.h"
#include "scenario.h"
#include "vchan-below.h"

#include <libxenvchan.h>
#include <sched.h>
#include <stdio.h>

#define RING_MAX ((size_t)1 << 20)
#define SET_UPS_MAX 1024u

/* struct end is libxenvchan's own; the adaptor adds nothing. */
static struct libxenvchan *channel_of(struct end *end)
{
	return (struct libxenvchan *)(void *)end;
}

static void prepare(const struct plan *plan)
{
	vchan_below_create(plan->scenario == &set_up ? SET_UPS_MAX : plan->connections);
}

static struct end *open_end(const struct plan *plan, enum side side, unsigned index)
{
	size_t ring = plan->ring < RING_MAX ? plan->ring : RING_MAX;
	int server = (int)plan->home[SIDE_LISTENS].domain;
	struct libxenvchan *channel;
	char path[64];

	/* Where a domain that is not trusted may write, too. */
	snprintf(path, sizeof path, "/local/domain/%u/data/bench/%u",
		 plan->home[SIDE_LISTENS].domain, index);
	if (side == SIDE_LISTENS) {
		channel = libxenvchan_server_init(NULL, (int)plan->home[SIDE_CONNECTS].domain, path,
						  ring, ring);
		if (!channel)
			fail_errno("libxenvchan_server_init");
		return (struct end *)(void *)channel;
	}
	/* It cannot wait for a server. */
	while (!(channel = libxenvchan_client_init(NULL, server, path)))
		sched_yield();
	return (struct end *)(void *)channel;
}

static void send_messages(struct end *end, const char *messages, size_t size, unsigned count)
{
	struct libxenvchan *channel = channel_of(end);

	channel->blocking = -1; /* a signed bit */
	for (unsigned i = 0; i < count; i++) {
		int sent = libxenvchan_write(channel, messages + i * size, size);

		if (sent != (int)size)
			fail("libxenvchan_write: %d of %zu bytes", sent, size);
	}
}

static size_t receive(struct end *end, char *buffer, size_t size, bool wait)
{
	struct libxenvchan *channel = channel_of(end);
	int got;

	channel->blocking = wait ? -1 : 0;
	got = libxenvchan_read(channel, buffer, size);
	if (got < 0 || (got == 0 && wait))
		fail("libxenvchan_read: %d", got);
	return (size_t)got;
}

static void close_end(struct end *end)
{
	libxenvchan_close(channel_of(end));
}

static int descriptor(struct end *end)
{
	return libxenvchan_fd_for_select(channel_of(end));
}

static void woken(struct end *end)
{
	if (libxenvchan_wait(channel_of(end)))
		fail_errno("libxenvchan_wait");
}

static void count(struct end *end, struct counters *counters)
{
	(void)end;
	vchan_below_count(counters);
}

static size_t buffer_size(struct end *end)
{
	return (size_t)1 << channel_of(end)->read.order;
}

const struct peer vchan = {
	.name = "vchan",
	.kind = vchan_kind,
	.abilities = ABLE_ALL | ABLE_APART,
	.prepare = prepare,
	.open = open_end,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.descriptor = descriptor,
	.woken = woken,
	.count = count,
	.buffer = buffer_size,
};

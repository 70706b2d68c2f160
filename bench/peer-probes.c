/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the machine itself needs: to tell another processor one cache line, and to wake a sleeper by
 * an eventfd. A message's first 56 bytes are all that goes; when these figures move between two
 * runs, the machine moved.
 */
#include "adaptors.h"

#include "fail.h"
#include "relax.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

struct line {
	_Alignas(128) _Atomic uint64_t word; /* the same number twice is no message */
	char bytes[56];
};

struct end {
	struct line *out, *in;
	int own, other; /* eventfds */
	uint64_t sent, received;
};

static struct line *lines;
static int events[2];
static struct end the_end;

static void prepare_lines(const struct plan *plan)
{
	(void)plan;
	lines = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lines == MAP_FAILED)
		fail_errno("a shared page");
}

static void prepare_events(const struct plan *plan)
{
	prepare_lines(plan);
	for (int side = 0; side < 2; side++) {
		events[side] = eventfd(0, EFD_CLOEXEC);
		if (events[side] < 0)
			fail_errno("eventfd");
	}
}

static struct end *open_end(const struct plan *plan, enum side side, unsigned index)
{
	(void)plan;
	(void)index;
	the_end = (struct end){ .out = &lines[side == SIDE_CONNECTS],
				.in = &lines[side == SIDE_LISTENS],
				.own = events[side],
				.other = events[side == SIDE_LISTENS] };
	return &the_end;
}

static void send_line(struct end *end, const char *messages, size_t size, unsigned count)
{
	(void)size;
	(void)count;
	memcpy(end->out->bytes, messages, sizeof end->out->bytes);
	atomic_store_explicit(&end->out->word, ++end->sent, memory_order_release);
}

static size_t receive_line(struct end *end, char *buffer, size_t size, bool wait)
{
	unsigned asked = 0;

	while (atomic_load_explicit(&end->in->word, memory_order_acquire) == end->received) {
		if (!wait)
			return 0;
		relax(&asked);
	}
	end->received++;
	memcpy(buffer, end->in->bytes, sizeof end->in->bytes);
	return size;
}

static void send_event(struct end *end, const char *messages, size_t size, unsigned count)
{
	uint64_t one = 1;

	send_line(end, messages, size, count);
	if (write(end->other, &one, sizeof one) != sizeof one)
		fail_errno("write to an eventfd");
}

static size_t receive_event(struct end *end, char *buffer, size_t size, bool wait)
{
	uint64_t value;

	(void)wait;
	if (read(end->own, &value, sizeof value) != sizeof value)
		fail_errno("read from an eventfd");
	return receive_line(end, buffer, size, true);
}

static void close_end(struct end *end)
{
	(void)end;
	munmap(lines, 4096);
}

static const char *line_refuses(const struct plan *plan)
{
	if (plan->size != 64 || plan->touch_all)
		return "its message is one cache line";
	return plan->waiting == WAITING_SPIN ? NULL : "it spins, and nothing else";
}

static const char *event_refuses(const struct plan *plan)
{
	if (plan->size != 64 || plan->touch_all)
		return "its message is one cache line";
	return plan->waiting == WAITING_SLEEP ? NULL : "it sleeps, and nothing else";
}

const struct peer cache_line = {
	.name = "cache-line",
	.kind = "limit",
	.abilities = ABLE_ROUND_TRIP,
	.prepare = prepare_lines,
	.open = open_end,
	.send = send_line,
	.receive = receive_line,
	.close = close_end,
	.refuses = line_refuses,
};

const struct peer raw_eventfd = {
	.name = "eventfd",
	.kind = "limit",
	.abilities = ABLE_ROUND_TRIP,
	.prepare = prepare_events,
	.open = open_end,
	.send = send_event,
	.receive = receive_event,
	.close = close_end,
	.refuses = event_refuses,
};

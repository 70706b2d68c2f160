/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/nudge.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>

#include "preload/numbers.h"
#include "preload/real.h"
#include "preload/signals.h"

/* A slot that was used for a nudge stays readable until those who wait on it have gone; new ones
 * wait on another. */
#define SLOTS 64

struct slot {
	bool made; /* so is the descriptor */
	int fd;
	unsigned waiters;
	unsigned use; /* those who wait since an earlier one are not counted */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[SLOTS];
static int current;

static void enter(void)
{
	signals_hold();
	pthread_mutex_lock(&lock);
}

static void leave(void)
{
	pthread_mutex_unlock(&lock);
	signals_release();
}

struct nudge nudge_enter(void)
{
	struct nudge nudge;
	struct slot *slot;

	enter();
	slot = &slots[current];
	if (!slot->made)
		slot->fd = number_raise(real.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	slot->made = slot->fd >= 0;
	slot->waiters++;
	nudge = (struct nudge){ .fd = slot->fd, .slot = current, .use = slot->use };
	leave();
	return nudge;
}

void nudge_leave(struct nudge nudge)
{
	enter();
	if (slots[nudge.slot].use == nudge.use)
		slots[nudge.slot].waiters--;
	leave();
}

static int free_slot(void)
{
	for (int slot = 0; slot < SLOTS; slot++)
		if (slot != current && slots[slot].waiters == 0)
			return slot;
	return -1;
}

void nudge_everybody(void)
{
	eventfd_t count;
	int next;

	enter();
	if (slots[current].waiters > 0) {
		if (slots[current].made)
			eventfd_write(slots[current].fd, 1);
		next = free_slot();
		if (next < 0) {
			/* Left behind by longjmp, or slow to wake up; its descriptor stays as it
			 * is. */
			next = (current + 1) % SLOTS;
			slots[next] = (struct slot){ .use = slots[next].use + 1 };
		}
		if (slots[next].made)
			eventfd_read(slots[next].fd, &count);
		current = next;
	}
	leave();
}

void nudge_forked(void)
{
	pthread_mutex_init(&lock, NULL);
	for (int slot = 0; slot < SLOTS; slot++) {
		if (slots[slot].made)
			number_close(slots[slot].fd);
		slots[slot] = (struct slot){ .use = slots[slot].use + 1 };
	}
}

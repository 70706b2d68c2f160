/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/registry.h"

#include <pthread.h>
#include <string.h>

#include "platform/platform.h"

#include "../unit.h"

#define THREADS 4
#define ROUNDS 20000

static const struct platform_ops ops = { .name = "postal" };
static const struct platform platform = { .ops = &ops, .self = 3 };

/* As many as there is room for, and more, each with a place of its own; then all are free again. */
static void full(void **state)
{
	static char taken[REGISTRY_SLOTS];
	int object;

	(void)state;
	for (int round = 0; round < 2; round++) {
		memset(taken, 0, sizeof taken);
		for (unsigned count = 0; count < REGISTRY_SLOTS; count++) {
			int slot = registry_enter(REGISTRY_LISTENER, &object, &platform);

			assert_in_range(slot, 0, REGISTRY_SLOTS - 1);
			assert_int_equal(taken[slot]++, 0);
		}
		assert_int_equal(registry_enter(REGISTRY_LISTENER, &object, &platform), -1);
		registry_leave(-1);
		for (unsigned count = 0; count < REGISTRY_SLOTS; count++)
			registry_leave((int)count);
	}
}

static char held[REGISTRY_SLOTS];

static void *come_and_go(void *object)
{
	for (int round = 0; round < ROUNDS; round++) {
		int slot = registry_enter(REGISTRY_CONNECTION, object, &platform);

		if (slot < 0 || __atomic_exchange_n(&held[slot], 1, __ATOMIC_ACQ_REL) != 0)
			return object; /* a slot was given twice */
		__atomic_store_n(&held[slot], 0, __ATOMIC_RELEASE);
		registry_leave(slot);
	}
	return NULL;
}

static void threads(void **state)
{
	pthread_t thread[THREADS];
	int object;
	void *wrong;

	(void)state;
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(pthread_create(&thread[at], NULL, come_and_go, &object), 0);
	for (int at = 0; at < THREADS; at++) {
		pthread_join(thread[at], &wrong);
		assert_null(wrong);
	}
}

RUN(TEST(full), TEST(threads))

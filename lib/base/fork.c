/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fork.h"

#include <pthread.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct fork_link *first;
atomic_uint fork_counter;

static void detach(struct fork_link *link)
{
	*link->slot = link->next;
	if (link->next)
		link->next->slot = link->slot;
	link->slot = NULL;
}

static void before_fork(void)
{
	pthread_mutex_lock(&mutex);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&mutex);
}

static void in_child(void)
{
	atomic_fetch_add_explicit(&fork_counter, 1, memory_order_relaxed);
	while (first) {
		struct fork_link *link = first;

		detach(link);
		link->in_child(link);
	}
	pthread_mutex_unlock(&mutex);
}

static void start(void)
{
	pthread_atfork(before_fork, in_parent, in_child);
}

void fork_start(void)
{
	pthread_once(&once, start);
}

void fork_hold(void)
{
	fork_start();
	pthread_mutex_lock(&mutex);
}

void fork_release(void)
{
	pthread_mutex_unlock(&mutex);
}

void fork_watch(struct fork_link *link, void (*callback)(struct fork_link *link))
{
	fork_start();
	pthread_mutex_lock(&mutex);
	link->in_child = callback;
	link->next = first;
	link->slot = &first;
	if (first)
		first->slot = &link->next;
	first = link;
	pthread_mutex_unlock(&mutex);
}

void fork_unwatch(struct fork_link *link)
{
	pthread_mutex_lock(&mutex);
	if (link->slot)
		detach(link);
	pthread_mutex_unlock(&mutex);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a forked child must do before anything else. It inherits descriptors that would hide its
 * parent's death from the peers, so whoever opens such descriptors links itself here and closes
 * them in the child at once; memory can wait for the child's own calls.
 */
#ifndef XSOCK_BASE_FORK_H
#define XSOCK_BASE_FORK_H

#include <stdatomic.h>
#include <stddef.h>

extern atomic_uint fork_counter __attribute__((visibility("hidden")));

/* How many forks lie between this process and the one that called fork_start: differs between a
 * process and its children. */
static inline unsigned fork_generation(void)
{
	return atomic_load_explicit(&fork_counter, memory_order_relaxed);
}

/* From now on forks are counted; fork_watch does it too, and so does platform_get. */
void fork_start(void);

/* Between these two no thread forks, and no other one is here: a child finds what is done in
 * between done, or not begun. Not to be nested, nor around fork_watch and fork_unwatch. */
void fork_hold(void);
void fork_release(void);

struct fork_link {
	struct fork_link *next, **slot; /* slot is NULL when not linked */
	void (*in_child)(struct fork_link *link);
};

/*
 * Has in_child(link) called in each child, inside fork(), with all signals and other threads out of
 * the way; only close() and stores are fit for it. In the child the link counts as unwatched by
 * then.
 */
void fork_watch(struct fork_link *link, void (*in_child)(struct fork_link *link));
void fork_unwatch(struct fork_link *link);

#endif

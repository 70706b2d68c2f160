/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One turn of a loop that waits by asking. */
#ifndef BENCH_RELAX_H
#define BENCH_RELAX_H

#include <sched.h>

#if defined(__x86_64__) || defined(__i386__)
static inline void pause_processor(void)
{
	__builtin_ia32_pause();
}
#else
static inline void pause_processor(void)
{
}
#endif

/* Now and then it lets others run, so that both ends can share a processor. */
static inline void relax(unsigned *asked)
{
	pause_processor();
	if (++*asked % 1024 == 0)
		sched_yield();
}

#endif

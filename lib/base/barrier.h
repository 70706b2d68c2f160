/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An order of this process's own words that its locks do not give. */
#ifndef XSOCK_BASE_BARRIER_H
#define XSOCK_BASE_BARRIER_H

/* Between letting go of a lock and a load that must not be made before that. On x86 to let go is a
 * locked instruction, and no load overtakes one; elsewhere loads may. */
#if defined(__x86_64__) || defined(__i386__)
static inline void barrier_after_unlock(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
#else
static inline void barrier_after_unlock(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A breath between two looks at a word that another processor is to change. */
#ifndef XSOCK_BASE_PAUSE_H
#define XSOCK_BASE_PAUSE_H

#if defined(__x86_64__) || defined(__i386__)
static inline void processor_pause(void)
{
	__builtin_ia32_pause();
}
#elif defined(__aarch64__) || defined(__arm__)
static inline void processor_pause(void)
{
	__asm__ volatile("yield");
}
#else
static inline void processor_pause(void)
{
}
#endif

#endif

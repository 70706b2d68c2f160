/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Xen for two processes of one machine, as far as libxenvchan needs it: grants are pages of a
 * memfd, event channels eventfds, XenStore a table in shared memory. The functions themselves have
 * the names of Xen's libraries, so that the real libxenvchan runs on them.
 */
#ifndef BENCH_EMULATED_H
#define BENCH_EMULATED_H

#include <stdint.h>

/* Before the processes part, for that many channels. */
void emulated_pages_create(void);
void emulated_events_create(unsigned channels);
void emulated_store_create(unsigned channels);

/* How often this process notified the other. */
uint64_t emulated_notifications(void);

/* How often it read its event channel, which it does before it goes on after a wait. */
uint64_t emulated_waits(void);

#endif

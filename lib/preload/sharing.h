/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection that several processes hold, by fork: one of them at a time has its ring. When another one uses it the
 * ring's owner goes back to TCP, which all can use.
 */
#ifndef XSOCK_PRELOAD_SHARING_H
#define XSOCK_PRELOAD_SHARING_H

#include <stdbool.h>

struct stream;

/* May this process use TCP? One of the locks held. */
bool sharing_is_ours(struct stream *stream);
/* Does another process look for its ring, or have it? */
bool sharing_is_elsewhere(const struct stream *stream);
/* Was any of those that there are now there at a fork? Others are this process's alone. */
bool sharing_is_possible(void);
void sharing_note_fork(struct stream *stream);
void sharing_forget(struct stream *stream);
/* Those that wait for it in other processes have to know: its next bytes do not come over TCP. */
void sharing_tell(const struct stream *stream);
/* Makes it so; no lock held. -1 with errno when the other process does not answer. */
int sharing_take_back(struct stream *stream);
/* From now on this process learns what others do with it. */
void sharing_listen(const struct stream *stream);
/* Until there is an answer who waits looks again after so many ms. */
#define SHARING_SLICE 100
/* Before a wait: what stands at this process's numbers shows what the stream is ready for. False: there is no answer. */
bool sharing_before_wait(struct stream *stream);
/* With both locks held and no ring: the bell or the socket at the numbers, as what is left over wants it. */
void sharing_settle_numbers(struct stream *stream);

#endif

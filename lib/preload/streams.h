/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens to all connections of this process at once. */
#ifndef XSOCK_PRELOAD_STREAMS_H
#define XSOCK_PRELOAD_STREAMS_H

#include <stdint.h>

struct stream;

/* Off the ring, or the search for one, with all that was sent on its way; `why` for the report, NULL when the program is done
 * with the connection. */
void stream_go_back(struct stream *stream, const char *why);
/* The same, but what is still to be read in the ring is read there. */
void stream_go_back_soon(struct stream *stream, const char *why);
/* What stands at numbers in a set that a forked process keeps has to be what that one has, too. */
void streams_before_set_closes(int epoll_fd);

/* What the helper does for others: a process asked for a connection; a meeting may have lasted too long. */
void streams_answer_wanted(void);
void streams_check_meetings(void);

/* The last number, `fd`, is about to be closed. */
void stream_finish(struct stream *stream, int fd);

/* Before another program takes this process over, or a child made without fork() inherits: what stays open
 * across exec goes back to TCP. */
void streams_before_exec(void);
/* Behind that, when it is this process: the program to come knows nothing of what is shared with others by fork. And when it did
 * not come. */
void streams_seal_for_exec(void);
void streams_exec_failed(void);
/* Before the numbers of descriptors end at `limit`: where one that is in use would be past it, as for a filter. */
void streams_before_limit(uint64_t limit);
/* Before a filter of system calls forbids what a ring needs: everything goes back to TCP, for good. */
void streams_before_seal(void);
/* Before the process ends. */
void streams_before_exit(void);

/* Around fork. */
void streams_before_fork(void);
void streams_forked_parent(void);
void streams_fork_failed(void);
void streams_forked_child(void);

#endif

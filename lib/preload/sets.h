/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors of epoll sets that streams are in. */
#ifndef XSOCK_PRELOAD_SETS_H
#define XSOCK_PRELOAD_SETS_H

#include <stdbool.h>

struct stream;

/* A stream was put into it. */
void sets_note(int epoll_fd);
bool sets_have(int fd);
/* Is the stream in the set? Takes the table's lock. */
bool sets_hold(int epoll_fd, const struct stream *stream);
/* Is it a set, and are there streams that other processes have, too? To be asked of what is no
 * stream's. */
bool sets_matter(int fd);
/* Before a wait on what may be a set: sharing_before_wait for the streams in it, and in sets inside
 * of it. */
bool sets_before_wait(int fd);
/* The number was closed: if it was a set's, no stream is in it any more. */
void sets_forget(int fd);
/* If it is a set, which was put into another one for edges: all that comes to streams in it is an
 * edge there. */
void sets_nested(int fd);
/* A duplicate of a set: its number is no name for it any more, its streams have to stay what they
 * are. */
void sets_duplicated(int fd);

#endif

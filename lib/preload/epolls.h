/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The epoll sets that a stream's descriptors are in. The kernel registers files, not numbers: when
 * another file takes a number's place, its registrations are taken out before and put in again
 * after. All under the table's lock.
 */
#ifndef XSOCK_PRELOAD_EPOLLS_H
#define XSOCK_PRELOAD_EPOLLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

struct registration {
	int epoll_fd, fd;
	bool fired;   /* EPOLLONESHOT: disarmed until modified */
	bool out;     /* and not in the set since its number was moved: to be added, not modified */
	bool shared;  /* since a fork the set is another process's too */
	bool foreign; /* and was that one's first */
	bool moved;   /* or taken out, by the other one */
	struct epoll_event event;
};

struct registrations {
	struct registration *entries;
	size_t count, size;
	bool edge; /* one is, or was, edge-triggered */
	bool lost; /* one could not be noted: these descriptors have to stay what they are */
};

void registrations_free(struct registrations *registrations);
/* After a successful epoll_ctl. */
void registrations_note(struct registrations *registrations, int epoll_fd, int operation, int fd,
			const struct epoll_event *event);
/* From now on each one in the process counts as edge-triggered; what is here, too. */
void registrations_all_edges(void);
void registrations_want_edges(struct registrations *registrations);
/* A number or an epoll set was closed. */
void registrations_forget_number(struct registrations *registrations, int fd);
void registrations_forget_set(struct registrations *registrations, int epoll_fd);
/* epoll_wait returned an event with this data. */
void registrations_fired(struct registrations *registrations, int epoll_fd,
			 const struct epoll_event *event);
/* In a parent, and in its child. */
void registrations_share(struct registrations *registrations);
void registrations_forked(struct registrations *registrations);
bool registrations_in(const struct registrations *registrations, int epoll_fd);
/* Can all of them be moved? */
bool registrations_movable(const struct registrations *registrations);
/* Who waits for an edge of what is readable gets one, though the file itself can give none. */
void registrations_ring(const struct registrations *registrations);
/* Is one left out of its set? Only the library knows of it then. */
bool registrations_any_out(const struct registrations *registrations);
bool registrations_is_out(struct registrations *registrations, int epoll_fd, int fd);
/* Around the exchange of the file behind the number; those of another process's set only when it
 * may be dead. */
void registrations_take_out(struct registrations *registrations, int fd, bool foreign_too);
/* False: a set had no place for it again. */
bool registrations_put_in(struct registrations *registrations, int fd);

#endif

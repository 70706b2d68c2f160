/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the two ends of a TCP connection find each other beside it: the lower address listens over
 * xsock under a name made of both addresses, for the domain that owns the other address; the other
 * end connects to it. Who owns an address is said by the hosts' administrators (xsock_lookup),
 * never by the peer.
 */
#ifndef XSOCK_PRELOAD_MEETING_H
#define XSOCK_PRELOAD_MEETING_H

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* A limit: of threads, descriptors, or what epoll watches for a user. */
#define NO_HELP "no helper thread or descriptors for it"

/* First use of a FRESH stream at `fd`, or a later one of a RESTING one. False: plain TCP for good,
 * the stream is to be forgotten. True: it is on its way, rests, or is not connected yet. */
bool meeting_consider(struct stream *stream, int fd);

/* The rest is the helper's. */
void meeting_start(struct stream *stream);
void meeting_continue(struct stream *stream);
/* Ends an attempt, which was in vain; both locks held. */
void meeting_give_up(struct stream *stream, const char *why);
/* The same for one that an end does not want any more, for now: it is not held against the other.
 */
void meeting_call_off(struct stream *stream, const char *why);
/* After a ring: the next attempt has to wait a while; both locks held. */
void meeting_rest(struct stream *stream);

int64_t now_ms(void);
/* When that many ms are surely over. */
int64_t ms_from_now(int64_t ms);

#endif

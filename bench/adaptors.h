/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_ADAPTORS_H
#define BENCH_ADAPTORS_H

#include "peer.h"

extern const struct peer xsock_copying, xsock_one_way, xsock_growing, xsock_vectored, xsock_more,
	xsock_in_place, xsock_in_place_one_way;
extern const struct peer unix_stream, unix_seqpacket, unix_pipe, tcp, tcp_auto;
extern const struct peer ideal_ring, raw_eventfd, cache_line;
extern const struct peer vchan;

#endif

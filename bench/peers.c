/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer.h"

#include "adaptors.h"

#include <string.h>

const struct peer *const peers[] = {
	&xsock_copying,
	&xsock_one_way,
	&xsock_growing,
	&xsock_vectored,
	&xsock_more,
	&xsock_in_place,
	&xsock_in_place_one_way,
#ifdef WITH_VCHAN
	&vchan,
#endif
	&unix_stream,
	&unix_seqpacket,
	&unix_pipe,
	&tcp,
	&tcp_auto,
	&ideal_ring,
	&raw_eventfd,
	&cache_line,
	NULL,
};

const struct peer *peer_named(const char *name)
{
	for (const struct peer *const *at = peers; *at; at++) {
		if (!strcmp((*at)->name, name))
			return *at;
	}
	return NULL;
}

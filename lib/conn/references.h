/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a granter tells the mapper of many pages: a list of references in shared memory, or, when
 * they do not fit, of index pages that are full of references. */
#ifndef XSOCK_CONN_REFERENCES_H
#define XSOCK_CONN_REFERENCES_H

#include "platform/platform.h"
#include "ring/layout.h"

/* The granter's pages of references. */
struct reference_index {
	void *address;
	size_t pages; /* 0: they fit the list */
};

/* Writes `count` references to the list, which has room for `room`; granted pages beside it are in
 * `index`, for as long as the mapper may look. */
int references_show(struct platform *platform, unsigned peer, uint32_t *list, size_t room,
		    const uint32_t *references, size_t count, struct reference_index *index);
void references_hide(struct platform *platform, struct reference_index *index);

/* The mapper's private copy of `count` references: the peer may change the list, or the index
 * pages, at any time. */
int references_copy(struct platform *platform, unsigned peer, const uint32_t *list, size_t room,
		    uint32_t *references, size_t count);

#endif

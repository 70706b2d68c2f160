/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs of another domain's pages that were mapped as a whole with the control page: the rings are
 * parts of the same mapping. It lasts as long as one of its parts.
 */
#ifndef XSOCK_PLATFORM_LOCAL_WHOLE_H
#define XSOCK_PLATFORM_LOCAL_WHOLE_H

#include "platform/local/local.h"

/* Of a reference. */
#define RUN_SHIFT 16
#define RUN_PAGES (1u << RUN_SHIFT)

/* Maps the run that `fd` is of, writable; the reference's page is the first part. */
int whole_map(struct local *local, int fd, uint32_t reference, void **address);
/* True with the references' address, if they are pages of the mapping that `control` is part of,
 * one after the other and behind all other parts. */
bool whole_part(struct local *local, const void *control, const uint32_t *references, size_t count,
		bool writable, void **address);
/* False when it is no part of any. */
bool whole_unmap(struct local *local, const void *address);
/* Frees the records, in a forked child. */
void whole_abandon(struct local *local);

#endif

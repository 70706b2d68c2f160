/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who owns an address as domain 0 published it: /xsock/address/<address>, whose value is the
 * domain's number. Domain 0 owns the whole of /xsock, so no guest can write there; that it does
 * own the node is checked all the same.
 */
#ifndef XSOCK_CONN_PUBLISHED_H
#define XSOCK_CONN_PUBLISHED_H

#include "conn/ip.h"
#include "platform/platform.h"

#define PUBLISHED_PATH "/xsock/address"
#define PUBLISHED_LIFE 2000 /* ms */

/*
 * -ENOENT when nobody is published for the address. Which addresses are is asked once in
 * PUBLISHED_LIFE, so the many who talk to other hosts cost no store access each; a failure to ask
 * is remembered as long. Whose one is, is asked at each call. Nothing stays open. From any
 * thread, and in children of fork.
 */
int published_find(const char *platform, const struct ip *ip, unsigned *domain);

#endif

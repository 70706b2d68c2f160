/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform and the domain that a look is taken at. */
#ifndef XSOCK_INSPECT_DOMAIN_H
#define XSOCK_INSPECT_DOMAIN_H

struct platform;

/* 1 with the platform, as xsock_options names it; 0 without one where nobody has used it yet. It is
 * not announced there: what dead processes left stays. -errno. */
int domain_open(const char *name, struct platform **platform);
void domain_close(struct platform *platform);

const char *domain_platform(const struct platform *platform);
unsigned domain_number(const struct platform *platform);

/* A sentence about the last failure of a call of this layer. */
const char *inspect_failure(void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "DOMAIN/SERVICE", and where in XenStore that is. */
#ifndef XSOCK_CONN_ADDRESS_H
#define XSOCK_CONN_ADDRESS_H

#include "platform/platform.h"

#define SERVICE_SIZE 64 /* with the NUL; the public XSOCK_SERVICE_MAX is one less */

struct address {
	unsigned domain;
	char service[SERVICE_SIZE];
};

int address_parse(const char *text, struct address *address);
/* Letters, digits, - and _: what XenStore allows in a path, less / and @. */
int service_check(const char *service);

/* Nodes of an xsock domain, below /local/domain/<domain>/data/xsock. */
void path_root(char path[STORE_PATH_MAX], unsigned domain);
/* Says that the domain lives and uses xsock: it goes with the domain. */
void path_alive(char path[STORE_PATH_MAX], unsigned domain);
void path_service(char path[STORE_PATH_MAX], unsigned domain, const char *service);
/* Where connectors write: with no allow-list all in one place, else each in its own. */
void path_requests(char path[STORE_PATH_MAX], unsigned domain, const char *service, bool open,
		   unsigned connector);
void path_request(char path[STORE_PATH_MAX], const char *requests, uint64_t id);

#endif

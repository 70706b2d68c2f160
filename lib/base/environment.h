/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's variables, as they are or, where the program took them away since, as they were
 * when it started: servers make themselves a new environment (nginx) or write their title over it,
 * long before the first connection.
 */
#ifndef XSOCK_BASE_ENVIRONMENT_H
#define XSOCK_BASE_ENVIRONMENT_H

enum variable {
	VARIABLE_PLATFORM,     /* XSOCK_PLATFORM */
	VARIABLE_LOCAL_DIR,    /* XSOCK_LOCAL_DIR */
	VARIABLE_LOCAL_DOMAIN, /* XSOCK_LOCAL_DOMAIN */
	VARIABLE_HOSTS,        /* XSOCK_HOSTS; never in a program with more rights than its user */
	VARIABLE_COUNT
};

/* NULL when it is not set. */
const char *environment(enum variable variable);

#endif

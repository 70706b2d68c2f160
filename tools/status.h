/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the exit status of a subcommand tells; the manual pages promise these numbers. */
#ifndef TOOLS_STATUS_H
#define TOOLS_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 1,   /* bad command line */
	STATUS_LOCAL = 2,   /* a file or memory of this side */
	STATUS_CONNECT = 3, /* no connection, or the ends cannot agree */
	STATUS_BROKEN = 4,  /* the connection ended before the transfer did */
	STATUS_DIGEST = 5,  /* the SHA-256 digests differ */
	STATUS_TIMEOUT = 6, /* nothing happened for as long as was allowed */
	STATUS_REMOTE = 7,  /* the other end says that it failed */
};

/* For --help of every subcommand. */
extern const char status_help[];

/* What the errno of a failed xsock_listen, xsock_accept or xsock_connect means for the caller. */
enum status status_of_connect(int error);

/* The same for calls on an established connection. */
enum status status_of_transfer(int error);

#endif

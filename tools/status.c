/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status.h"

#include <errno.h>

const char status_help[] = "\n"
			   "Exit status:\n"
			   "  0  all went well\n"
			   "  1  the command line is wrong\n"
			   "  2  a file could not be read or written here, or memory ran out\n"
			   "  3  no connection came about, or the two ends cannot agree\n"
			   "  4  the connection ended before the transfer did\n"
			   "  5  the SHA-256 digests differ\n"
			   "  6  time ran out\n"
			   "  7  the other end reports that it could not store the data\n";

enum status status_of_connect(int error)
{
	switch (error) {
	case EINVAL:
		return STATUS_USAGE;
	case ETIMEDOUT:
		return STATUS_TIMEOUT;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return STATUS_LOCAL;
	default:
		return STATUS_CONNECT;
	}
}

enum status status_of_transfer(int error)
{
	return error == ETIMEDOUT ? STATUS_TIMEOUT : STATUS_BROKEN;
}

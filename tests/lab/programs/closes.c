/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process of a domain that is saved and restored, which closes its connection to domain 0's
 * service "echo" as soon as its clocks tell it of the restore: the watch in XenStore mostly fires
 * later. Ends when its standard input does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xsock/xsock.h>

/* ns for which the domain did not run. */
static long long absence(void)
{
	struct timespec all, running;

	clock_gettime(CLOCK_MONOTONIC, &running);
	clock_gettime(CLOCK_BOOTTIME, &all);
	return (all.tv_sec - running.tv_sec) * 1000000000LL + all.tv_nsec - running.tv_nsec;
}

static struct xsock *connect_to_echo(void)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT,
					 .send_timeout = 20000,
					 .recv_timeout = 20000 };
	struct xsock *socket = xsock_connect("0/echo", &options);
	char byte = 'x';

	if (socket != NULL && xsock_send(socket, &byte, 1, 0) == 1 &&
	    xsock_recv(socket, &byte, 1, 0) == 1)
		return socket;
	printf("not connected: %s (%s)\n", strerrorname_np(errno), xsock_last_error());
	exit(1);
}

int main(void)
{
	const struct timespec moment = { .tv_nsec = 200000 };
	struct xsock *socket = connect_to_echo();
	long long before = absence();
	char byte;

	puts("ready");
	fflush(stdout);
	while (absence() - before < 100000000LL)
		nanosleep(&moment, NULL);
	printf("closed: %d\n", xsock_close(socket));
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
	return 0;
}

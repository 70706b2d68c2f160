/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process of a domain that is saved and restored, with a listener and two connections to domain
 * 0's service "echo". It says on its standard output what it finds afterwards, step by step.
 *
 * usage: restored [grant|map]
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <xsock/xsock.h>

#define LIMIT 20000 /* ms */

static void say(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s (%s)\n", what, strerrorname_np(errno), xsock_last_error());
	else
		printf("%s: %ld\n", what, result);
	fflush(stdout);
}

static unsigned count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	if (directory == NULL)
		return 0;
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

static struct xsock *connect_to_echo(enum xsock_role role)
{
	struct xsock_options options = { .role = role,
					 .send_timeout = LIMIT,
					 .recv_timeout = 3 * LIMIT };
	struct xsock *socket = xsock_connect("0/echo", &options);

	if (socket == NULL)
		say("connect", -1);
	return socket;
}

static bool is_echoed(struct xsock *socket)
{
	char byte = 'x';

	return socket != NULL && xsock_send(socket, &byte, 1, 0) == 1 &&
	       xsock_recv(socket, &byte, 1, 0) == 1 && byte == 'x';
}

static void accept_one(struct xsock *listener)
{
	struct xsock *socket = xsock_accept(listener, 3 * LIMIT);
	struct xsock_info info;
	char byte;

	say("accept", socket != NULL ? 0 : -1);
	if (socket == NULL)
		return;
	say("accepted received", xsock_recv(socket, &byte, 1, 0));
	xsock_get_info(listener, &info, sizeof info);
	say("listener is in", info.own_domain);
	xsock_close(socket);
}

static int live_on(enum xsock_role role, struct xsock *listener)
{
	struct xsock *waits = connect_to_echo(role), *idle = connect_to_echo(role), *again;
	char byte;

	if (!is_echoed(waits) || !is_echoed(idle))
		return 1;
	say("ready", 0);
	say("waited", xsock_recv(waits, &byte, 1, 0));
	again = connect_to_echo(role);
	say("connected again", is_echoed(again));
	say("idle received", xsock_recv(idle, &byte, 1, MSG_DONTWAIT));
	say("idle sent", xsock_send(idle, &byte, 1, 0));
	accept_one(listener);
	xsock_close(waits);
	xsock_close(idle);
	xsock_close(again);
	return 0;
}

int main(int argc, char **argv)
{
	enum xsock_role role =
		argc > 1 && strcmp(argv[1], "map") == 0 ? XSOCK_ROLE_MAP : XSOCK_ROLE_GRANT;
	unsigned before = count_descriptors();
	struct xsock *listener = xsock_listen("old", NULL);
	int status;

	if (listener == NULL) {
		say("listen", -1);
		return 1;
	}
	status = live_on(role, listener);
	xsock_close(listener);
	say("descriptors left", (long)count_descriptors() - (long)before);
	return status;
}

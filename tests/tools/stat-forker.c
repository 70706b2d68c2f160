/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listens as "parent", who maps, then in a forked child as "child"; prints both numbers, turns away
 * or closes what comes to the parent, and ends with its input. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xsock/xsock.h>

static int wait_as(const char *service)
{
	struct xsock *listener = xsock_listen(service, NULL);
	char byte;

	if (!listener)
		return fprintf(stderr, "%s\n", xsock_last_error()), 1;
	printf("%d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return xsock_close(listener);
}

int main(void)
{
	struct xsock_options options = { .role = XSOCK_ROLE_MAP };
	struct xsock *listener = xsock_listen("parent", &options);
	int status = 1;
	pid_t child;

	if (!listener)
		return fprintf(stderr, "%s\n", xsock_last_error()), 1;
	printf("%d\n", (int)getpid());
	fflush(stdout);
	child = fork();
	if (child == 0)
		return wait_as("child") || xsock_close(listener);
	while (child > 0 && waitpid(child, &status, WNOHANG) == 0)
		xsock_close(xsock_accept(listener, 20));
	return xsock_close(listener) || status;
}

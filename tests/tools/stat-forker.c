/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listens as "parent", then in a forked child as "child"; prints both numbers, ends with its input.
 */
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
	struct xsock *listener = xsock_listen("parent", NULL);
	int status = 1;

	if (!listener)
		return fprintf(stderr, "%s\n", xsock_last_error()), 1;
	printf("%d\n", (int)getpid());
	fflush(stdout);
	if (fork() == 0)
		return wait_as("child") || xsock_close(listener);
	wait(&status);
	return xsock_close(listener) || status;
}

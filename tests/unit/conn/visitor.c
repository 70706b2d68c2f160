/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "visitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

#define UNEXPECTED 255 /* no errno */

static char directory[] = "/tmp/xsock-visitor-XXXXXX";

int visitors_begin(void **state)
{
	char number[8];

	(void)state;
	snprintf(number, sizeof number, "%d", HOST);
	return mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	       setenv("XSOCK_PLATFORM", "local", 1) != 0 ||
	       setenv("XSOCK_LOCAL_DOMAIN", number, 1) != 0;
}

int visitors_end(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

struct platform *host(const struct platform_ops *ops)
{
	struct platform *platform;

	assert_int_equal(platform_get("local", &platform), 0);
	platform->ops = ops;
	return platform;
}

struct xsock *host_listens(const char *service)
{
	struct xsock *listener = xsock_listen(service, NULL);

	assert_non_null(listener);
	return listener;
}

/* True in the visitor's process. */
static bool fork_visitor(pid_t *child)
{
	char number[8];

	*child = fork();
	assert_true(*child >= 0);
	if (*child > 0)
		return false;
	snprintf(number, sizeof number, "%d", VISITOR);
	setenv("XSOCK_LOCAL_DOMAIN", number, 1);
	return true;
}

static void visit(const char *service)
{
	struct xsock_options options = { .connect_timeout = PATIENCE, .flags = XSOCK_AWAIT };
	char address[80], byte = 'x';
	struct xsock *socket;

	snprintf(address, sizeof address, "%d/%s", HOST, service);
	socket = xsock_connect(address, &options);
	if (socket == NULL)
		_exit(errno);
	if (xsock_send(socket, &byte, 1, 0) != 1)
		_exit(UNEXPECTED);
	while (xsock_recv(socket, &byte, 1, 0) > 0)
		;
	_exit(xsock_close(socket) == 0 ? 0 : UNEXPECTED);
}

pid_t visitor_start(const char *service)
{
	pid_t visitor;

	if (fork_visitor(&visitor))
		visit(service);
	return visitor;
}

void visitor_end(pid_t visitor, int error)
{
	int status;

	assert_int_equal(waitpid(visitor, &status, 0), visitor);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), error);
}

struct xsock *visitor_accept(struct xsock *listener)
{
	struct xsock *socket = xsock_accept(listener, PATIENCE);
	char byte;

	assert_non_null(socket);
	assert_int_equal(xsock_recv(socket, &byte, 1, 0), 1);
	return socket;
}

void visitor_served(struct xsock *listener, const char *service)
{
	pid_t visitor = visitor_start(service);

	assert_int_equal(xsock_close(visitor_accept(listener)), 0);
	visitor_end(visitor, 0);
}

void visitor_writes(const char *path)
{
	const struct store_permissions permissions = { .owner = VISITOR,
						       .count = 1,
						       .grantee = { { HOST, ACCESS_BOTH } } };
	struct platform *platform;
	struct store *store;
	pid_t visitor;

	if (fork_visitor(&visitor))
		_exit(platform_get("local", &platform) != 0 ||
		      platform->ops->store_open(platform, &store) != 0 ||
		      platform->ops->store_put(store, path, "nonsense", &permissions) != 0);
	visitor_end(visitor, 0);
}

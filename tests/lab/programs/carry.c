/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moves bytes between standard input or output and an xsock: every mix of who listens, who sends
 * and who grants, which the installed tools do not offer. "both" sends and receives at the same
 * time. A failure ends it with status 3 and "carry: ERRNO: sentence".
 *
 * usage: carry send|recv|both listen|connect ADDRESS [role=auto|grant|map] [ring=BYTES]
 * [allow=DOMAIN] [count=N] [direction=auto|two-way|send|recv]
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xsock/xsock.h>

struct plan {
	bool sends, receives, listens;
	const char *address;
	unsigned count;
	unsigned allowed;
	struct xsock_options options;
};

static int failed(const char *what)
{
	const char *name = strerrorname_np(errno);

	fprintf(stderr, "carry: %s: %s: %s\n", name != NULL ? name : "?", what, xsock_last_error());
	return 3;
}

static int choice(const char *word, const char *const *words)
{
	for (int at = 0; words[at] != NULL; at++)
		if (strcmp(word, words[at]) == 0)
			return at;
	fprintf(stderr, "carry: what is '%s'?\n", word);
	exit(2);
}

static void set_option(struct plan *plan, const char *text)
{
	static const char *const names[] = { "role=",  "ring=",      "allow=",
					     "count=", "direction=", NULL };
	static const char *const roles[] = { "auto", "grant", "map", NULL };
	static const char *const directions[] = {
		"auto", "two-way", "one-way", "send", "recv", NULL
	};
	const char *equals = strchr(text, '=');
	const char *value = equals != NULL ? equals + 1 : text;
	char name[16];

	snprintf(name, sizeof name, "%.*s", (int)(value - text), text);
	switch (choice(name, names)) {
	case 0:
		plan->options.role = (enum xsock_role)choice(value, roles);
		break;
	case 1:
		plan->options.send_ring = plan->options.recv_ring = strtoul(value, NULL, 10);
		break;
	case 2:
		plan->allowed = (unsigned)strtoul(value, NULL, 10);
		plan->options.allow = &plan->allowed;
		plan->options.allow_count = 1;
		break;
	case 3:
		plan->count = (unsigned)strtoul(value, NULL, 10);
		break;
	case 4:
		plan->options.direction = (enum xsock_direction)choice(value, directions);
		break;
	}
}

static bool write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(STDOUT_FILENO, bytes, length);

		if (count < 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

/* The count of a send may be short when the connection ends: the next one says why. */
static bool send_all(struct xsock *socket, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = xsock_send(socket, bytes, length, 0);

		if (count < 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

static int send_input(struct xsock *socket)
{
	static char buffer[1 << 17];
	ssize_t count;

	while ((count = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
		if (!send_all(socket, buffer, (size_t)count))
			return failed("send");
	return count < 0 ? 2 : 0;
}

static int receive_output(struct xsock *socket)
{
	static char buffer[1 << 17];
	ssize_t count;

	while ((count = xsock_recv(socket, buffer, sizeof buffer, 0)) > 0)
		if (!write_all(buffer, (size_t)count))
			return 2;
	return count < 0 ? failed("recv") : 0;
}

static void *send_beside(void *socket)
{
	int status = send_input(socket);

	xsock_shutdown(socket, SHUT_WR);
	return (void *)(intptr_t)status;
}

static int carry(const struct plan *plan, struct xsock *socket)
{
	pthread_t sender;
	void *sent;
	int status;

	if (!plan->receives)
		return send_input(socket);
	if (!plan->sends)
		return receive_output(socket);
	if (pthread_create(&sender, NULL, send_beside, socket) != 0)
		return 2;
	status = receive_output(socket);
	pthread_join(sender, &sent);
	return status != 0 ? status : (int)(intptr_t)sent;
}

static int listen_and_carry(const struct plan *plan)
{
	struct xsock *listener = xsock_listen(plan->address, &plan->options);
	int status = 0;

	if (listener == NULL)
		return failed("listen");
	fprintf(stderr, "carry: listening\n");
	for (unsigned at = 0; at < plan->count && status == 0; at++) {
		struct xsock *socket = xsock_accept(listener, -1);

		fprintf(stderr, "carry: accepted\n");
		status = socket != NULL ? carry(plan, socket) : failed("accept");
		xsock_close(socket);
	}
	xsock_close(listener);
	return status;
}

static int connect_and_carry(const struct plan *plan)
{
	struct xsock *socket = xsock_connect(plan->address, &plan->options);
	int status;

	if (socket == NULL)
		return failed("connect");
	fprintf(stderr, "carry: connected\n");
	status = carry(plan, socket);
	xsock_close(socket);
	return status;
}

int main(int argc, char **argv)
{
	static const char *const actions[] = { "send", "recv", "both", NULL };
	static const char *const sides[] = { "connect", "listen", NULL };
	struct plan plan = { .count = 1 };

	if (argc < 4) {
		fprintf(stderr,
			"usage: carry send|recv|both listen|connect ADDRESS [OPTION=VALUE]...\n");
		return 2;
	}
	plan.receives = choice(argv[1], actions) > 0;
	plan.sends = choice(argv[1], actions) != 1;
	plan.listens = choice(argv[2], sides) == 1;
	plan.address = argv[3];
	for (int at = 4; at < argc; at++)
		set_option(&plan, argv[at]);
	return plan.listens ? listen_and_carry(&plan) : connect_and_carry(&plan);
}

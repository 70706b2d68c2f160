/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "changes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xenstore.h>

#include "report.h"
#include "store.h"

/* A device that comes changes many nodes, for which one look afterwards is enough: when nothing
 * more changes for some ms, or after so many of them. */
#define QUIET 100
#define CHANGES_TOGETHER 50

static bool failed(const char *what)
{
	complain(NULL, "cannot %s: %s", what, strerror(errno));
	return false;
}

static bool open_signals(struct changes *changes)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	changes->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return changes->signals >= 0 || failed("wait for signals");
}

/* A port that joins a bridge is a change of its link. */
static bool open_addresses(struct changes *changes)
{
	struct sockaddr_nl name = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};

	changes->addresses =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (changes->addresses < 0 ||
	    bind(changes->addresses, (struct sockaddr *)&name, sizeof name))
		return failed("watch this domain's addresses");
	return true;
}

bool changes_begin(struct changes *changes)
{
	*changes = (struct changes){ .signals = -1, .addresses = -1 };
	return open_signals(changes) && open_addresses(changes);
}

static bool watch(struct xs_handle *store, const char *path)
{
	return xs_watch(store, path, "") ? true : store_failed("watch", path);
}

bool changes_watch(struct changes *changes, struct xs_handle *store, const unsigned *backends,
		   size_t count)
{
	bool good = watch(store, "@introduceDomain") && watch(store, "@releaseDomain");
	char path[STORE_PATH];

	changes->store = store;
	for (size_t i = 0; i < count && good; i++) {
		snprintf(path, sizeof path, "/local/domain/%u/backend/vif", backends[i]);
		good = watch(store, path);
	}
	return good;
}

/* What was lost (ENOBUFS) is a change as well: whoever asks looks at all there is. */
static void drain(int fd)
{
	char buffer[8192];
	ssize_t got;

	do
		got = read(fd, buffer, sizeof buffer);
	while (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS)));
}

static bool drain_store(struct xs_handle *store)
{
	char **event;

	while ((event = xs_check_watch(store)))
		free(event);
	return errno == EAGAIN || failed("hear from XenStore any more");
}

/* 1 something changed, 0 nothing in that time, -1 after a complaint, 2 a signal. */
static int wait_once(struct changes *changes, int timeout)
{
	struct pollfd fds[] = {
		{ .fd = changes->signals, .events = POLLIN },
		{ .fd = changes->addresses, .events = POLLIN },
		{ .fd = xs_fileno(changes->store), .events = POLLIN },
	};
	int ready = poll(fds, sizeof fds / sizeof fds[0], timeout);

	if (ready < 0 && errno != EINTR)
		return failed("wait"), -1;
	if (ready <= 0)
		return 0;
	if (fds[0].revents)
		return 2;
	if (fds[1].revents)
		drain(changes->addresses);
	if (fds[2].revents && !drain_store(changes->store))
		return -1;
	return 1;
}

bool changes_wait(struct changes *changes, bool *ended)
{
	int result;

	do
		result = wait_once(changes, -1);
	while (result == 0);
	for (unsigned i = 0; i < CHANGES_TOGETHER && result == 1; i++)
		result = wait_once(changes, QUIET);
	*ended = result == 2;
	return result >= 0;
}

void changes_end(struct changes *changes)
{
	if (changes->signals >= 0)
		close(changes->signals);
	if (changes->addresses >= 0)
		close(changes->addresses);
}

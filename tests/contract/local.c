/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What only the local platform has: its directory, its numbers, junk on its sockets, links that
 * lead astray. */
#include "scenarios.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_local(const struct side *side)
{
	return !strcmp(side->ops->name, "local");
}

static const char *part(const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", getenv("XSOCK_LOCAL_DIR"), name);
	return path;
}

/* What a process gets that opens the platform with this setting. */
static int try_with(const char *variable, const char *value)
{
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		struct platform *platform;
		int result;

		setenv(variable, value, 1);
		result = platform_get("local", &platform);
		if (result == 0)
			platform_put(platform);
		_exit(-result);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status);
}

void local_settings(struct side *side)
{
	char path[256], deep[300];

	if (!is_local(side))
		return;
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", ""), EINVAL);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", "-1"), EINVAL);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", "7x"), EINVAL);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", "32752"), EINVAL);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", "99999999999999999999"), EINVAL);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DOMAIN", "32751"), 0);
	CHECK(unlink(part("domain-32751")) == 0);
	snprintf(path, sizeof path, "%s", part("open"));
	CHECK(mkdir(path, 0755) == 0);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DIR", path), EACCES);
	CHECK(chmod(path, 0700) == 0);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DIR", path), 0);
	CHECK(symlink(path, part("link")) == 0);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DIR", part("link")), EACCES);
	snprintf(deep, sizeof deep, "%s/none/none", path);
	CHECK_RESULT(try_with("XSOCK_LOCAL_DIR", deep), EIO);
}

/* Within one domain, and one process. */
void local_itself(struct side *side)
{
	struct channel *offered, *bound;
	uint32_t port, reference;
	void *granted, *mapped;

	if (!side->ops->reaches_itself)
		return;
	CHECK_RESULT(side->ops->channel_offer(side->platform, side->self, &port, &offered), 0);
	CHECK_RESULT(side->ops->channel_bind(side->platform, side->self, port, &bound), 0);
	await_channel(side, offered);
	CHECK_RESULT(side->ops->channel_notify(bound), 0);
	await_channel(side, offered);
	CHECK_RESULT(side->ops->grant(side->platform, side->self, 1, &reference, &granted), 0);
	CHECK_RESULT(side->ops->map(side->platform, side->self, &reference, 1, false, &mapped), 0);
	strcpy(granted, "to myself");
	CHECK(!strcmp(mapped, "to myself"));
	side->ops->unmap(side->platform, mapped, 1);
	side->ops->ungrant(side->platform, granted, 1);
	side->ops->channel_close(bound);
	while (!side->ops->channel_lost(offered))
		await_channel(side, offered);
	side->ops->channel_close(offered);
}

/* -- junk on the socket of a port ------------------------------------------------------------ */

static int connect_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%.90s", part(name));
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

/* A connection that sends nothing, nonsense, or the right words without descriptors. */
static void pester(struct side *side, struct channel *channel, const char *name)
{
	static const char *const words[] = { NULL, "nonsense", "xsock 1" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		int fd = connect_to(name);

		if (words[i])
			CHECK(send(fd, words[i], 8, MSG_NOSIGNAL) == 8);
		for (int j = 0; j < 3; j++)
			CHECK_RESULT(side->ops->channel_drain(channel), 0);
		close(fd);
		CHECK_RESULT(side->ops->channel_drain(channel), 0);
		CHECK(!channel_is_ready(side, channel));
		CHECK(!side->ops->channel_lost(channel));
	}
}

void local_junk_a(struct side *side)
{
	struct channel *channel;
	char name[64];
	uint32_t port;

	if (!is_local(side))
		return;
	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &port, &channel), 0);
	snprintf(name, sizeof name, "ports/%u-%u-%u", side->self, port, side->peer);
	pester(side, channel, name);
	say(side, "port", "%u", port);
	await_channel(side, channel);
	meet(side, "bound");
	side->ops->channel_close(channel);
}

void local_junk_b(struct side *side)
{
	struct channel *channel;

	if (!is_local(side))
		return;
	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer,
					     (uint32_t)hear_number(side, "port"), &channel),
		     0);
	meet(side, "bound");
	side->ops->channel_close(channel);
}

/* -- links in grants/ that do not lead to a grant --------------------------------------------- */

static void refuse_link(struct side *side, const char *target)
{
	uint32_t reference = 77u << 16;
	char name[64];
	void *address;

	snprintf(name, sizeof name, "grants/%u-77-%u", side->peer, side->self);
	CHECK(symlink(target, part(name)) == 0);
	CHECK_RESULT(side->ops->map(side->platform, side->peer, &reference, 1, true, &address),
		     -EINVAL);
	CHECK(unlink(part(name)) == 0);
}

void local_links(struct side *side)
{
	char target[64], name[64];
	int fd;

	if (!is_local(side))
		return;
	refuse_link(side, "/nowhere");
	refuse_link(side, "/proc/self/mem");
	refuse_link(side, "/dev/zero");
	refuse_link(side, "..");
	/* The right name, but the size could still change. */
	snprintf(name, sizeof name, "xsock-%u-77-%u", side->peer, side->self);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CHECK(fd >= 0 && ftruncate(fd, PAGE_BYTES) == 0);
	snprintf(target, sizeof target, "/proc/%d/fd/%d", (int)getpid(), fd);
	refuse_link(side, target);
	/* Sealed, but too small. */
	CHECK(ftruncate(fd, 100) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
	refuse_link(side, target);
	close(fd);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library itself, in processes that end, or go no further, before their n-th call of the
 * platform: so every step of a handshake is somebody's last. */
#include "hostile.h"

#include "conn/presence.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS 40   /* more than a set-up takes */
#define STOPPED 24 /* at a time */
#define STOPPED_MS 300

static const struct platform_ops *real;
static unsigned steps_left;
static bool stops; /* at its last step, else it dies */

static void step(void)
{
	if (steps_left == 0 || --steps_left > 0)
		return;
	while (stops)
		pause();
	raise(SIGKILL);
}

static ssize_t step_read(struct store *store, const char *path, char *value, size_t size)
{
	step();
	return real->store_read(store, path, value, size);
}

static int step_write(struct store *store, const char *path, const char *value)
{
	step();
	return real->store_write(store, path, value);
}

static int step_remove(struct store *store, const char *path)
{
	step();
	return real->store_remove(store, path);
}

static int step_get_permissions(struct store *store, const char *path,
				struct store_permissions *permissions)
{
	step();
	return real->store_get_permissions(store, path, permissions);
}

static int step_set_permissions(struct store *store, const char *path,
				const struct store_permissions *permissions)
{
	step();
	return real->store_set_permissions(store, path, permissions);
}

static int step_put(struct store *store, const char *path, const char *value,
		    const struct store_permissions *permissions)
{
	step();
	return real->store_put(store, path, value, permissions);
}

static int step_watch(struct store *store, const char *path)
{
	step();
	return real->store_watch(store, path);
}

static int step_grant_control(struct platform *platform, unsigned domain, size_t offset,
			      struct channel *channel, uint32_t *reference, void **address)
{
	step();
	return real->grant_control(platform, domain, offset, channel, reference, address);
}

static int step_grant_beside(struct platform *platform, const void *control, unsigned domain,
			     size_t count, uint32_t *references, void **address)
{
	step();
	return real->grant_beside(platform, control, domain, count, references, address);
}

static int step_map_control(struct platform *platform, unsigned domain, uint32_t reference,
			    size_t offset, struct channel *channel, void **address)
{
	step();
	return real->map_control(platform, domain, reference, offset, channel, address);
}

static int step_map_beside(struct platform *platform, const void *control, unsigned domain,
			   const uint32_t *references, size_t count, bool writable, void **address)
{
	step();
	return real->map_beside(platform, control, domain, references, count, writable, address);
}

static int step_offer(struct platform *platform, unsigned domain, uint32_t *port,
		      struct channel **channel)
{
	step();
	return real->channel_offer(platform, domain, port, channel);
}

static int step_bind(struct platform *platform, unsigned domain, uint32_t port,
		     struct channel **channel)
{
	step();
	return real->channel_bind(platform, domain, port, channel);
}

static int step_notify(struct channel *channel)
{
	step();
	return real->channel_notify(channel);
}

/* From now on this process's calls of the platform are counted. */
static void count_steps(struct platform *platform, unsigned last)
{
	static struct platform_ops counted;

	real = platform->ops;
	counted = *real;
	counted.store_read = step_read;
	counted.store_write = step_write;
	counted.store_remove = step_remove;
	counted.store_get_permissions = step_get_permissions;
	counted.store_set_permissions = step_set_permissions;
	counted.store_put = step_put;
	counted.store_watch = step_watch;
	counted.grant_control = step_grant_control;
	counted.grant_beside = step_grant_beside;
	counted.map_control = step_map_control;
	counted.map_beside = step_map_beside;
	counted.channel_offer = step_offer;
	counted.channel_bind = step_bind;
	counted.channel_notify = step_notify;
	platform->ops = &counted;
	steps_left = last;
}

static void connect_and_talk(struct attacker *attacker)
{
	struct xsock *socket = attacker_connect(attacker);
	char byte = 'x';

	if (socket && xsock_send(socket, &byte, 1, 0) == 1)
		xsock_recv(socket, &byte, 1, 0);
	xsock_close(socket);
}

static void listen_and_talk(struct attacker *attacker)
{
	struct xsock *listener = xsock_listen(attacker->service, &attacker->options);
	struct xsock *socket;
	char byte;

	while (listener && (socket = xsock_accept(listener, 200))) {
		if (xsock_recv(socket, &byte, 1, 0) == 1)
			xsock_send(socket, &byte, 1, 0);
		xsock_close(socket);
	}
	xsock_close(listener);
}

static pid_t start(struct attacker *attacker, void (*talk)(struct attacker *attacker),
		   unsigned last, bool stop)
{
	struct platform *platform;
	pid_t child = fork();

	if (child != 0)
		return child;
	stops = stop;
	/* Not while the process comes to the platform: who stops there stops its own domain's. */
	if (presence_enter(NULL, &platform) != 0)
		_exit(1);
	count_steps(platform, last);
	talk(attacker);
	_exit(0);
}

/* The last step of this round, the next one of all. */
static unsigned last_step(const struct attacker *attacker)
{
	return 1 + attacker->round % STEPS;
}

static void die(struct attacker *attacker, void (*talk)(struct attacker *attacker))
{
	pid_t child = start(attacker, talk, last_step(attacker), false);

	if (child > 0)
		waitpid(child, NULL, 0);
	attacker_began();
}

static void stop(struct attacker *attacker, void (*talk)(struct attacker *attacker),
		 unsigned together)
{
	pid_t children[STOPPED];

	for (unsigned at = 0; at < together; at++)
		children[at] =
			start(attacker, talk, 1 + (attacker->round * together + at) % STEPS, true);
	attacker_began();
	doze(STOPPED_MS);
	for (unsigned at = 0; at < together; at++) {
		if (children[at] < 0)
			continue;
		kill(children[at], SIGKILL);
		waitpid(children[at], NULL, 0);
	}
}

void attack_dies(struct attacker *attacker)
{
	die(attacker, connect_and_talk);
}

void attack_stops(struct attacker *attacker)
{
	stop(attacker, connect_and_talk, STOPPED);
}

void pose_dying(struct attacker *attacker)
{
	die(attacker, listen_and_talk);
}

/* One at a time, as they have one name. */
void pose_stopping(struct attacker *attacker)
{
	stop(attacker, listen_and_talk, 1);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets come to be, and are shut down. A is 127.0.0.1, B 127.0.0.2. */
#include "actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT 5000    /* ms */
#define OTHERS_PORT 1 /* nobody listens there */

static struct sockaddr_in address_of(int end, uint64_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)end) };
}

static int64_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return -1;
	return ntohs(address.sin_port);
}

/* `flags`: SOCK_NONBLOCK or not; `argument`: a buffer size for all it accepts, or 0. */
void act_listen(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct sockaddr_in address = address_of(1, 0);
	int fd = socket(AF_INET, SOCK_STREAM | (int)request->flags, 0), one = 1;
	int size = (int)request->argument;

	(void)actor;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (size)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		outcome(reply, -1);
	else
		outcome(reply, listen(fd, 16));
	slots[LISTENER] = fd;
	reply->value = port_of(fd);
}

static void finish_connect(int fd, const struct sockaddr_in *address, struct reply *reply)
{
	struct pollfd entry = { .fd = fd, .events = POLLOUT };
	socklen_t length = sizeof(int);
	int error = -1, ready = poll(&entry, 1, LIMIT);

	say(reply, " poll %d", ready);
	say_events(reply, "revents", (unsigned)entry.revents);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	say(reply, " SO_ERROR %d", error);
	if (error == 0) {
		error = connect(fd, (const struct sockaddr *)address, sizeof *address) ? errno : 0;
		say(reply, " again %d", error);
	}
}

/* `variant` 1: non-blocking, 2: with an address of one's own; `key`: the port. */
static void connect_to(const struct request *request, struct reply *reply, int fd)
{
	struct sockaddr_in address = address_of(1, request->key), own = address_of(0, 0);
	int size = (int)request->argument2;

	if (size)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (request->variant == 2 && bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
		say(reply, " bind %d", errno);
	outcome(reply, connect(fd, (struct sockaddr *)&address, sizeof address));
	if (request->variant == 1)
		finish_connect(fd, &address, reply);
}

void act_connect(struct actor *actor, const struct request *request, struct reply *reply)
{
	int type = SOCK_STREAM | (request->variant == 1 ? SOCK_NONBLOCK : 0);
	int fd = socket(AF_INET, type | (int)request->flags, 0);

	(void)actor;
	connect_to(request, reply, fd);
	slots[request->slot] = fd;
	reply->value = port_of(fd);
	if (fd < 0 || fd >= FROM_HUNDRED)
		say(reply, " !! descriptor %d", fd);
}

void act_refused(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct request refused = *request;
	int fd = socket(AF_INET, SOCK_STREAM | (request->variant == 1 ? SOCK_NONBLOCK : 0), 0);
	ssize_t count;
	char byte;

	(void)actor;
	count = recv(fd, &byte, 1, 0);
	say(reply, " recv %zd %d", count, count < 0 ? errno : 0);
	count = send(fd, &byte, 1, 0);
	say(reply, " send %zd %d", count, count < 0 ? errno : 0);
	refused.key = OTHERS_PORT;
	refused.argument2 = 0;
	connect_to(&refused, reply, fd);
	count = recv(fd, &byte, 1, 0);
	say(reply, " recv %zd %d", count, count < 0 ? errno : 0);
	close(fd);
}

/* `variant` 1: accept4 with `flags`. */
void act_accept(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct sockaddr_in peer = { 0 };
	socklen_t length = sizeof peer;
	int fd;

	(void)actor;
	if (request->variant == 1)
		fd = accept4(slots[LISTENER], (struct sockaddr *)&peer, &length,
			     (int)request->flags);
	else
		fd = accept(slots[LISTENER], (struct sockaddr *)&peer, &length);
	outcome_descriptor(reply, fd);
	if (fd < 0)
		return;
	slots[request->slot] = fd;
	reply->value = ntohs(peer.sin_port);
	say(reply, " from %s length %u", inet_ntoa(peer.sin_addr), (unsigned)length);
}

void act_shutdown(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	outcome(reply, shutdown(slots[request->slot], (int)request->argument));
}

static void say_name(struct reply *reply, const char *what, int fd, uint64_t port,
		     int (*call)(int fd, struct sockaddr *name, socklen_t *length))
{
	struct sockaddr_in name = { 0 };
	socklen_t length = sizeof name;

	if (call(fd, (struct sockaddr *)&name, &length) != 0) {
		say(reply, " %s error %d", what, errno);
		return;
	}
	say(reply, " %s %s length %u%s", what, inet_ntoa(name.sin_addr), (unsigned)length,
	    ntohs(name.sin_port) == port ? "" : " !! wrong port");
}

/* `key` and `key2`: what the ports should be. */
void act_names(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];
	struct sockaddr_in name;
	socklen_t length = 3;

	(void)actor;
	say_name(reply, "own", fd, request->key, getsockname);
	say_name(reply, "peer", fd, request->key2, getpeername);
	memset(&name, 0x55, sizeof name);
	outcome(reply, getpeername(fd, (struct sockaddr *)&name, &length));
	say(reply, " short %u", (unsigned)length);
}

void act_linger(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct linger linger = { .l_onoff = 1, .l_linger = (int)request->argument };

	(void)actor;
	outcome(reply,
		setsockopt(slots[request->slot], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

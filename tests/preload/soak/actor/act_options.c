/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options and modes of a socket. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct option {
	const char *name;
	int level, number;
};

static const struct option readable[] = {
	{ "SO_TYPE", SOL_SOCKET, SO_TYPE },
	{ "SO_DOMAIN", SOL_SOCKET, SO_DOMAIN },
	{ "SO_PROTOCOL", SOL_SOCKET, SO_PROTOCOL },
	{ "SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN },
	{ "SO_ERROR", SOL_SOCKET, SO_ERROR },
	{ "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR },
	{ "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE },
	{ "SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE },
	{ "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT },
	{ "SO_PRIORITY", SOL_SOCKET, SO_PRIORITY },
	{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY },
	{ "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE },
	{ "TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT },
	{ "TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT },
	{ "IP_TTL", IPPROTO_IP, IP_TTL },
	{ "IP_TOS", IPPROTO_IP, IP_TOS },
	{ "none", SOL_SOCKET, 9999 },
};

/* None that could make a call wait; SO_SNDBUF would count as an edge for EPOLLOUT. */
static const struct option writable[] = {
	{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY },
	{ "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE },
	{ "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR },
	{ "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE },
	{ "TCP_QUICKACK", IPPROTO_TCP, TCP_QUICKACK },
	{ "IP_TOS", IPPROTO_IP, IP_TOS },
	{ "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF },
	{ "none", IPPROTO_TCP, 9999 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LARGE_BUFFER 150000

void act_option_get(struct actor *actor, const struct request *request, struct reply *reply)
{
	const struct option *option = &readable[(unsigned)request->variant % COUNT(readable)];
	socklen_t length = sizeof(int);
	int value = -1;

	(void)actor;
	outcome(reply,
		getsockopt(slots[request->slot], option->level, option->number, &value, &length));
	say(reply, " %s %d length %u", option->name, value, (unsigned)length);
}

void act_option_set(struct actor *actor, const struct request *request, struct reply *reply)
{
	const struct option *option = &writable[(unsigned)request->variant % COUNT(writable)];
	int value = (int)request->argument;

	(void)actor;
	if (option->number == TCP_KEEPIDLE && option->level == IPPROTO_TCP)
		value = 100 + value;
	else if (option->level == SOL_SOCKET && option->number == SO_RCVBUF)
		value = LARGE_BUFFER;
	outcome(reply, setsockopt(slots[request->slot], option->level, option->number, &value,
				  sizeof value));
	say(reply, " %s", option->name);
}

/* By fcntl or ioctl; then what fcntl says it is. */
void act_nonblock(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot], on = (int)request->argument, mode = fcntl(fd, F_GETFL);

	(void)actor;
	if (request->variant)
		outcome(reply, ioctl(fd, FIONBIO, &on));
	else
		outcome(reply, fcntl(fd, F_SETFL, on ? mode | O_NONBLOCK : mode & ~O_NONBLOCK));
	say(reply, " mode %#x", (unsigned)fcntl(fd, F_GETFL));
}

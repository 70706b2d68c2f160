/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "link.h"

#include "fail.h"
#include "stream-io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORTS_AWAY 1u /* from the one that is measured */
#define RETRY_US 10000u

/* Besides enum news. */
enum { LINK_HEARD = 16, LINK_TALLY };

struct message {
	uint64_t what, value;
};

static struct {
	int fd;
	enum side side;
	struct shared *shared;
	pthread_t reader;
	_Atomic unsigned heard; /* totals that the other end knows */
} the_link = { .fd = -1 };

static struct sockaddr_in address_of(const struct plan *plan)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((in_port_t)(plan->port + PORTS_AWAY)) };

	if (!inet_aton(plan->home[SIDE_LISTENS].address, &address.sin_addr))
		fail("\"%s\" is no Internet address", plan->home[SIDE_LISTENS].address);
	return address;
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail_errno("socket");
	return fd;
}

static int accept_other(const struct plan *plan)
{
	struct sockaddr_in address = address_of(plan);
	int listener = new_socket(), one = 1, fd;

	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
	    bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1))
		fail_errno("port %u", plan->port + PORTS_AWAY);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		fail_errno("accept");
	close(listener);
	return fd;
}

/* The other may not listen yet. */
static int connect_to_other(const struct plan *plan)
{
	struct sockaddr_in address = address_of(plan);

	for (;;) {
		int fd = new_socket();

		if (!connect(fd, (struct sockaddr *)&address, sizeof address))
			return fd;
		if (errno != ECONNREFUSED)
			fail_errno("connect to %s", plan->home[SIDE_LISTENS].address);
		close(fd);
		usleep(RETRY_US);
	}
}

static void read_whole(void *object, size_t size)
{
	for (size_t done = 0; done < size;)
		done += socket_receive(the_link.fd, (char *)object + done, size - done, true);
}

static void send_message(uint64_t what, uint64_t value)
{
	struct message message = { what, value };

	socket_send_all(the_link.fd, (const char *)&message, sizeof message);
}

static void tell(enum news news, uint64_t value)
{
	unsigned before = atomic_load(&the_link.heard);

	send_message(news, value);
	/* Bytes on their way elsewhere must not overtake it. */
	while (news == NEWS_TOTAL && atomic_load(&the_link.heard) == before)
		usleep(1000);
}

/* False when the other end has nothing more to say. */
static bool apply(const struct message *message)
{
	struct shared *shared = the_link.shared;

	switch (message->what) {
	case NEWS_ARRIVAL:
		atomic_fetch_add(&shared->arrivals, 1);
		return true;
	case NEWS_PHASE:
		atomic_store(&shared->phase, (int)message->value);
		return true;
	case NEWS_TOTAL:
		atomic_store(&shared->total, message->value);
		send_message(LINK_HEARD, 0);
		return true;
	case LINK_HEARD:
		atomic_fetch_add(&the_link.heard, 1);
		return true;
	case LINK_TALLY:
		read_whole(&shared->tally[!the_link.side], sizeof *shared->tally);
		return false;
	}
	fail("the other end is another program");
}

static void *read_messages(void *unused)
{
	struct message message;

	do
		read_whole(&message, sizeof message);
	while (apply(&message));
	return unused;
}

void link_open(const struct role *role, struct shared *shared)
{
	const struct plan *plan = &role->plan;
	int one = 1;

	the_link.side = role->side;
	the_link.shared = shared;
	the_link.fd = role->side == SIDE_LISTENS ? accept_other(plan) : connect_to_other(plan);
	if (setsockopt(the_link.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one))
		fail_errno("TCP_NODELAY");
	shared->tell = tell;
	errno = pthread_create(&the_link.reader, NULL, read_messages, NULL);
	if (errno)
		fail_errno("a thread");
}

void link_finish(void)
{
	send_message(LINK_TALLY, 0);
	socket_send_all(the_link.fd, (const char *)&the_link.shared->tally[the_link.side],
			sizeof *the_link.shared->tally);
	errno = pthread_join(the_link.reader, NULL);
	if (errno)
		fail_errno("a thread");
	close(the_link.fd);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "public.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "base/error.h"
#include "calls.h"
#include "inject.h"

/* inject.c ends its frames here. */
#define WRAPS __attribute__((section("public_text")))

#define SOCKETS 512

static struct xsock *sockets[SOCKETS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static const char stale[] = "(the call left no sentence)";

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void begin(enum call call)
{
	if (inside.depth++ > 0)
		return;
	inside.faults = 0;
	/* Seen again only if a failing call leaves no sentence of its own. */
	fail(EINVAL, "%s", stale);
	if (part == NULL || gettid() != part->process)
		return;
	atomic_store(&part->since, now());
	atomic_store(&part->inside, call_name(call));
}

static bool is_expected(enum call call, int error)
{
	for (unsigned at = 0; at < part->expected_count; at++)
		if (part->expected[at].call == call && part->expected[at].error == error)
			return true;
	return false;
}

static void expect(enum call call, int error)
{
	unsigned count = part->expected_count;

	if (is_expected(call, error) || count == sizeof part->expected / sizeof *part->expected)
		return;
	part->expected[count].call = call;
	part->expected[count].error = error;
	part->expected_count++;
}

static void check_failure(enum call call, int error)
{
	const struct plan *plan = &board->plan;
	const char *sentence = xsock_last_error();

	if (atomic_load(&board->parts[plan->side].fired) > 0)
		atomic_fetch_add(&part->failed, 1);
	if (inside.faults > 0)
		snprintf(part->outcome, sizeof part->outcome, "%s: %s: %.200s", call_name(call),
			 strerrorname_np(error), sentence);
	if (!call_documents(call, error))
		board_defect("%s failed with %s, which xsock.h does not name: %.200s",
			     call_name(call), strerrorname_np(error), sentence);
	if (strstr(sentence, stale) != NULL)
		board_defect("%s failed with %s and left no sentence", call_name(call),
			     strerrorname_np(error));
	if (board->recording)
		expect(call, error);
	if (inside.faults > 0 && !is_expected(call, error) && !call_may_say(call, plan, error))
		board_defect("%s failed with %s: %.200s", call_name(call), strerrorname_np(error),
			     sentence);
}

static void end(enum call call, bool failed)
{
	int error = errno;

	if (--inside.depth > 0)
		return;
	if (part == NULL)
		return;
	if (failed && error != EAGAIN && error != EINPROGRESS)
		check_failure(call, error);
	else if (inside.faults > 0)
		atomic_fetch_add(&part->tolerated, 1);
	if (gettid() == part->process)
		atomic_store(&part->inside, NULL);
	errno = error;
}

/* -- sockets -------------------------------------------------------------------------------- */

static void replace(const struct xsock *old, struct xsock *new)
{
	unsigned at = 0;

	pthread_mutex_lock(&mutex);
	while (at < SOCKETS && sockets[at] != old)
		at++;
	if (at < SOCKETS)
		sockets[at] = new;
	pthread_mutex_unlock(&mutex);
}

static struct xsock *end_new(enum call call, struct xsock *socket)
{
	end(call, socket == NULL);
	if (socket != NULL)
		replace(NULL, socket);
	return socket;
}

struct xsock *__real_xsock_listen(const char *service, const struct xsock_options *options);
struct xsock *__wrap_xsock_listen(const char *service, const struct xsock_options *options);
struct xsock *__real_xsock_accept(struct xsock *listener, int timeout);
struct xsock *__wrap_xsock_accept(struct xsock *listener, int timeout);
struct xsock *__real_xsock_connect(const char *address, const struct xsock_options *options);
struct xsock *__wrap_xsock_connect(const char *address, const struct xsock_options *options);
int __real_xsock_close(struct xsock *socket);
int __wrap_xsock_close(struct xsock *socket);

WRAPS struct xsock *__wrap_xsock_listen(const char *service, const struct xsock_options *options)
{
	begin(CALL_LISTEN);
	return end_new(CALL_LISTEN, __real_xsock_listen(service, options));
}

WRAPS struct xsock *__wrap_xsock_accept(struct xsock *listener, int timeout)
{
	begin(CALL_ACCEPT);
	return end_new(CALL_ACCEPT, __real_xsock_accept(listener, timeout));
}

WRAPS struct xsock *__wrap_xsock_connect(const char *address, const struct xsock_options *options)
{
	begin(CALL_CONNECT);
	return end_new(CALL_CONNECT, __real_xsock_connect(address, options));
}

WRAPS int __wrap_xsock_close(struct xsock *socket)
{
	int result;

	begin(CALL_CLOSE);
	if (socket != NULL)
		replace(socket, NULL);
	result = __real_xsock_close(socket);
	end(CALL_CLOSE, result < 0);
	return result;
}

void public_close_all(void)
{
	for (unsigned at = 0; at < SOCKETS; at++)
		if (sockets[at] != NULL)
			xsock_close(sockets[at]);
}

/* -- calls that return an int ----------------------------------------------------------------- */

static int end_int(enum call call, int result)
{
	end(call, result < 0);
	return result;
}

int __real_xsock_connect_finish(struct xsock *socket);
int __wrap_xsock_connect_finish(struct xsock *socket);
int __real_xsock_shutdown(struct xsock *socket, int how);
int __wrap_xsock_shutdown(struct xsock *socket, int how);
int __real_xsock_set_timeouts(struct xsock *socket, int send_timeout, int recv_timeout);
int __wrap_xsock_set_timeouts(struct xsock *socket, int send_timeout, int recv_timeout);
int __real_xsock_send_commit(struct xsock *socket, size_t length);
int __wrap_xsock_send_commit(struct xsock *socket, size_t length);
int __real_xsock_recv_consume(struct xsock *socket, size_t length);
int __wrap_xsock_recv_consume(struct xsock *socket, size_t length);
int __real_xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout);
int __wrap_xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout);
int __real_xsock_fd(struct xsock *socket);
int __wrap_xsock_fd(struct xsock *socket);
int __real_xsock_recv_ready(struct xsock *socket);
int __wrap_xsock_recv_ready(struct xsock *socket);
int __real_xsock_set_events(struct xsock *socket, short events);
int __wrap_xsock_set_events(struct xsock *socket, short events);
int __real_xsock_lookup(const struct sockaddr *address, socklen_t length, const char *platform,
			unsigned *domain);
int __wrap_xsock_lookup(const struct sockaddr *address, socklen_t length, const char *platform,
			unsigned *domain);
int __real_xsock_get_info(struct xsock *socket, struct xsock_info *info, size_t size);
int __wrap_xsock_get_info(struct xsock *socket, struct xsock_info *info, size_t size);

WRAPS int __wrap_xsock_connect_finish(struct xsock *socket)
{
	begin(CALL_CONNECT_FINISH);
	return end_int(CALL_CONNECT_FINISH, __real_xsock_connect_finish(socket));
}

WRAPS int __wrap_xsock_shutdown(struct xsock *socket, int how)
{
	begin(CALL_SHUTDOWN);
	return end_int(CALL_SHUTDOWN, __real_xsock_shutdown(socket, how));
}

WRAPS int __wrap_xsock_set_timeouts(struct xsock *socket, int send_timeout, int recv_timeout)
{
	begin(CALL_SET_TIMEOUTS);
	return end_int(CALL_SET_TIMEOUTS,
		       __real_xsock_set_timeouts(socket, send_timeout, recv_timeout));
}

WRAPS int __wrap_xsock_send_commit(struct xsock *socket, size_t length)
{
	begin(CALL_COMMIT);
	return end_int(CALL_COMMIT, __real_xsock_send_commit(socket, length));
}

WRAPS int __wrap_xsock_recv_consume(struct xsock *socket, size_t length)
{
	begin(CALL_CONSUME);
	return end_int(CALL_CONSUME, __real_xsock_recv_consume(socket, length));
}

WRAPS int __wrap_xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout)
{
	begin(CALL_POLL);
	return end_int(CALL_POLL, __real_xsock_poll(entries, count, timeout));
}

WRAPS int __wrap_xsock_fd(struct xsock *socket)
{
	begin(CALL_FD);
	return end_int(CALL_FD, __real_xsock_fd(socket));
}

WRAPS int __wrap_xsock_recv_ready(struct xsock *socket)
{
	begin(CALL_READY);
	return end_int(CALL_READY, __real_xsock_recv_ready(socket));
}

WRAPS int __wrap_xsock_set_events(struct xsock *socket, short events)
{
	begin(CALL_SET_EVENTS);
	return end_int(CALL_SET_EVENTS, __real_xsock_set_events(socket, events));
}

WRAPS int __wrap_xsock_lookup(const struct sockaddr *address, socklen_t length,
			      const char *platform, unsigned *domain)
{
	begin(CALL_LOOKUP);
	return end_int(CALL_LOOKUP, __real_xsock_lookup(address, length, platform, domain));
}

WRAPS int __wrap_xsock_get_info(struct xsock *socket, struct xsock_info *info, size_t size)
{
	begin(CALL_GET_INFO);
	return end_int(CALL_GET_INFO, __real_xsock_get_info(socket, info, size));
}

/* -- calls that move bytes -------------------------------------------------------------------- */

static ssize_t end_size(enum call call, ssize_t result)
{
	end(call, result < 0);
	return result;
}

ssize_t __real_xsock_send(struct xsock *socket, const void *buffer, size_t length, int flags);
ssize_t __wrap_xsock_send(struct xsock *socket, const void *buffer, size_t length, int flags);
ssize_t __real_xsock_recv(struct xsock *socket, void *buffer, size_t length, int flags);
ssize_t __wrap_xsock_recv(struct xsock *socket, void *buffer, size_t length, int flags);
ssize_t __real_xsock_sendv(struct xsock *socket, const struct iovec *pieces, int count, int flags);
ssize_t __wrap_xsock_sendv(struct xsock *socket, const struct iovec *pieces, int count, int flags);
ssize_t __real_xsock_recvv(struct xsock *socket, const struct iovec *pieces, int count, int flags);
ssize_t __wrap_xsock_recvv(struct xsock *socket, const struct iovec *pieces, int count, int flags);
ssize_t __real_xsock_send_withdraw(struct xsock *socket, void *buffer, size_t length);
ssize_t __wrap_xsock_send_withdraw(struct xsock *socket, void *buffer, size_t length);
ssize_t __real_xsock_send_reserve(struct xsock *socket, struct iovec span[2], size_t want,
				  int flags);
ssize_t __wrap_xsock_send_reserve(struct xsock *socket, struct iovec span[2], size_t want,
				  int flags);
ssize_t __real_xsock_recv_peek(struct xsock *socket, struct iovec span[2], size_t want, int flags);
ssize_t __wrap_xsock_recv_peek(struct xsock *socket, struct iovec span[2], size_t want, int flags);

WRAPS ssize_t __wrap_xsock_send(struct xsock *socket, const void *buffer, size_t length, int flags)
{
	begin(CALL_SEND);
	return end_size(CALL_SEND, __real_xsock_send(socket, buffer, length, flags));
}

WRAPS ssize_t __wrap_xsock_recv(struct xsock *socket, void *buffer, size_t length, int flags)
{
	begin(CALL_RECV);
	return end_size(CALL_RECV, __real_xsock_recv(socket, buffer, length, flags));
}

WRAPS ssize_t __wrap_xsock_sendv(struct xsock *socket, const struct iovec *pieces, int count,
				 int flags)
{
	begin(CALL_SEND);
	return end_size(CALL_SEND, __real_xsock_sendv(socket, pieces, count, flags));
}

WRAPS ssize_t __wrap_xsock_recvv(struct xsock *socket, const struct iovec *pieces, int count,
				 int flags)
{
	begin(CALL_RECV);
	return end_size(CALL_RECV, __real_xsock_recvv(socket, pieces, count, flags));
}

WRAPS ssize_t __wrap_xsock_send_withdraw(struct xsock *socket, void *buffer, size_t length)
{
	begin(CALL_WITHDRAW);
	return end_size(CALL_WITHDRAW, __real_xsock_send_withdraw(socket, buffer, length));
}

WRAPS ssize_t __wrap_xsock_send_reserve(struct xsock *socket, struct iovec span[2], size_t want,
					int flags)
{
	begin(CALL_RESERVE);
	return end_size(CALL_RESERVE, __real_xsock_send_reserve(socket, span, want, flags));
}

WRAPS ssize_t __wrap_xsock_recv_peek(struct xsock *socket, struct iovec span[2], size_t want,
				     int flags)
{
	begin(CALL_PEEK);
	return end_size(CALL_PEEK, __real_xsock_recv_peek(socket, span, want, flags));
}

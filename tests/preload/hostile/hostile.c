/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A peer that meets a program under xsock-run, by libxsock's public calls, and says in the ring
 * what no peer says (docs/preload.md, "Words in the ring"). The program must go on over TCP with
 * all bytes, or see the connection reset: it must not hang, crash, or lose bytes.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xsock/xsock.h>

#include "../../unit/unit.h"
#include "preload/address.h"
#include "preload/real.h"

#define HELLO 0x58534b48u
#define SWITCH 0x58534b53u
#define WORD 16
#define BEFORE 1000 /* bytes before anything is said in the ring */
#define TOTAL 200000
#define SLICE 100 /* ms; a look at both ways at least so often */
#define RESET 2   /* the victim's exit status */

static char directory[64];
static const char *victims_way; /* NULL, or "odd" */

struct meeting {
	pid_t victim;
	int tcp;
	struct xsock *listener, *ring;
	char over_tcp[TOTAL + 1], over_ring[TOTAL + 2 * WORD + 1];
	size_t tcp_count, ring_count, sent;
};

static char expected(size_t at)
{
	return (char)(at * 7 + at / 251);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ------------------------------------------------------------------ two domains on this machine */

static char *in_directory(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static int make_world(void **state)
{
	FILE *hosts;

	(void)state;
	snprintf(directory, sizeof directory, "/tmp/xsock-hostile.XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	hosts = fopen(in_directory("hosts"), "w");
	if (hosts == NULL || fprintf(hosts, "127.0.0.1 2\n127.0.0.2 1\n") < 0 || fclose(hosts) != 0)
		return -1;
	setenv("XSOCK_PLATFORM", "local", 1);
	setenv("XSOCK_LOCAL_DOMAIN", "2", 1);
	setenv("XSOCK_LOCAL_DIR", directory, 1);
	signal(SIGPIPE, SIG_IGN);
	real_resolve();
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static int remove_world(void **state)
{
	(void)state;
	return nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static pid_t start_victim(int port)
{
	char hosts[128], log[128], number[16];
	pid_t child;

	snprintf(hosts, sizeof hosts, "%s", in_directory("hosts"));
	snprintf(log, sizeof log, "%s", in_directory("log"));
	snprintf(number, sizeof number, "%d", port);
	child = fork();
	if (child != 0)
		return child;
	setenv("XSOCK_LOCAL_DOMAIN", "1", 1);
	execl(getenv("XSOCK_RUN"), "xsock-run", "--hosts", hosts, "--log", log, getenv("VICTIM"),
	      number, victims_way, (char *)NULL);
	_exit(127);
}

static int accept_one(struct meeting *meeting)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	socklen_t length = sizeof address;
	struct pollfd entry = { .fd = listener, .events = POLLIN };

	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	meeting->victim = start_victim(ntohs(address.sin_port));
	assert_true(meeting->victim > 0);
	assert_int_equal(poll(&entry, 1, PATIENCE), 1);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(fd >= 0);
	close(listener);
	return fd;
}

/* ------------------------------------------------------------------ the stream, both ways */

static void receive(struct meeting *meeting, bool *over)
{
	ssize_t count = recv(meeting->tcp, meeting->over_tcp + meeting->tcp_count,
			     sizeof meeting->over_tcp - meeting->tcp_count, 0);

	if (count > 0)
		meeting->tcp_count += (size_t)count;
	*over = count == 0 || (count < 0 && errno != EAGAIN);
	while (meeting->ring != NULL) {
		count = xsock_recv(meeting->ring, meeting->over_ring + meeting->ring_count,
				   sizeof meeting->over_ring - meeting->ring_count, MSG_DONTWAIT);
		if (count <= 0)
			break;
		meeting->ring_count += (size_t)count;
	}
}

static void send_up_to(struct meeting *meeting, size_t limit)
{
	char bytes[4096];
	size_t length = limit - meeting->sent;
	ssize_t count;

	length = length < sizeof bytes ? length : sizeof bytes;
	for (size_t at = 0; at < length; at++)
		bytes[at] = expected(meeting->sent + at);
	count = send(meeting->tcp, bytes, length, 0);
	if (count > 0)
		meeting->sent += (size_t)count;
}

static void wait_for_either(const struct meeting *meeting, bool more)
{
	struct pollfd entries[2] = {
		{ .fd = meeting->tcp, .events = (short)(POLLIN | (more ? POLLOUT : 0)) },
		{ .fd = meeting->ring != NULL ? xsock_fd(meeting->ring) : -1, .events = POLLIN }
	};

	poll(entries, 2, SLICE);
}

/* Sends so much over TCP, and takes what comes back either way: so much of it, or all there is.
 * False: it took too long. */
static bool exchange(struct meeting *meeting, size_t limit, bool to_the_end)
{
	int64_t until = now() + PATIENCE;
	bool over = false, shut = false;

	while (now() < until) {
		if (meeting->sent < limit)
			send_up_to(meeting, limit);
		if (meeting->sent == limit && to_the_end && !shut) {
			shutdown(meeting->tcp, SHUT_WR);
			shut = true;
		}
		receive(meeting, &over);
		if (over || (!to_the_end && meeting->tcp_count >= limit))
			return over == to_the_end;
		wait_for_either(meeting, meeting->sent < limit);
	}
	return false;
}

/* ------------------------------------------------------------------ what is said in the ring */

static void say_bytes(struct meeting *meeting, const void *bytes, size_t length)
{
	assert_int_equal(xsock_send(meeting->ring, bytes, length, 0), length);
}

static void say(struct meeting *meeting, uint32_t magic, uint32_t version, uint64_t position)
{
	struct {
		uint32_t magic, version;
		uint64_t position;
	} word = { htole32(magic), htole32(version), htole64(position) };

	say_bytes(meeting, &word, sizeof word);
}

static void hang_up(struct meeting *meeting)
{
	bool over;

	receive(meeting, &over);
	xsock_close(meeting->ring);
	meeting->ring = NULL;
}

static void end_before_hello(struct meeting *meeting)
{
	xsock_shutdown(meeting->ring, SHUT_WR);
}

static void close_before_hello(struct meeting *meeting)
{
	hang_up(meeting);
}

static void read_nothing(struct meeting *meeting)
{
	xsock_shutdown(meeting->ring, SHUT_RD);
}

static void half_a_hello(struct meeting *meeting)
{
	say_bytes(meeting, "HKSX\1", 5);
}

static void garbage(struct meeting *meeting)
{
	say_bytes(meeting, "no word of ours, and more than one of them", 42);
}

static void another_version(struct meeting *meeting)
{
	say(meeting, HELLO, 2, 0);
}

static void switch_first(struct meeting *meeting)
{
	say(meeting, SWITCH, 1, BEFORE);
}

static void hello_and_end(struct meeting *meeting)
{
	say(meeting, HELLO, 1, 0);
	xsock_shutdown(meeting->ring, SHUT_WR);
}

static void hello_twice(struct meeting *meeting)
{
	say(meeting, HELLO, 1, 0);
	say(meeting, HELLO, 1, 0);
}

static void half_a_switch(struct meeting *meeting)
{
	say(meeting, HELLO, 1, 0);
	say_bytes(meeting, "SKSX\1", 5);
}

static void switch_behind_all_there_ever_is(struct meeting *meeting)
{
	say(meeting, HELLO, 1, 0);
	say(meeting, SWITCH, 1, UINT64_MAX);
}

/* The victim says hello, and where its bytes leave TCP. */
static void lure_to_ring(struct meeting *meeting)
{
	int64_t until = now() + PATIENCE;
	bool over;

	say(meeting, HELLO, 1, 0);
	for (receive(meeting, &over); meeting->ring_count < 2 * WORD; receive(meeting, &over)) {
		assert_true(now() < until);
		wait_for_either(meeting, false);
	}
}

/* The kernel counts no bytes in front of one that is urgent, though there are some behind it. */
static void urgent_while_guarded(struct meeting *meeting)
{
	lure_to_ring(meeting);
	assert_int_equal(send(meeting->tcp, "!", 1, MSG_OOB), 1);
}

static void switch_in_the_past(struct meeting *meeting)
{
	say(meeting, HELLO, 1, 0);
	say(meeting, SWITCH, 1, 1);
}

/* Else the program would wait for ever for the end that its descriptor shows. */
static void end_tcp_only(struct meeting *meeting)
{
	lure_to_ring(meeting);
	say(meeting, SWITCH, 1, BEFORE);
	assert_int_equal(shutdown(meeting->tcp, SHUT_WR), 0);
	meeting->sent = TOTAL;
}

/* ------------------------------------------------------------------ verdicts */

static int ended(struct meeting *meeting)
{
	int64_t until = now() + PATIENCE;
	int status;

	while (waitpid(meeting->victim, &status, WNOHANG) == 0) {
		if (now() > until) {
			kill(meeting->victim, SIGKILL);
			waitpid(meeting->victim, &status, 0);
			return -1;
		}
		poll(NULL, 0, 1);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The echo: up to the victim's SWITCH over TCP, then what the ring holds, then TCP again. */
static bool is_whole(const struct meeting *meeting)
{
	size_t carried = meeting->ring_count > 2 * WORD ? meeting->ring_count - 2 * WORD : 0;
	uint64_t position = 0;

	if (meeting->ring_count >= 2 * WORD)
		memcpy(&position, meeting->over_ring + WORD + 8, sizeof position);
	position = le64toh(position);
	if (meeting->tcp_count + carried != TOTAL || position > meeting->tcp_count)
		return false;
	for (size_t at = 0; at < TOTAL; at++) {
		char byte;

		if (at < position || carried == 0)
			byte = meeting->over_tcp[at];
		else if (at < position + carried)
			byte = meeting->over_ring[2 * WORD + at - position];
		else
			byte = meeting->over_tcp[at - carried];
		if (byte != expected(at))
			return false;
	}
	return true;
}

/* What the victim ends with: 0 all came back, RESET it was told. */
static int play(void (*act)(struct meeting *meeting))
{
	static struct meeting meeting;
	struct address_pair pair;
	char name[MEETING_NAME_SIZE];
	unsigned victims = 1;
	struct xsock_options options = { .allow = &victims, .allow_count = 1 };
	bool in_time;
	int status;

	memset(&meeting, 0, sizeof meeting);
	meeting.tcp = accept_one(&meeting);
	assert_true(address_pair_read(meeting.tcp, &pair));
	address_pair_name(&pair, name);
	meeting.listener = xsock_listen(name, &options);
	assert_non_null(meeting.listener);
	/* So that the victim has read these, and begun to look for its peer. */
	assert_true(exchange(&meeting, BEFORE, false));
	meeting.ring = xsock_accept(meeting.listener, PATIENCE);
	assert_non_null(meeting.ring);
	xsock_close(meeting.listener);
	act(&meeting);
	in_time = exchange(&meeting, TOTAL, true);
	if (meeting.ring != NULL)
		xsock_close(meeting.ring);
	close(meeting.tcp);
	status = ended(&meeting);
	assert_true(in_time);
	if (status == 0)
		assert_true(is_whole(&meeting));
	return status;
}

#define GOES_ON(act)                                                                               \
	static void test_##act(void **state)                                                       \
	{                                                                                          \
		(void)state;                                                                       \
		assert_int_equal(play(act), 0);                                                    \
	}

GOES_ON(end_before_hello)
GOES_ON(close_before_hello)
GOES_ON(read_nothing)
GOES_ON(half_a_hello)
GOES_ON(garbage)
GOES_ON(another_version)
GOES_ON(switch_first)
GOES_ON(hello_and_end)
GOES_ON(hello_twice)
GOES_ON(half_a_switch)
GOES_ON(switch_behind_all_there_ever_is)
GOES_ON(urgent_while_guarded)

static void test_switch_in_the_past(void **state)
{
	(void)state;
	assert_int_equal(play(switch_in_the_past), RESET);
}

static void test_end_tcp_only(void **state)
{
	(void)state;
	assert_int_equal(play(end_tcp_only), RESET);
}

/* The victim makes odd calls while its connection is one that the library follows, and goes on to
 * the ring with it. */
static void odd_calls(void **state)
{
	(void)state;
	victims_way = "odd";
	assert_int_equal(play(hello_and_end), 0);
	victims_way = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_end_before_hello),
		TEST(test_close_before_hello),
		TEST(test_read_nothing),
		TEST(test_half_a_hello),
		TEST(test_garbage),
		TEST(test_another_version),
		TEST(test_switch_first),
		TEST(test_hello_and_end),
		TEST(test_hello_twice),
		TEST(test_half_a_switch),
		TEST(test_switch_behind_all_there_ever_is),
		TEST(test_urgent_while_guarded),
		TEST(test_switch_in_the_past),
		TEST(test_end_tcp_only),
		TEST(odd_calls),
	};

	return cmocka_run_group_tests(tests, make_world, remove_world);
}

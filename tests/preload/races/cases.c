/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cases.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "pair.h"
#include "preload/real.h"

#define TOTAL 20000000 /* bytes each way */
#define SOME 2000000
#define CHILDREN 6

static void close_both(struct pair *pair)
{
	for (int end = 0; end < 2; end++)
		if (real.close(pair->end[end]) != 0)
			die("close");
}

void case_duplex(void)
{
	struct pair pair;
	struct crew crew = { .pair = &pair };

	pair_make(&pair, WHOLE, TOTAL);
	crew_watch(&crew);
	crew_move(&crew);
	crew_await_movers(&crew);
	crew_dismiss_watchers(&crew);
	close_both(&pair);
}

void case_shutdown(void)
{
	struct pair pair;
	struct crew crew = { .pair = &pair };

	pair_make(&pair, CUT_SHORT, 0);
	crew_watch(&crew);
	crew_move(&crew);
	pair_await(&pair, SOME);
	if (real.shutdown(pair.end[0], SHUT_RDWR) != 0)
		die("shutdown");
	/* It may have been reset by then: the other end sent what is not read any more. */
	real.shutdown(pair.end[1], SHUT_RDWR);
	crew_await_movers(&crew);
	crew_dismiss_watchers(&crew);
	close_both(&pair);
}

void case_close(void)
{
	struct pair pair;
	struct crew crew = { .pair = &pair };

	pair_make(&pair, CUT_SHORT, 0);
	crew_move(&crew);
	crew_watch(&crew);
	pair_await(&pair, SOME);
	/* Its number is not given again while threads may still use it. */
	crew_dismiss_watchers(&crew);
	if (real.close(pair.end[0]) != 0)
		die("close");
	/* Who sleeps in a call on a closed number hears of the other end alone. */
	real.shutdown(pair.end[1], SHUT_RDWR);
	crew_await_movers(&crew);
	if (real.close(pair.end[1]) != 0)
		die("close");
}

/* ------------------------------------------------------------------ accept */

#define ACCEPTORS 3
#define CONNECTORS 3
#define VISITS 3
#define VISIT 3000 /* bytes */

struct door {
	int listener;
	struct sockaddr_in address;
};

static void echo(int fd)
{
	char bytes[VISIT];
	ssize_t count;

	while ((count = real.read(fd, bytes, sizeof bytes)) > 0)
		if (real.write(fd, bytes, (size_t)count) != count)
			die("write");
	if (count < 0 || real.close(fd) != 0)
		die("echo");
}

static void *accept_all(void *argument)
{
	struct door *door = argument;
	int fd;

	while ((fd = real.accept4(door->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		echo(fd);
	/* As Linux tells those who wait at a listener that is shut down. */
	if (errno != EINVAL)
		die("accept");
	return NULL;
}

static void *visit(void *argument)
{
	struct door *door = argument;
	char bytes[VISIT] = "";

	for (int at = 0; at < VISITS; at++) {
		int fd = connect_to(&door->address);

		for (int times = 0; times < 100; times++)
			if (real.write(fd, bytes, sizeof bytes) != sizeof bytes ||
			    real.recv(fd, bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
				die("visit");
		if (real.close(fd) != 0)
			die("close");
	}
	return NULL;
}

void case_accept(void)
{
	pthread_t acceptors[ACCEPTORS], connectors[CONNECTORS];
	struct door door;

	door.listener = listener_make(&door.address);
	for (int at = 0; at < ACCEPTORS; at++)
		if (pthread_create(&acceptors[at], NULL, accept_all, &door) != 0)
			die("no thread");
	for (int at = 0; at < CONNECTORS; at++)
		if (pthread_create(&connectors[at], NULL, visit, &door) != 0)
			die("no thread");
	for (int at = 0; at < CONNECTORS; at++)
		pthread_join(connectors[at], NULL);
	real.shutdown(door.listener, SHUT_RDWR);
	for (int at = 0; at < ACCEPTORS; at++)
		pthread_join(acceptors[at], NULL);
	real.close(door.listener);
}

/* ------------------------------------------------------------------ fork */

static pid_t fork_one(struct pair *pair, bool works)
{
	pid_t child = real.fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return child;
	if (works)
		pair_send(pair, 0);
	real._exit(0);
	return 0;
}

/* Children come while threads are in the middle of everything; some send over another connection.
 */
void case_fork(void)
{
	struct pair busy, theirs;
	struct crew crew = { .pair = &busy };
	int status;

	pair_make(&busy, WHOLE, TOTAL);
	crew_watch(&crew);
	crew_move(&crew);
	for (int at = 0; at < CHILDREN; at++) {
		pid_t child;

		pair_make(&theirs, WHOLE, 1000);
		child = fork_one(&theirs, at % 2 == 0);
		if (at % 2 == 0)
			pair_receive(&theirs, 1);
		if (waitpid(child, &status, 0) != child || status != 0)
			die("a child failed");
		close_both(&theirs);
	}
	crew_await_movers(&crew);
	crew_dismiss_watchers(&crew);
	close_both(&busy);
}

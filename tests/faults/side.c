/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "side.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "base/owned.h"
#include "board.h"
#include "layer.h"
#include "memory.h"
#include "public.h"
#include "support/leaks.h"
#include "wraps.h"

/* Set while a failed check of this process's main thread has somewhere to go. */
static sigjmp_buf *failed_check;
static pid_t main_process;

static unsigned threads(void)
{
	DIR *directory = opendir("/proc/self/task");
	unsigned count = 0;
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	if (directory != NULL)
		closedir(directory);
	return count;
}

/* A check that fails ends its process by this: here the scenario is left instead, so that it shows
 * whether all can be given back. */
void __wrap__exit(int status)
{
	sigjmp_buf *to = failed_check;

	if (part == NULL || status != 1)
		__real__exit(status);
	if (getpid() != main_process) {
		atomic_store(&board->child_stopped, true);
		__real__exit(status);
	}
	atomic_store(&part->stopped, true);
	if (to == NULL || threads() > 1)
		__real__exit(SIDE_CUT_SHORT);
	failed_check = NULL;
	siglongjmp(*to, 1);
}

/* The time limits of a test's own waits pass. */
int64_t __wrap_now_us(void)
{
	return __real_now_us() + (atomic_load(&board->gives_up) ? INT64_C(1000000) * 3600 : 0);
}

/* -- what is left ----------------------------------------------------------------------------- */

/* What the scenario itself opened, and left open when it was stopped, is its own. */
static bool is_the_librarys(const char *line)
{
	if (!strncmp(line, "descriptor ", 11))
		return is_own_descriptor(atoi(line + 11));
	return strstr(line, "memfd:xsock-") != NULL;
}

static bool held_before(const struct leaks *before, const char *line)
{
	for (size_t at = 0; at < before->count; at++)
		if (!strcmp(before->lines[at], line))
			return true;
	return false;
}

static void check_left(const struct leaks *before, bool stopped)
{
	struct leaks now;

	leaks_take(&now);
	for (size_t at = 0; at < now.count; at++)
		if (!held_before(before, now.lines[at]) &&
		    (!stopped || is_the_librarys(now.lines[at])))
			board_defect("leaked: %s", now.lines[at]);
	leaks_free(&now);
}

/* -- lives ------------------------------------------------------------------------------------ */

int side_live(const struct life *life)
{
	struct leaks before;
	bool good;

	part = &board->parts[0];
	part->process = main_process = getpid();
	leaks_take(&before);
	layer_watches_peers(life->watches);
	good = life->live();
	if (!good && atomic_load(&part->failed) == 0)
		board_defect("it went wrong, though no call failed");
	if (board->recording)
		memory_allow();
	board->recording = board->plan.armed = false;
	if (!life->live())
		board_defect("after the fault it does not work any more");
	memory_check();
	check_left(&before, false);
	leaks_free(&before);
	return good ? SIDE_DONE : SIDE_STOPPED;
}

/* -- scenarios -------------------------------------------------------------------------------- */

static void take_words_away(struct side *side)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof path, "/local/domain/%u/data/xsock-contract", side->self);
	side->ops->store_remove(side->meeting, path);
	side->ops->store_close(side->meeting);
}

static void clear_away_rest(struct side *side)
{
	public_close_all();
	if (side->meeting != NULL)
		take_words_away(side);
	if (side->store != NULL)
		side->ops->store_close(side->store);
}

/* The domain is no worse for it. */
static void try_once_more(void)
{
	struct xsock *listener = xsock_listen("afterwards", NULL);

	if (listener == NULL)
		board_defect("after the fault nobody can listen: %s", xsock_last_error());
	xsock_close(listener);
}

void side_sweep(void)
{
	struct side side = { 0 };

	if (platform_get("local", &side.platform) != 0)
		return;
	side.ops = side.platform->ops;
	side.self = side.platform->self;
	if (side.ops->store_open(side.platform, &side.meeting) == 0)
		take_words_away(&side);
	xsock_close(xsock_listen("broom", NULL));
	platform_put(side.platform);
}

static void note_fork(void)
{
	atomic_store(&part->forked, true);
}

int side_play(const struct scenario *scenario, char letter, unsigned peer)
{
	struct side side = {
		.scenario = scenario->name, .letter = letter, .peer = peer, .brief = true
	};
	sigjmp_buf stop;
	struct leaks before;
	bool stopped;

	part = &board->parts[letter == 'b'];
	part->process = main_process = getpid();
	pthread_atfork(NULL, note_fork, NULL);
	leaks_take(&before);
	side.before = &before;
	CHECK_RESULT(platform_get("local", &side.platform), 0);
	side.ops = side.platform->ops;
	side.self = side.platform->self;
	stopped = sigsetjmp(stop, 1) != 0;
	if (!stopped) {
		failed_check = &stop;
		begin(&side);
		(letter == 'a' ? scenario->a : scenario->b)(&side);
		end(&side);
		failed_check = NULL;
	} else {
		clear_away_rest(&side);
	}
	if (board->recording)
		memory_allow();
	if (atomic_load(&part->fired) > 0) {
		board->plan.armed = false;
		try_once_more();
	}
	platform_put(side.platform);
	memory_check();
	/* Stopped by hand it keeps what cannot be told from the library's. */
	if (!stopped || !atomic_load(&part->by_hand))
		check_left(&before, stopped);
	leaks_free(&before);
	fflush(stdout);
	return stopped ? SIDE_STOPPED : SIDE_DONE;
}

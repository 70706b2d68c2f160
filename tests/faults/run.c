/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "board.h"
#include "calls.h"
#include "side.h"
#include "support/directory.h"

#define RUN_LIMIT 30000 /* ms */
/* A peer's end is noticed within two seconds; on a busy machine later. */
#define NOTICE_LIMIT 6000
/* The test's own waits are interrupted, and given up; but for those that no signal ends. */
#define GIVE_UP_LIMIT 2000
/* Growth that was refused is tried again a second later. */
#define STUCK_LIMIT 3000
/* A test that makes calls one after the other, until something is so. */
#define SHORT_CALL 200

struct process {
	pid_t id;
	bool over;
	int status;
};

struct course {
	struct process processes[SIDES];
	unsigned count;
	int64_t began, first_stop, stuck; /* 0: not yet */
	bool killed;
	struct verdict *verdict;
};

static int output_fd;
static int64_t usual; /* how long the subject takes without a fault, in ms */

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void nudged(int signal)
{
	(void)signal;
}

void run_start(void)
{
	sigset_t child;

	output_fd = memfd_create("output", MFD_CLOEXEC);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	/* What a stopped side leaves behind comes to this process. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void blame(struct verdict *verdict, unsigned side, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void blame(struct verdict *verdict, unsigned side, const char *format, ...)
{
	va_list arguments;

	if (!verdict->good)
		return;
	verdict->good = false;
	verdict->side = side;
	va_start(arguments, format);
	vsnprintf(verdict->text, sizeof verdict->text, format, arguments);
	va_end(arguments);
}

/* -- processes -------------------------------------------------------------------------------- */

static void become_side(unsigned domain)
{
	struct sigaction action = { .sa_handler = nudged };
	char text[12];
	sigset_t child;

	sigaction(SIGUSR2, &action, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
	dup2(output_fd, STDOUT_FILENO);
	dup2(output_fd, STDERR_FILENO);
	snprintf(text, sizeof text, "%u", domain);
	setenv("XSOCK_LOCAL_DOMAIN", text, 1);
}

static pid_t start_side(const struct subject *subject, unsigned side)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	become_side(side + 1);
	if (subject->life != NULL)
		exit(side_live(subject->life));
	exit(side_play(subject->scenario, "ab"[side], side == 0 ? 2 : 1));
}

static bool is_known(const struct course *course, pid_t id)
{
	for (unsigned at = 0; at < course->count; at++)
		if (course->processes[at].id == id && !course->processes[at].over)
			return true;
	return false;
}

/* Those of a side that has ended. */
static void kill_orphans(const struct course *course)
{
	char path[64];
	FILE *file;
	int id;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	while (file != NULL && fscanf(file, "%d", &id) == 1)
		if (!is_known(course, id))
			kill(id, SIGKILL);
	if (file != NULL)
		fclose(file);
}

static void collect(struct course *course)
{
	int status;
	pid_t id;

	while ((id = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned at = 0; at < course->count; at++)
			if (course->processes[at].id == id) {
				course->processes[at].over = true;
				course->processes[at].status = status;
				if (status != 0 && course->first_stop == 0)
					course->first_stop = now();
			}
}

static bool all_over(const struct course *course)
{
	for (unsigned at = 0; at < course->count; at++)
		if (!course->processes[at].over)
			return false;
	return true;
}

static void kill_all(struct course *course)
{
	course->killed = true;
	for (unsigned at = 0; at < course->count; at++)
		if (!course->processes[at].over)
			kill(course->processes[at].id, SIGKILL);
}

/* One side stopped in the middle. The other must notice where it has to; a wait of the test's own
 * is cut short. */
static void hurry(struct course *course, unsigned side)
{
	struct part *at = &board->parts[side];
	const char *inside = atomic_load(&at->inside);
	int64_t since = atomic_load(&at->since) / 1000;

	since = since > course->first_stop ? since : course->first_stop;
	if (inside != NULL && call_must_end(inside)) {
		if (now() - since < NOTICE_LIMIT)
			return;
		blame(course->verdict, side, "%s did not end, %d ms after the other end did",
		      inside, NOTICE_LIMIT);
		kill_all(course);
	} else if (now() - since > GIVE_UP_LIMIT) {
		kill_all(course);
	} else {
		kill(course->processes[side].id, SIGUSR2);
	}
}

static bool waits_for_the_other(const struct part *at)
{
	const char *inside = atomic_load(&at->inside);
	int64_t since = now() - atomic_load(&at->since) / 1000;

	if (inside == NULL || since < SHORT_CALL)
		return true;
	return board->plan.stays && call_must_end(inside) && since > STUCK_LIMIT;
}

/* The test waits for what the fault prevented; or, where rings can never grow, both send and
 * neither reads. */
static bool is_stuck(const struct course *course)
{
	int64_t limit = usual + (board->plan.stays ? STUCK_LIMIT : NOTICE_LIMIT);

	if (!board->plan.armed || course->count != SIDES || now() - course->began < limit)
		return false;
	for (unsigned side = 0; side < course->count; side++)
		if (!course->processes[side].over && !waits_for_the_other(&board->parts[side]))
			return false;
	return true;
}

static void end_waits(struct course *course)
{
	if (course->stuck == 0)
		course->stuck = now();
	atomic_store(&board->gives_up, true);
	if (now() - course->stuck > GIVE_UP_LIMIT)
		kill_all(course);
}

static void overdue(struct course *course)
{
	for (unsigned side = 0; side < course->count; side++)
		if (!course->processes[side].over)
			blame(course->verdict, side, "not over after %d ms, in %s", RUN_LIMIT,
			      atomic_load(&board->parts[side].inside)
				      ? atomic_load(&board->parts[side].inside)
				      : "the test");
	kill_all(course);
}

static void await_end(struct course *course)
{
	const struct timespec step = { .tv_nsec = 20000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (collect(course), !all_over(course)) {
		if (course->first_stop == 0 && atomic_load(&board->child_stopped))
			course->first_stop = now();
		if (course->first_stop != 0) {
			atomic_store(&board->gives_up, true);
			kill_orphans(course);
			for (unsigned side = 0; side < course->count; side++)
				if (!course->processes[side].over)
					hurry(course, side);
		}
		if (is_stuck(course)) {
			end_waits(course);
		} else if (now() - course->began > RUN_LIMIT) {
			overdue(course);
		}
		sigtimedwait(&child, NULL, &step);
	}
	/* One that is killed may leave others. */
	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		kill_orphans(course);
		sigtimedwait(&child, NULL, &(struct timespec){ .tv_nsec = 1000000 });
	}
}

/* -- judging ---------------------------------------------------------------------------------- */

static void judge_side(const struct course *course, unsigned side, struct verdict *verdict)
{
	int status = course->processes[side].status;

	if (board->parts[side].defect[0] != '\0')
		blame(verdict, side, "%s", board->parts[side].defect);
	if (WIFSIGNALED(status) && !(course->killed && WTERMSIG(status) == SIGKILL))
		blame(verdict, side, "killed by signal %d", WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == SIDE_CUT_SHORT)
		verdict->cut_short = true;
	else if (WIFEXITED(status) && WEXITSTATUS(status) != SIDE_DONE &&
		 WEXITSTATUS(status) != SIDE_STOPPED)
		blame(verdict, side, "ended with status %d", WEXITSTATUS(status));
	if (status != 0)
		verdict->completed = false;
}

static bool excused(void)
{
	for (unsigned side = 0; side < SIDES; side++)
		if (atomic_load(&board->parts[side].failed) > 0)
			return true;
	return false;
}

/* A listener that was told of nothing, a ring that did not grow: that is for a reader of the log to
 * judge. But bytes are right or not there. */
static void judge_change(unsigned side, struct verdict *verdict)
{
	char text[8192] = "";

	if (pread(output_fd, text, sizeof text - 1, 0) < 0 ||
	    strstr(text, "stream_matches") != NULL)
		blame(verdict, side, "bytes were changed, though no public call had failed");
	verdict->changed = true;
}

/* What a killed process left goes when its domain is used again. */
static void sweep(unsigned domain)
{
	pid_t child = fork();

	if (child == 0) {
		become_side(domain);
		side_sweep();
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void judge_directory(const struct course *course, const char *directory,
			    struct verdict *verdict)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool forked = atomic_load(&board->parts[0].forked) || atomic_load(&board->parts[1].forked);
	bool strict = !course->killed && !verdict->cut_short && (verdict->completed || !forked) &&
		      !(board->plan.armed && kinds[board->plan.kind].leaves);
	bool clean = directory_is_clean(directory, out);

	if (!clean && !strict) {
		sweep(1);
		sweep(2);
		rewind(out);
		clean = directory_is_clean(directory, out);
	}
	fclose(out);
	if (!clean)
		blame(verdict, board->plan.side, "left in the directory: %.300s", text);
	free(text);
}

void run(const struct subject *subject, struct verdict *verdict)
{
	struct course course = { .count = subject->life != NULL ? 1 : 2,
				 .began = now(),
				 .verdict = verdict };
	struct plan plan = board->plan;
	char directory[] = "/dev/shm/xsock-faults-XXXXXX", hosts[64];

	*verdict = (struct verdict){ .good = true, .completed = true };
	board_clear();
	if (mkdtemp(directory) == NULL || ftruncate(output_fd, 0) != 0)
		abort();
	lseek(output_fd, 0, SEEK_SET);
	snprintf(hosts, sizeof hosts, "%s.hosts", directory);
	setenv("XSOCK_PLATFORM", "local", 1);
	setenv("XSOCK_LOCAL_DIR", directory, 1);
	if (subject->life != NULL)
		setenv("XSOCK_HOSTS", hosts, 1);
	fflush(stdout);
	for (unsigned side = 0; side < course.count; side++)
		course.processes[side].id = start_side(subject, side);
	await_end(&course);
	board->plan = plan;
	for (unsigned side = 0; side < course.count; side++)
		judge_side(&course, side, verdict);
	judge_directory(&course, directory, verdict);
	verdict->fired = atomic_load(&board->parts[plan.side].fired) > 0;
	if (!verdict->completed && !verdict->changed && !excused())
		judge_change(plan.side, verdict);
	verdict->took = now() - course.began;
	if (board->recording)
		usual = verdict->took;
	directory_remove(directory);
	unlink(hosts);
}

void run_show_output(void)
{
	char text[4096];
	ssize_t length;
	off_t at = 0;

	while ((length = pread(output_fd, text, sizeof text, at)) > 0) {
		fwrite(text, 1, (size_t)length, stdout);
		at += length;
	}
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random operations on TCP connections, done by two programs under xsock-run and by two without,
 * call by call: whatever differs is a fault of the library. See README.md.
 */
#include "actor/actor.h"
#include "driver/log.h"
#include "driver/match.h"
#include "driver/place.h"
#include "driver/settings.h"
#include "driver/shrink.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- the run ---------------------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void report(struct match *match, const struct settings *settings, uint64_t seed)
{
	printf("DIFFERENCE: seed %llu, %s\nthe last operations, as plain TCP has them:\n",
	       (unsigned long long)seed, match->difference);
	match_print_history(match, stdout);
	printf("again: soak --seed %llu --operations %zu --length %zu and the other options\n",
	       (unsigned long long)seed, match->count, settings->length);
	fflush(stdout);
	if (settings->hold) {
		printf("held: the processes are alive\n");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (settings->shrink)
		shrink(match, seed, stdout);
	fflush(stdout);
}

static bool tell(const struct match *match, const struct settings *settings, double begun,
		 double *told)
{
	double now = seconds();

	if (!settings->progress || now - *told < 5)
		return false;
	*told = now;
	fprintf(stderr, "soak: %llu of %llu operations, %.0f a second\n",
		(unsigned long long)match->operations, (unsigned long long)settings->operations,
		(double)match->operations / (now - begun));
	return true;
}

/* What the documentation names, though TCP has nothing like it: docs/preload.md, "What differs". */
static uint64_t named_resets(const struct match *match)
{
	char path[256];

	snprintf(path, sizeof path, "%s/log", match->setups[1].directory);
	return match->setups[1].run ? log_count(path, ": bytes in the ring cannot be handed over") : 0;
}

/* How many scripts differed. */
static unsigned run_scripts(struct match *match, const struct settings *settings)
{
	double begun = seconds(), told = begun;
	unsigned differences = 0, excused = 0;
	uint64_t seed = settings->seed, resets = 0;

	for (; match->operations < settings->operations; seed++) {
		uint64_t left = settings->operations - match->operations;
		size_t length = left < settings->length ? (size_t)left : settings->length;

		if (!match_script(match, seed, length)) {
			uint64_t operations = match->operations;
			bool named = named_resets(match) > resets;

			if (named)
				excused++;
			else
				report(match, settings, seed);
			differences += !named;
			match_stop(match);
			match->operations = operations;
			if ((!named && !settings->keep_going) || !match_start(match))
				break;
		}
		resets = named_resets(match);
		tell(match, settings, begun, &told);
	}
	printf("%llu operations in %llu scripts, %.0f a second, %u of them differ\n",
	       (unsigned long long)match->operations, (unsigned long long)match->scripts,
	       (double)match->operations / (seconds() - begun), differences);
	if (excused > 0)
		printf("%u scripts ended early at a reset that docs/preload.md names\n", excused);
	return differences;
}

#define MANY 20 /* scripts; one alone may do little but what takes a connection off the ring */

/* The ring was used; and mostly, where nothing drives the bytes away from it. */
static bool used_ring(const struct match *match, const struct settings *settings)
{
	struct log_sums sums;
	char path[256];

	if (!settings->run)
		return true;
	snprintf(path, sizeof path, "%s/log", match->setups[1].directory);
	if (!log_read(path, &sums))
		return false;
	printf("%llu bytes over the ring, %llu over TCP, in %llu connections closed; %llu came to "
	       "the ring, %llu never, %llu times back to TCP\n",
	       (unsigned long long)sums.ring, (unsigned long long)sums.tcp,
	       (unsigned long long)sums.connections, (unsigned long long)sums.on_ring,
	       (unsigned long long)sums.never, (unsigned long long)sums.back);
	log_print_reasons(path, stdout);
	if (sums.ring == 0)
		printf("the ring was NOT USED\n");
	else if (!settings->chaos && settings->strict && match->scripts >= MANY &&
		 sums.ring < sums.tcp)
		printf("LESS THAN HALF went over the ring\n");
	else
		return true;
	return false;
}

/* What killed processes left is removed when others of their domains open connections. */
static void sweep(struct match *match, const struct settings *settings)
{
	match->only = "basic";
	if (settings->run && !match_script(match, settings->seed, 20))
		printf("%s\n", match->difference);
}

static bool run(const struct settings *settings, const char *self, const char *directory)
{
	struct match match = { .manner = { .room = settings->room,
					   .greets = settings->greets,
					   .loose = settings->loose },
			       .only = settings->only,
			       .without = settings->without };
	unsigned differences;
	bool well;

	for (int at = 0; at < WORLDS; at++)
		match.setups[at] = (struct setup){ .self = self, .directory = directory };
	match.setups[1].run = settings->run;
	match.setups[1].strict = settings->strict;
	match.setups[1].wait = settings->wait;
	match.setups[1].ring = settings->ring;
	match.setups[1].chaos = settings->chaos;
	if (settings->trace) {
		match.traces[0] = fopen("soak.plain", "we");
		match.traces[1] = fopen("soak.carried", "we");
	}
	if (!match_start(&match))
		return false;
	differences = run_scripts(&match, settings);
	if (differences == 0)
		sweep(&match, settings);
	match_stop(&match);
	if (settings->times)
		match_print_times(&match, stdout);
	well = used_ring(&match, settings) && differences == 0;
	if (place_left_over(directory, stdout) > 0)
		well = false;
	match_free(&match);
	return well;
}

static int drive(int argc, char **argv)
{
	struct settings settings = settings_read(argc, argv);
	char self[512] = "", directory[200];
	bool well;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0 ||
	    !place_make(directory, sizeof directory))
		return 2;
	well = run(&settings, self, directory);
	if (well)
		place_remove(directory);
	else
		printf("kept: %s\n", directory);
	return well ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[1], "--actor") == 0)
		return actor_run((enum performer)atoi(argv[2]), argc > 3 ? argv[3] : NULL);
	return drive(argc, argv);
}

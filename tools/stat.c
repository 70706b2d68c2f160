/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock stat: shows the connections of this domain, live. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "inspect/domain.h"
#include "report.h"
#include "stat-table.h"
#include "status.h"

#define NAME "xsock stat"
#define FIRST_INTERVAL 0.5 /* seconds that the first rates are of, at most */
#define INTERVAL_MAX 86400.0
#define INTERVAL_MIN 0.01

struct statistics {
	bool all, json;
	double interval;     /* seconds; 0: not given */
	unsigned long count; /* 0: not given */
	const char *platform;
};

static int print_help(void)
{
	printf("Usage: xsock stat [OPTION]...\n"
	       "Shows the listeners and connections of this domain's processes.\n\n"
	       "  -i, --interval=SECONDS  show them again and again, so often\n"
	       "  -c, --count=N           end after so many times (default: 1, or with -i never)\n"
	       "  -a, --all               on the local platform: of all its domains\n"
	       "  -j, --json              a JSON object a line, in place of tables\n"
	       "      --platform=NAME     'xen' or 'local' (default: $XSOCK_PLATFORM, else what\n"
	       "                            works)\n"
	       "  -h, --help              show this help and exit\n"
	       "  -V, --version           show the version and exit\n\n"
	       "Exit status: 0 shown, 1 the command line is wrong, 2 the platform cannot be\n"
	       "looked at, or there is not enough memory.\n");
	return STATUS_OK;
}

static bool parse_interval(const char *text, double *interval)
{
	char *end;

	*interval = strtod(text, &end);
	if (end == text || *end || !(*interval >= INTERVAL_MIN && *interval <= INTERVAL_MAX))
		return complain(NULL, "interval '%s' is not a number of seconds from %g to %g",
				text, INTERVAL_MIN, INTERVAL_MAX),
		       false;
	return true;
}

static bool parse_count(const char *text, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !*count)
		return complain(NULL, "count '%s' is not a number from 1 on", text), false;
	return true;
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct statistics *statistics, int argc, char **argv)
{
	static const struct option known[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'c' },
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "platform", required_argument, NULL, 'P' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	bool good = true;
	int letter;

	while (good && (letter = getopt_long(argc, argv, "i:c:ajhV", known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		statistics->all |= letter == 'a';
		statistics->json |= letter == 'j';
		if (letter == 'P')
			statistics->platform = optarg;
		else if (letter == 'i')
			good = parse_interval(optarg, &statistics->interval);
		else if (letter == 'c')
			good = parse_count(optarg, &statistics->count);
		else
			good = letter == 'a' || letter == 'j';
	}
	if (good && optind < argc) {
		complain(NULL, "'%s' is one argument too many", argv[optind]);
		good = false;
	}
	return good ? -1 : wrong_usage(NAME);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_for(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* A platform that nobody used yet may come to be used between two looks. */
static bool collect(const struct statistics *statistics, struct platform **platform,
		    struct sockets *sockets)
{
	int found = *platform ? 1 : domain_open(statistics->platform, platform);

	if (found == 0 || (found > 0 && !sockets_collect(*platform, statistics->all, sockets)))
		return true;
	complain(NULL, "%s", inspect_failure());
	return false;
}

static bool show(const struct looks *looks, bool json, bool again)
{
	if (again && !json)
		fputs(isatty(STDOUT_FILENO) ? "\033[H\033[J" : "\n", stdout);
	if (!json)
		show_table(looks);
	else if (!show_json(looks))
		return false;
	if (!fflush(stdout))
		return true;
	complain("standard output", "%s", strerror(errno));
	return false;
}

/* What cannot be seen; said once. */
static void tell_hidden(const struct sockets *sockets)
{
	if (sockets->refused)
		complain(NULL,
			 "%u processes use xsock but may not be looked at: root may, or see "
			 "the sysctl kernel.yama.ptrace_scope",
			 sockets->refused);
	if (sockets->hidden && geteuid())
		complain(NULL, "other users' processes may not be looked at: root may");
	if (sockets->unlisted)
		complain(NULL, "%llu sockets more are not shown: a process lists %u at most",
			 (unsigned long long)sockets->unlisted, REGISTRY_SLOTS);
}

static int run(const struct statistics *statistics, struct platform **platform)
{
	struct sockets sockets[2] = { 0 };
	struct looks looks = { 0 };
	double interval = statistics->interval > 0 ? statistics->interval : 1, before = now();
	unsigned long shown = 0;
	bool good = collect(statistics, platform, &sockets[0]);

	if (good)
		pause_for(interval < FIRST_INTERVAL ? interval : FIRST_INTERVAL);
	while (good) {
		double moment = now();

		looks.before = &sockets[shown % 2];
		looks.now = &sockets[(shown + 1) % 2];
		looks.seconds = moment - before;
		before = moment;
		good = collect(statistics, platform, &sockets[(shown + 1) % 2]);
		looks.platform = *platform ? domain_platform(*platform) : "local";
		looks.domain = *platform ? domain_number(*platform) : 0;
		good = good && show(&looks, statistics->json, shown > 0);
		if (good && shown == 0 && !statistics->json)
			tell_hidden(looks.now);
		if (++shown == statistics->count)
			break;
		pause_for(interval);
	}
	sockets_clear(&sockets[0]);
	sockets_clear(&sockets[1]);
	return good ? STATUS_OK : STATUS_LOCAL;
}

int stat_command(int argc, char **argv)
{
	struct statistics statistics = { 0 };
	struct platform *platform = NULL;
	int status = parse(&statistics, argc, argv);

	if (status >= 0)
		return status;
	if (!statistics.count && statistics.interval <= 0)
		statistics.count = 1;
	status = run(&statistics, &platform);
	if (platform)
		domain_close(platform);
	return status;
}

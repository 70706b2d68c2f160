/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock-run: the command line, and the program in its place. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "arguments.h"
#include "explain.h"
#include "findings.h"
#include "preload.h"
#include "program.h"
#include "report.h"

#define NAME "xsock-run"
#define WAIT_MAX 3600000 /* ms */

/* As env(1) has it. */
enum run_status {
	RUN_FAILED = 125,
	RUN_NOT_EXECUTABLE = 126,
	RUN_NOT_FOUND = 127,
};

struct running {
	bool verbose, strict, explain;
	char **command; /* the program and its arguments */
};

static int print_help(void)
{
	printf("Usage: xsock-run [OPTION]... PROGRAM [ARGUMENT]...\n"
	       "Runs PROGRAM so that its TCP connections to and from other domains of this host go\n"
	       "through shared memory, where the program at the other end is run so, too. All others\n"
	       "stay what they are.\n\n"
	       "  -v, --verbose            tell on standard error which way each connection goes\n"
	       "      --log=FILE           tell it in FILE instead; appended to\n"
	       "      --strict             connections that cannot be carried fail\n"
	       "      --self               carry connections within this domain (platform local)\n"
	       "      --wait=MS            a connection's first call may wait so long for its ring\n"
	       "                             (default: 0, it starts over TCP; with --strict 5000)\n"
	       "      --ring=SIZE          bytes on their way at most, 4k to 64M\n"
	       "      --hosts=FILE         who owns which address, in place of /etc/xsock/hosts\n"
	       "      --explain            run nothing, tell whether PROGRAM can be carried\n"
	       "  -h, --help               show this help and exit\n"
	       "  -V, --version            show the version and exit\n"
	       "\n"
	       "Exit status: PROGRAM's, or\n"
	       "  125  xsock-run itself failed\n"
	       "  126  PROGRAM cannot be executed\n"
	       "  127  PROGRAM was not found\n"
	       "With --explain: 0 PROGRAM can be carried, 1 it cannot.\n");
	return 0;
}

static bool set(const char *name, const char *value)
{
	if (!setenv(name, value, 1))
		return true;
	complain(NULL, "cannot set %s: %s", name, strerror(errno));
	return false;
}

static bool set_number(const char *name, size_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", value);
	return set(name, text);
}

static bool set_wait(const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value > WAIT_MAX) {
		complain(NULL, "'%s' is not a number of milliseconds from 0 to %d", text, WAIT_MAX);
		return false;
	}
	return set_number("XSOCK_RUN_WAIT", value);
}

static bool set_ring(const char *text)
{
	size_t bytes;

	return parse_ring(text, &bytes) && set_number("XSOCK_RUN_RING", bytes);
}

/* The program may change its directory before it reads the name. */
static bool set_path(const char *name, const char *path)
{
	char *absolute = realpath(path, NULL);
	bool good = absolute && set(name, absolute);

	if (!absolute)
		complain(path, "%s", strerror(errno));
	free(absolute);
	return good;
}

static bool set_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0) {
		complain(path, "%s", strerror(errno));
		return false;
	}
	close(fd);
	return set_path("XSOCK_RUN_LOG", path);
}

/* What is wrong with the file is better said here than at each connection. */
static bool set_hosts(const char *path)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	unsigned domain;

	if (!set_path("XSOCK_HOSTS", path))
		return false;
	if (!xsock_lookup((struct sockaddr *)&any, sizeof any, NULL, &domain) ||
	    (errno != EINVAL && errno != EACCES))
		return true;
	complain(NULL, "%s", xsock_last_error());
	return false;
}

static bool take_option(struct running *running, int letter, const char *value)
{
	switch (letter) {
	case 'v':
		running->verbose = true;
		return set("XSOCK_RUN_VERBOSE", "1");
	case 'l':
		return set_log(value);
	case 's':
		running->strict = true;
		return set("XSOCK_RUN_STRICT", "1");
	case 'S':
		return set("XSOCK_RUN_SELF", "1");
	case 'w':
		return set_wait(value);
	case 'b':
		return set_ring(value);
	case 'H':
		return set_hosts(value);
	case 'e':
		return running->explain = true;
	default: /* getopt_long has complained */
		return false;
	}
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct running *running, int argc, char **argv)
{
	static const struct option known[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "log", required_argument, NULL, 'l' },
		{ "strict", no_argument, NULL, 's' },
		{ "self", no_argument, NULL, 'S' },
		{ "wait", required_argument, NULL, 'w' },
		{ "ring", required_argument, NULL, 'b' },
		{ "hosts", required_argument, NULL, 'H' },
		{ "explain", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	bool good = true;
	int letter;

	/* "+": what follows the program is the program's. */
	while (good && (letter = getopt_long(argc, argv, "+vhV", known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		good = take_option(running, letter, optarg);
	}
	if (good && optind == argc) {
		complain(NULL, "no PROGRAM given");
		good = false;
	}
	if (!good) {
		wrong_usage(NAME);
		return RUN_FAILED;
	}
	running->command = argv + optind;
	report_verbose(running->verbose);
	return -1;
}

static int not_run(const char *program, int error)
{
	complain(program, "%s", strerror(error));
	return error == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

/* With --strict a program that can have no ring is refused, else it runs with a warning. */
static bool accept_findings(const struct running *running, const char *path, const char *library)
{
	static struct findings findings;

	if (!running->strict && !running->verbose)
		return true;
	findings_collect(path, library, &findings);
	for (unsigned i = 0; i < findings.count; i++)
		if (findings.finding[i].against)
			complain(path, "cannot be carried: %s", findings.finding[i].sentence);
	return !findings.against || !running->strict;
}

static int run(const struct running *running)
{
	char path[PATH_MAX], library[PATH_MAX];
	bool found = preload_find(library);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without --version it was set */
	int error = program_find(running->command[0], path);

	if (running->explain && error)
		return not_run(running->command[0], error);
	if (running->explain)
		return explain(path, found ? library : NULL) ? 0 : 1;
	if (!found) {
		complain(library, "%s", strerror(errno));
		return RUN_FAILED;
	}
	/* What cannot be found is execvp's affair. */
	if (!preload_set(library) || (!error && !accept_findings(running, path, library)))
		return RUN_FAILED;
	execvp(running->command[0], running->command);
	return not_run(running->command[0], errno);
}

int main(int argc, char **argv)
{
	struct running running = { 0 };
	int status;

	report_begin(NAME);
	status = parse(&running, argc, argv);
	if (status < 0)
		status = run(&running);
	if (fflush(stdout) && status == 0) {
		complain("standard output", "%s", strerror(errno));
		status = RUN_FAILED;
	}
	return status;
}

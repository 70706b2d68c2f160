/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock: finds the subcommand and runs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "report.h"
#include "status.h"

static const struct command commands[] = {
	{ "send", "send a file or standard input to another domain", send_command },
	{ "recv", "receive a file or a stream from another domain", recv_command },
	{ "doctor", "find what keeps xsock from working, and how to mend it", doctor_command },
	{ "stat", "show the connections of this domain, live", stat_command },
#ifdef XSOCK_WITH_XEN
	{ "publish", "tell all domains which of them owns which address", publish_command },
#endif
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(void)
{
	printf("Usage: xsock COMMAND [OPTION]... [ARGUMENT]...\n"
	       "Carries data between two Xen domains of one host over shared memory.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	printf("\n  -h, --help     show this help and exit\n"
	       "  -V, --version  show the version and exit\n\n"
	       "'xsock COMMAND --help' tells the options of a command; see also xsock(1).\n");
}

static int run(int argc, char **argv)
{
	static char title[32];

	if (argc < 2) {
		fprintf(stderr, "xsock: no command given\n"
				"Try 'xsock --help' for more information.\n");
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help();
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		snprintf(title, sizeof title, "xsock %s", commands[i].name);
		report_begin(title);
		argv[1] = title; /* for what getopt_long says */
		return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr,
		"xsock: there is no command '%s'\n"
		"Try 'xsock --help' for more information.\n",
		argv[1]);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	int status;

	/* A reader that went away is an error with a message, not a silent death. */
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);
	if (fflush(stdout) && status == STATUS_OK) {
		perror("xsock: standard output");
		status = STATUS_LOCAL;
	}
	return status;
}

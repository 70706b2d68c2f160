/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options that send and recv share, and the values options take. */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include <xsock/xsock.h>

#define NO_TIME_GIVEN (-2)

struct transfer_options {
	enum xsock_role role;
	size_t ring;      /* 0: not given */
	int timeout;      /* ms until connected; -1 no limit; NO_TIME_GIVEN */
	int idle_timeout; /* ms without progress; 0 no limit */
	bool sha256;
	bool quiet;
	bool verbose;
	bool progress; /* even where standard error is no terminal */
	const char *platform;
};

#define TRANSFER_SHORT_OPTIONS "qvhV"
#define TRANSFER_LONG_OPTIONS                                                                      \
	{ "role", required_argument, NULL, 'r' }, { "ring", required_argument, NULL, 'b' },        \
		{ "timeout", required_argument, NULL, 't' },                                       \
		{ "idle-timeout", required_argument, NULL, 'i' },                                  \
		{ "sha256", no_argument, NULL, 's' }, { "progress", no_argument, NULL, 'p' },      \
		{ "platform", required_argument, NULL, 'P' }, { "quiet", no_argument, NULL, 'q' }, \
		{ "verbose", no_argument, NULL, 'v' }, { "help", no_argument, NULL, 'h' },         \
	{                                                                                          \
		"version", no_argument, NULL, 'V'                                                  \
	}

/* Their part of --help. */
extern const char transfer_options_help[];

/* Takes one option of getopt_long's; false after a complaint about it. */
bool take_transfer_option(struct transfer_options *options, int letter, const char *value);

/* "1,2,5": allocates *domains, to be given to free(); false after a complaint. */
bool parse_domains(const char *text, unsigned **domains, size_t *count);

/* "4k" to "64M"; false after a complaint. */
bool parse_ring(const char *text, size_t *bytes);

/* Says where the help of that command is to be found; returns STATUS_USAGE. */
int wrong_usage(const char *command);

int print_version(void);

#endif

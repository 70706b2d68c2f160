/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arguments.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "status.h"

const char transfer_options_help[] =
	"      --role=ROLE          who provides the memory: 'grant' this end, 'map' the other,\n"
	"                             'auto' (default): not domain 0, else the listener\n"
	"      --ring=SIZE          bytes on their way at most, 4k to 64M (default: 256k)\n"
	"      --idle-timeout=SECONDS  give up when nothing moves for so long (default: never)\n"
	"      --sha256             check the data with a digest; both ends must say so\n"
	"      --platform=NAME      'xen' or 'local' (default: $XSOCK_PLATFORM, else what works)\n"
	"      --progress           show progress even if standard error is no terminal\n"
	"  -q, --quiet              show no progress\n"
	"  -v, --verbose            tell about the connection\n"
	"  -h, --help               show this help and exit\n"
	"  -V, --version            show the version and exit\n";

static bool parse_role(const char *text, enum xsock_role *role)
{
	if (!strcmp(text, "auto"))
		*role = XSOCK_ROLE_AUTO;
	else if (!strcmp(text, "grant"))
		*role = XSOCK_ROLE_GRANT;
	else if (!strcmp(text, "map"))
		*role = XSOCK_ROLE_MAP;
	else
		return complain(NULL, "role '%s' is not grant, map or auto", text), false;
	return true;
}

bool parse_ring(const char *text, size_t *bytes)
{
	char *end;
	unsigned long long value;
	unsigned shift = 0;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end == 'k' || *end == 'K')
		shift = 10;
	else if (*end == 'M')
		shift = 20;
	if (text[0] < '0' || text[0] > '9' || end[shift != 0] || errno ||
	    value > XSOCK_RING_MAX >> shift || value << shift < XSOCK_RING_MIN) {
		complain(NULL, "ring size '%s' is not a number from 4k to 64M", text);
		return false;
	}
	*bytes = (size_t)value << shift;
	return true;
}

/* As in timeout(1), 0 seconds stand for no limit; `none` is what that is to the caller. */
static bool parse_seconds(const char *text, int none, int *milliseconds)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0 && seconds <= INT_MAX / 1000)) {
		complain(NULL, "time '%s' is not a number of seconds", text);
		return false;
	}
	*milliseconds = seconds > 0 ? (int)(seconds * 1000 + 0.999) : none;
	return true;
}

bool take_transfer_option(struct transfer_options *options, int letter, const char *value)
{
	switch (letter) {
	case 'r':
		return parse_role(value, &options->role);
	case 'b':
		return parse_ring(value, &options->ring);
	case 't':
		return parse_seconds(value, -1, &options->timeout);
	case 'i':
		return parse_seconds(value, 0, &options->idle_timeout);
	case 's':
		options->sha256 = true;
		return true;
	case 'p':
		options->progress = true;
		return true;
	case 'P':
		options->platform = value;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 'v':
		options->verbose = true;
		return true;
	default: /* getopt_long has complained */
		return false;
	}
}

bool parse_domains(const char *text, unsigned **domains, size_t *count)
{
	size_t room = 1;
	unsigned *list;
	char *end;

	for (const char *at = text; *at; at++)
		room += *at == ',';
	list = calloc(room, sizeof *list);
	if (!list)
		return complain(NULL, "out of memory"), false;
	for (size_t i = 0; i < room; i++) {
		unsigned long value = strtoul(text, &end, 10);

		if (*text < '0' || *text > '9' || value > UINT16_MAX ||
		    *end != (i + 1 < room ? ',' : '\0')) {
			complain(NULL, "'%s' does not start with a domain's number", text);
			free(list);
			return false;
		}
		list[i] = (unsigned)value;
		text = end + 1;
	}
	free(*domains);
	*domains = list;
	*count = room;
	return true;
}

int wrong_usage(const char *command)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", command);
	return STATUS_USAGE;
}

int print_version(void)
{
	printf("xsock %s (library %s)\n", XSOCK_VERSION, xsock_version());
	return STATUS_OK;
}

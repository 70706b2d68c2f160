/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: soak [--run XSOCK-RUN] [OPTION...]\n"
	"  --run FILE          the launcher; without it plain TCP is compared with plain TCP\n"
	"  --strict, --wait MS, --ring SIZE   given to the launcher; strict makes each connection\n"
	"                      begin with bytes both ways, as --greet does\n"
	"  --chaos N           XSOCK_RUN_CHAOS: leaves the ring at about every Nth call; implies loose\n"
	"  --loose             bytes that wait may come in parts, as TCP may have it too\n"
	"  --seed N            of the first script (1); the next script has the next seed\n"
	"  --operations N      in all (2000)\n"
	"  --length N          operations of a script (200)\n"
	"  --room BYTES        that an end sends ahead without waiting (24000)\n"
	"  --only NAMES, --without NAMES   of operations, with commas between them\n"
	"  --shrink            shorten a script that differs\n"
	"  --keep-going        go on after a difference\n"
	"  --hold              stop at a difference with all processes alive, to look at them\n"
	"  --trace             write the traces of both worlds to soak.plain and soak.carried\n"
	"  --times             say what the operations of each kind cost\n"
	"  --progress          say every few seconds how far it is\n";

static const struct option options[] = {
	{ "run", required_argument, NULL, 'r' },
	{ "strict", no_argument, NULL, 's' },
	{ "wait", required_argument, NULL, 'w' },
	{ "ring", required_argument, NULL, 'i' },
	{ "chaos", required_argument, NULL, 'c' },
	{ "seed", required_argument, NULL, 'S' },
	{ "operations", required_argument, NULL, 'n' },
	{ "length", required_argument, NULL, 'l' },
	{ "room", required_argument, NULL, 'R' },
	{ "only", required_argument, NULL, 'o' },
	{ "without", required_argument, NULL, 'x' },
	{ "greet", no_argument, NULL, 'g' },
	{ "loose", no_argument, NULL, 'L' },
	{ "shrink", no_argument, NULL, 'k' },
	{ "keep-going", no_argument, NULL, 'K' },
	{ "hold", no_argument, NULL, 'h' },
	{ "trace", no_argument, NULL, 't' },
	{ "times", no_argument, NULL, 'T' },
	{ "progress", no_argument, NULL, 'p' },
	{ "help", no_argument, NULL, '?' },
	{ 0 },
};

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end) {
		fprintf(stderr, "soak: '%s' is no number\n", text);
		exit(2);
	}
	return value;
}

static void take_switch(struct settings *settings, int option)
{
	switch (option) {
	case 's':
		settings->strict = settings->greets = true;
		break;
	case 'g':
		settings->greets = true;
		break;
	case 'L':
		settings->loose = true;
		break;
	case 'k':
		settings->shrink = true;
		break;
	case 'K':
		settings->keep_going = true;
		break;
	case 'h':
		settings->hold = true;
		break;
	case 't':
		settings->trace = true;
		break;
	case 'T':
		settings->times = true;
		break;
	case 'p':
		settings->progress = true;
		break;
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static void take_value(struct settings *settings, int option, const char *value)
{
	switch (option) {
	case 'r':
		settings->run = value;
		break;
	case 'w':
		settings->wait = (int)number(value);
		break;
	case 'i':
		settings->ring = value;
		break;
	case 'c':
		settings->chaos = value;
		settings->loose = true;
		break;
	case 'S':
		settings->seed = number(value);
		break;
	case 'n':
		settings->operations = number(value);
		break;
	case 'l':
		settings->length = (size_t)number(value);
		break;
	case 'R':
		settings->room = number(value);
		break;
	case 'o':
		settings->only = value;
		break;
	default:
		settings->without = value;
		break;
	}
}

struct settings settings_read(int argc, char **argv)
{
	struct settings settings = {
		.seed = 1, .operations = 2000, .length = 200, .wait = -1, .room = 24000
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (optarg)
			take_value(&settings, option, optarg);
		else
			take_switch(&settings, option);
	}
	if (optind < argc || settings.length == 0) {
		fputs(usage, stderr);
		exit(2);
	}
	return settings;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock doctor: finds what keeps xsock from working here. */
#include "doctor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "inspect/domain.h"
#include "report.h"
#include "status.h"
#include "verdicts.h"

#define NAME "xsock doctor"

/* As diff(1) has them. */
enum doctor_status { DOCTOR_FINE = 0, DOCTOR_PROBLEMS = 1, DOCTOR_TROUBLE = 2 };

struct examination {
	bool remove, json, quiet;
	const char *platform; /* NULL: each that may work here */
};

static int print_help(void)
{
	printf("Usage: xsock doctor [OPTION]...\n"
	       "Finds what keeps xsock from working in this domain, and says how to mend it.\n\n"
	       "  -r, --remove         remove what dead processes have left\n"
	       "  -q, --quiet          show only warnings and problems\n"
	       "  -j, --json           show a JSON object in place of lines\n"
	       "      --platform=NAME  look at 'xen' or 'local' only (default: $XSOCK_PLATFORM,\n"
	       "                         else both, xen if this is a Xen domain)\n"
	       "  -h, --help           show this help and exit\n"
	       "  -V, --version        show the version and exit\n\n"
	       "Exit status: 0 no problem, 1 there are problems, 2 the command line is wrong, or\n"
	       "the result could not be written.\n");
	return DOCTOR_FINE;
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct examination *examination, int argc, char **argv)
{
	static const struct option known[] = {
		{ "remove", no_argument, NULL, 'r' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "json", no_argument, NULL, 'j' },
		{ "platform", required_argument, NULL, 'P' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	bool good = true;
	int letter;

	while (good && (letter = getopt_long(argc, argv, "rqjhV", known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		examination->remove |= letter == 'r';
		examination->quiet |= letter == 'q';
		examination->json |= letter == 'j';
		if (letter == 'P')
			examination->platform = optarg;
		good = letter != '?';
	}
	if (good && optind < argc) {
		complain(NULL, "'%s' is one argument too many", argv[optind]);
		good = false;
	}
	if (good && examination->platform && strcmp(examination->platform, "xen") &&
	    strcmp(examination->platform, "local")) {
		complain(NULL, "no platform is called '%s': 'xen' and 'local' are",
			 examination->platform);
		good = false;
	}
	if (good)
		return -1;
	wrong_usage(NAME);
	return DOCTOR_TROUBLE;
}

#ifdef XSOCK_WITH_XEN

static void examine_xen(bool remove)
{
	struct platform *platform;

	doctor_devices();
	doctor_limits();
	if (domain_open("xen", &platform) < 0) {
		verdict(VERDICT_PROBLEM, "xen",
			access("/run/xenstored", F_OK) ? NULL : "sudo systemctl start xenstored",
			"%s", inspect_failure());
		return;
	}
	verdict(VERDICT_OK, "xen", NULL, "XenStore answers: this is domain %u",
		domain_number(platform));
	doctor_store(platform, remove);
	domain_close(platform);
	doctor_leftovers("xen", remove);
}

#else

static void examine_xen(bool remove)
{
	(void)remove;
	verdict(VERDICT_PROBLEM, "xen", "sudo apt install libxen-dev, then build anew",
		"this build of xsock leaves the platform out");
}

#endif

static void examine(const struct examination *examination)
{
	const char *only = examination->platform;
	bool on_xen = doctor_on_xen();

	if (on_xen && (!only || !strcmp(only, "xen")))
		examine_xen(examination->remove);
	else if (only && !strcmp(only, "xen"))
		verdict(VERDICT_PROBLEM, "xen", "export XSOCK_PLATFORM=local",
			"this is no Xen domain");
	else if (!only)
		verdict(VERDICT_OK, "xen", NULL,
			"this is no Xen domain: the platform local serves processes of one user");
	doctor_descriptors();
	if ((!only || !strcmp(only, "local")) && doctor_local())
		doctor_leftovers("local", examination->remove);
}

int doctor_command(int argc, char **argv)
{
	struct examination examination = { .platform = getenv("XSOCK_PLATFORM") };
	bool problems;
	int status;

	if (examination.platform && !*examination.platform)
		examination.platform = NULL;
	status = parse(&examination, argc, argv);
	if (status >= 0)
		return status;
	verdicts_begin(examination.json, examination.quiet);
	examine(&examination);
	if (!verdicts_end(&problems))
		return DOCTOR_TROUBLE;
	return problems ? DOCTOR_PROBLEMS : DOCTOR_FINE;
}

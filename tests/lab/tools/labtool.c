/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes and counts single Xen resources, so that suites can see that the leak counters count.
 *
 *   labtool port DOMID        hold one unbound event channel for DOMID
 *   labtool grant DOMID       hold one page granted to DOMID; prints its reference
 *   labtool map DOMID REF     hold a mapping of that page
 *   labtool gntalloc-pages    print how many pages /dev/xen/gntalloc holds in this domain (root;
 * alone) labtool session FILE PROGRAM [ARGUMENT...] run a program in its own session, its process
 * id in FILE, signals at their defaults
 *
 * "hold" means: print a line, then wait to be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/gntalloc.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#define LIMIT "/sys/module/xen_gntalloc/parameters/limit"

static int fail(const char *what)
{
	fprintf(stderr, "labtool: %s: %s\n", what, strerror(errno));
	return 1;
}

_Noreturn static void hold(const char *what, unsigned value)
{
	printf("%s %u\n", what, value);
	fflush(stdout);
	for (;;)
		pause();
}

static int hold_port(uint32_t domid)
{
	xenevtchn_handle *channels = xenevtchn_open(NULL, 0);
	xenevtchn_port_or_error_t port;

	if (!channels)
		return fail("xenevtchn_open");
	port = xenevtchn_bind_unbound_port(channels, domid);
	if (port < 0)
		return fail("bind_unbound_port");
	hold("port", (unsigned)port);
}

static int hold_grant(uint32_t domid)
{
	xengntshr_handle *grants = xengntshr_open(NULL, 0);
	uint32_t ref;

	if (!grants)
		return fail("xengntshr_open");
	if (!xengntshr_share_pages(grants, domid, 1, &ref, 1))
		return fail("share_pages");
	hold("ref", ref);
}

static int hold_map(uint32_t domid, uint32_t ref)
{
	xengnttab_handle *grants = xengnttab_open(NULL, 0);

	if (!grants)
		return fail("xengnttab_open");
	if (!xengnttab_map_grant_ref(grants, domid, ref, PROT_READ | PROT_WRITE))
		return fail("map_grant_ref");
	hold("mapped", ref);
}

static int set_limit(unsigned pages)
{
	FILE *file = fopen(LIMIT, "w");

	if (!file)
		return -1;
	fprintf(file, "%u\n", pages);
	return fclose(file);
}

/* 1 when the module lets us have one page more under this limit, 0 when not, -1 on another error.
 */
static int page_fits(int device, unsigned limit)
{
	struct ioctl_gntalloc_alloc_gref alloc = { .domid = 0, .count = 1 };
	struct ioctl_gntalloc_dealloc_gref dealloc = { .count = 1 };

	if (set_limit(limit) < 0)
		return -1;
	if (ioctl(device, IOCTL_GNTALLOC_ALLOC_GREF, &alloc) < 0)
		return errno == ENOSPC ? 0 : -1;
	dealloc.index = alloc.index;
	return ioctl(device, IOCTL_GNTALLOC_DEALLOC_GREF, &dealloc) < 0 ? -1 : 1;
}

/* The module counts its pages but does not tell: the least limit that lets one more in is that
 * count + 1. */
static int count_gntalloc(void)
{
	int device = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC), fits = 0;
	unsigned limit, low = 0, high;
	FILE *file = fopen(LIMIT, "r");

	if (device < 0 || !file || fscanf(file, "%u", &limit) != 1)
		return fail("gntalloc");
	fclose(file);
	for (high = limit; low < high && fits >= 0;) {
		unsigned middle = low + (high - low) / 2;

		fits = page_fits(device, middle + 1);
		if (fits > 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (set_limit(limit) < 0 || fits < 0)
		return fail("gntalloc limit");
	printf("%u\n", low);
	return 0;
}

/* A shell without job control starts background programs with SIGINT ignored, and a server with
 * SIGCHLD ignored. */
static int run_session(const char *pid_file, char **argv)
{
	static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGTERM,
				       SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM };
	FILE *file = fopen(pid_file, "w");

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	if (setsid() < 0)
		return fail("setsid");
	if (!file || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file))
		return fail(pid_file);
	execvp(argv[0], argv);
	fail(argv[0]);
	return 127;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint32_t domid = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	if (!strcmp(what, "port") && argc == 3)
		return hold_port(domid);
	if (!strcmp(what, "grant") && argc == 3)
		return hold_grant(domid);
	if (!strcmp(what, "map") && argc == 4)
		return hold_map(domid, (uint32_t)strtoul(argv[3], NULL, 10));
	if (!strcmp(what, "session") && argc >= 4)
		return run_session(argv[2], argv + 3);
	if (!strcmp(what, "gntalloc-pages"))
		return count_gntalloc();
	fprintf(stderr,
		"usage: labtool port DOMID | grant DOMID | map DOMID REF | gntalloc-pages | session FILE PROGRAM...\n");
	return 2;
}

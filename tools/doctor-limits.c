/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "doctor.h"
#include "inspect/text.h"
#include "verdicts.h"

#define PAGE 4096u
/* Pages of a connection with its first rings of 16 KiB, the least that a connection takes. */
#define PAGES_LEAST 9u
#define DESCRIPTORS_FEW 256u

static const char share_limit[] = "/sys/module/xen_gntalloc/parameters/limit";
static const char table_limit[] = "/sys/module/xen_gntdev/parameters/limit";

static bool read_number(const char *path, uint64_t *number)
{
	FILE *file = fopen(path, "re");
	char text[32];
	bool good = file && fgets(text, sizeof text, file) && text_number(text, 10, number);

	if (file)
		fclose(file);
	return good;
}

/* The path is the device's, up to the line's end. */
static bool is_of(const struct text_mapping *mapping, const char *device)
{
	size_t length = strlen(device);

	return !strncmp(mapping->path, device, length) && mapping->path[length] == '\n';
}

/* Pages that a process has mapped of a device; neither driver counts for others to see. */
static uint64_t mapped(int proc, const char *process, const char *device)
{
	char path[32], line[512];
	struct text_mapping mapping;
	uint64_t pages = 0;
	FILE *maps;
	int fd;

	snprintf(path, sizeof path, "%.20s/maps", process);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	maps = fd < 0 ? NULL : fdopen(fd, "r");
	if (!maps) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (fgets(line, sizeof line, maps))
		if (text_mapping(line, &mapping) && is_of(&mapping, device))
			pages += (mapping.to - mapping.from) / PAGE;
	fclose(maps);
	return pages;
}

static uint64_t mapped_by_all(const char *device)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	uint64_t pages = 0;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			pages += mapped(dirfd(proc), entry->d_name, device);
	if (proc)
		closedir(proc);
	return pages;
}

/* Others' processes are root's to see. */
static const char *at_least(void)
{
	return geteuid() ? "at least " : "";
}

static void check_share(void)
{
	uint64_t used = mapped_by_all("/dev/xen/gntalloc");
	uint64_t limit;
	char mend[128];

	if (!read_number(share_limit, &limit))
		return; /* the device's absence was told */
	snprintf(mend, sizeof mend, "echo %" PRIu64 " | sudo tee %s",
		 limit < 4096 ? 4096 : 4 * limit, share_limit);
	if (used + PAGES_LEAST > limit)
		verdict(VERDICT_PROBLEM, "xen_gntalloc", mend,
			"%s%" PRIu64 " of %" PRIu64
			" pages are granted: no connection can be added",
			at_least(), used, limit);
	else if (used >= limit / 4 * 3)
		verdict(VERDICT_WARNING, "xen_gntalloc", mend,
			"%s%" PRIu64 " of %" PRIu64 " pages are granted", at_least(), used, limit);
	else
		verdict(VERDICT_OK, "xen_gntalloc", NULL,
			"%s%" PRIu64 " of %" PRIu64 " pages are granted", at_least(), used, limit);
}

static void check_table(void)
{
	uint64_t used = mapped_by_all("/dev/xen/gntdev");
	uint64_t limit;
	char mend[128];

	if (!read_number(table_limit, &limit))
		return;
	snprintf(mend, sizeof mend, "echo 65536 | sudo tee %s", table_limit);
	/* A ring of 16 MiB, the most that a peer gets by default, in one request. */
	verdict(limit < 4096 ? VERDICT_WARNING : VERDICT_OK, "xen_gntdev",
		limit < 4096 ? mend : NULL,
		"%s%" PRIu64 " pages of other domains are mapped; a ring may have up to %" PRIu64,
		at_least(), used, limit);
}

void doctor_limits(void)
{
	check_share();
	check_table();
}

void doctor_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	if (limit.rlim_cur < DESCRIPTORS_FEW)
		verdict(VERDICT_WARNING, "descriptors", "ulimit -n 4096",
			"a process of this user may have %llu; a connection takes up to 11",
			(unsigned long long)limit.rlim_cur);
	else
		verdict(VERDICT_OK, "descriptors", NULL, "a process of this user may have %llu",
			(unsigned long long)limit.rlim_cur);
}

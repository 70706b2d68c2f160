/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool place_make(char *directory, size_t size)
{
	const char *parent = getenv("TMPDIR");
	char path[256];
	FILE *hosts;

	snprintf(directory, size, "%s/soak-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(directory)) {
		perror(directory);
		return false;
	}
	snprintf(path, sizeof path, "%s/store", directory);
	if (mkdir(path, 0700) != 0)
		return false;
	snprintf(path, sizeof path, "%s/hosts", directory);
	hosts = fopen(path, "we");
	if (!hosts)
		return false;
	fprintf(hosts, "127.0.0.1 1\n127.0.0.2 2\n");
	return fclose(hosts) == 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void place_remove(const char *directory)
{
	nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

unsigned place_left_over(const char *directory, FILE *out)
{
	static const char *const parts[] = { "grants", "ports" };
	unsigned count = 0;
	struct stat status;
	char nodes[256];

	for (size_t at = 0; at < sizeof parts / sizeof parts[0]; at++) {
		char path[256];
		struct dirent *entry;
		DIR *listing;

		snprintf(path, sizeof path, "%s/store/%s", directory, parts[at]);
		listing = opendir(path);
		while (listing && (entry = readdir(listing))) {
			if (entry->d_name[0] == '.')
				continue;
			fprintf(out, "left over: %s/%s\n", parts[at], entry->d_name);
			count++;
		}
		if (listing)
			closedir(listing);
	}
	/* Without nodes and watches it is empty. */
	snprintf(nodes, sizeof nodes, "%s/store/nodes", directory);
	if (stat(nodes, &status) == 0 && status.st_size != 0) {
		fprintf(out, "left over: nodes or watches in the store\n");
		count++;
	}
	return count;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/directory.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

bool directory_make(char *directory)
{
	if (!mkdtemp(directory))
		return false;
	setenv("XSOCK_PLATFORM", "local", 1);
	setenv("XSOCK_LOCAL_DIR", directory, 1);
	return true;
}

void directory_play(unsigned domain)
{
	char number[12];

	snprintf(number, sizeof number, "%u", domain);
	setenv("XSOCK_LOCAL_DOMAIN", number, 1);
}

static bool is_empty(const char *directory, const char *part, FILE *out)
{
	bool empty = true;
	char path[128];
	struct dirent *entry;
	DIR *listing;

	snprintf(path, sizeof path, "%s/%s", directory, part);
	listing = opendir(path);
	while (listing && (entry = readdir(listing))) {
		if (entry->d_name[0] == '.')
			continue;
		fprintf(out, "# left over: %s/%s\n", part, entry->d_name);
		empty = false;
	}
	if (listing)
		closedir(listing);
	return empty;
}

bool directory_is_clean(const char *directory, FILE *out)
{
	bool grants = is_empty(directory, "grants", out), ports = is_empty(directory, "ports", out);
	struct stat status;
	char store[128];

	/* Without nodes and watches it is empty; where the platform was never opened it is not
	 * there. */
	snprintf(store, sizeof store, "%s/nodes", directory);
	if (stat(store, &status) != 0 || status.st_size == 0)
		return grants && ports;
	fprintf(out, "# left over: nodes or watches in the store\n");
	return false;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void directory_remove(const char *directory)
{
	nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

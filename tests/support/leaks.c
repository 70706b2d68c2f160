/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/leaks.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct leaks *held, const char *line)
{
	char **lines = realloc(held->lines, (held->count + 1) * sizeof *lines);

	if (!lines || !(lines[held->count] = strdup(line)))
		abort();
	held->lines = lines;
	held->count++;
}

static void take_descriptors(struct leaks *held)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		abort();
	while ((entry = readdir(directory))) {
		char target[256], line[300];
		ssize_t length;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory))
			continue;
		length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		snprintf(line, sizeof line, "descriptor %.10s: %s", entry->d_name, target);
		add(held, line);
	}
	closedir(directory);
}

/* Only shared ones: the private ones come and go with the allocator. */
static void take_mappings(struct leaks *held)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *text = NULL;
	size_t size = 0;

	if (!maps)
		abort();
	while (getline(&text, &size, maps) > 0) {
		unsigned long from, to;
		char permissions[8], path[200] = "", line[300];

		if (sscanf(text, "%lx-%lx %7s %*s %*s %*s %199[^\n]", &from, &to, permissions,
			   path) < 3 ||
		    permissions[3] != 's')
			continue;
		snprintf(line, sizeof line, "mapping %lx-%lx %s %s", from, to, permissions, path);
		add(held, line);
	}
	free(text);
	fclose(maps);
}

void leaks_take(struct leaks *held)
{
	*held = (struct leaks){ 0 };
	take_descriptors(held);
	take_mappings(held);
}

void leaks_free(struct leaks *held)
{
	for (size_t i = 0; i < held->count; i++)
		free(held->lines[i]);
	free(held->lines);
	*held = (struct leaks){ 0 };
}

static bool has(const struct leaks *held, const char *line)
{
	for (size_t i = 0; i < held->count; i++)
		if (!strcmp(held->lines[i], line))
			return true;
	return false;
}

bool leaks_none(const struct leaks *then, FILE *out)
{
	struct leaks now;
	bool none = true;

	leaks_take(&now);
	for (size_t i = 0; i < now.count; i++) {
		if (has(then, now.lines[i]))
			continue;
		fprintf(out, "# leaked: %s\n", now.lines[i]);
		none = false;
	}
	leaks_free(&now);
	return none;
}

size_t leaks_count(const struct leaks *held, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < held->count; i++)
		count += strstr(held->lines[i], text) != NULL;
	return count;
}

size_t leaks_mapped(const struct leaks *held)
{
	unsigned long from, to;
	size_t bytes = 0;

	for (size_t i = 0; i < held->count; i++)
		if (sscanf(held->lines[i], "mapping %lx-%lx", &from, &to) == 2)
			bytes += to - from;
	return bytes;
}

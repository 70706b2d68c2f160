/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "inspect/text.h"
#include "platform/local/local.h"
#include "platform/local/records.h"
#include "platform/local/watch.h"

/* s; a socket in ports/ lasts as long as a set-up, which is seconds. */
#define PORT_AGE 60

static bool is_local(const struct platform *platform)
{
	return platform->ops == &local_platform_ops;
}

/* ------------------------------------------------------------------ remains */

/* 1, 0 or -errno. */
typedef int is_dead(int directory_fd, const char *name);

/* A link through a process's /proc entry to memory that has the grant's name. */
static int is_dead_grant(int directory_fd, const char *name)
{
	char target[64], memory[NAME_BYTES + 32], wanted[NAME_BYTES + 32];
	ssize_t length = readlinkat(directory_fd, name, target, sizeof target - 1);

	if (length < 0)
		return 0; /* it has gone */
	target[length] = '\0';
	length = readlink(target, memory, sizeof memory - 1);
	if (length < 0)
		return errno == ENOENT;
	memory[length] = '\0';
	snprintf(wanted, sizeof wanted, "/memfd:xsock-%.60s (deleted)", name);
	return strcmp(memory, wanted) != 0;
}

/* No socket of this machine has that name. Old enough to be none that another network namespace
 * does not show, too. */
static int is_dead_port(int directory_fd, const char *name)
{
	FILE *sockets = fopen("/proc/net/unix", "re");
	char line[512], end[NAME_BYTES + 2];
	struct stat status;
	bool found = false;

	if (sockets == NULL)
		return fail(errno, "cannot list this machine's sockets: %s", strerror(errno));
	snprintf(end, sizeof end, "/%s\n", name);
	while (!found && fgets(line, sizeof line, sockets) != NULL) {
		const char *slash = strrchr(line, '/');

		found = slash != NULL && !strcmp(slash, end);
	}
	fclose(sockets);
	return !found && !fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) &&
	       time(NULL) - status.st_mtime > PORT_AGE;
}

/* A name that is there cannot be taken by anybody, so what is dead stays dead until it is removed.
 */
static int files(int fd, unsigned domain, is_dead *dead, bool remove, unsigned *count)
{
	DIR *directory = directory_list(fd);
	struct dirent *entry;
	int found = 0;
	uint64_t from;

	if (directory == NULL)
		return local_fail(errno, "list a directory of the local platform");
	while (found >= 0 && (entry = readdir(directory)) != NULL) {
		if (text_number(entry->d_name, 10, &from) == NULL || from != domain)
			continue;
		found = dead(fd, entry->d_name);
		if (found <= 0)
			continue;
		++*count;
		if (remove)
			unlinkat(fd, entry->d_name, 0);
	}
	directory_list_end(directory);
	return found < 0 ? found : 0;
}

int local_remains(struct platform *platform, bool remove, unsigned count[LOCAL_REMAINS])
{
	struct local *local = local_of(platform);
	int error, worse;

	if (!is_local(platform))
		return 0;
	error = files(local->grants_fd, platform->self, is_dead_grant, remove,
		      &count[LOCAL_GRANTS]);
	worse = files(local->ports_fd, platform->self, is_dead_port, remove, &count[LOCAL_PORTS]);
	error = error != 0 ? error : worse;
	worse = watch_sweep(local, remove, &count[LOCAL_WATCHES]);
	return error != 0 ? error : worse;
}

/* ------------------------------------------------------------------ the directory */

int local_directory(char path[PATH_MAX])
{
	return directory_path(path);
}

/* 0, or -errno; what is no domain's file adds nothing. */
static int add_domain(const char *name, unsigned **domains, size_t *count, size_t *room)
{
	const char *rest;
	uint64_t domain;

	if (strncmp(name, "domain-", 7) != 0)
		return 0;
	rest = text_number(name + 7, 10, &domain);
	if (rest == NULL || *rest != '\0' || domain > DOMAIN_MAX)
		return 0;
	if (*count == *room) {
		unsigned *more = realloc(*domains, (*room * 2 + 16) * sizeof *more);

		if (more == NULL)
			return fail(ENOMEM, "no memory for so many domains");
		*domains = more;
		*room = *room * 2 + 16;
	}
	(*domains)[(*count)++] = (unsigned)domain;
	return 0;
}

int local_domains(unsigned **domains, size_t *count)
{
	char path[PATH_MAX];
	struct dirent *entry;
	size_t room = 0;
	DIR *directory;
	int error = directory_path(path);

	*domains = NULL;
	*count = 0;
	if (error != 0)
		return error;
	directory = opendir(path);
	if (directory == NULL)
		return local_fail(errno, "list the local platform's directory");
	while (error == 0 && (entry = readdir(directory)) != NULL)
		error = add_domain(entry->d_name, domains, count, &room);
	closedir(directory);
	return error;
}

static unsigned records(const struct records *records, enum records_table table)
{
	unsigned count = 0;

	for (int at = -1; (at = records_find(records, table, 0, at + 1)) >= 0;)
		count++;
	return count;
}

int local_usage(struct platform *platform, struct local_usage *usage)
{
	struct local *local = local_of(platform);
	int error = is_local(platform) ? records_lock(local->records, LOCK_EXCLUSIVE) : -ENODEV;

	if (error != 0)
		return error;
	usage->nodes = records(local->records, RECORDS_NODES);
	usage->watches = records(local->records, RECORDS_WATCHES);
	usage->most = RECORDS_MAX;
	records_unlock(local->records);
	return 0;
}

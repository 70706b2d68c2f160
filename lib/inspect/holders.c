/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "inspect/text.h"
#include "platform/platform.h"

struct lock_files {
	struct stat own;
	char name[NAME_MAX + 1];       /* of the own one */
	char beside[PATH_MAX];         /* with `all`: its directory, and in it the first part of */
	char first_part[NAME_MAX + 1]; /* the names of all */
	bool all;
};

static int lock_files(const struct platform *platform, bool all, struct lock_files *files)
{
	char link[32], path[PATH_MAX];
	ssize_t length;
	char *slash;

	*files = (struct lock_files){ .all = all };
	snprintf(link, sizeof link, "/proc/self/fd/%d", platform->lock_fd);
	length = readlink(link, path, sizeof path - 1);
	if (length < 0 || fstat(platform->lock_fd, &files->own))
		return fail(errno, "cannot find this domain's lock file: %s", strerror(errno));
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return fail(EIO, "this domain's lock file has no path");
	snprintf(files->name, sizeof files->name, "%s", slash + 1);
	snprintf(files->first_part, sizeof files->first_part, "%.*s",
		 (int)strcspn(slash + 1, "0123456789"), slash + 1);
	*slash = '\0';
	snprintf(files->beside, sizeof files->beside, "%s", path);
	return 0;
}

/* What a descriptor is, `link` beside `target`, which it leads to. */
static bool is_lock_file(const struct lock_files *files, int fds, const char *link,
			 const char *target)
{
	const char *slash = strrchr(target, '/');
	struct stat status;

	if (slash == NULL)
		return false;
	/* Not for each descriptor: it may lead to a file system that does not answer. */
	if (!strcmp(slash + 1, files->name) && !fstatat(fds, link, &status, 0) &&
	    status.st_dev == files->own.st_dev && status.st_ino == files->own.st_ino)
		return true;
	return files->all && strlen(files->beside) == (size_t)(slash - target) &&
	       !strncmp(files->beside, target, (size_t)(slash - target)) &&
	       !strncmp(slash + 1, files->first_part, strlen(files->first_part));
}

static DIR *list(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (directory == NULL && fd >= 0)
		close(fd);
	return directory;
}

/* 1, 0, or -errno. */
static int holds(const struct lock_files *files, int process_fd)
{
	DIR *fds = list(process_fd, "fd");
	struct dirent *entry;
	int found = 0;

	if (fds == NULL)
		return -errno;
	while (found == 0 && (entry = readdir(fds)) != NULL) {
		char target[PATH_MAX];
		ssize_t length = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);

		if (length <= 0)
			continue;
		target[length] = '\0';
		found = is_lock_file(files, dirfd(fds), entry->d_name, target);
	}
	closedir(fds);
	return found;
}

static void read_command(struct holder *holder)
{
	int fd = openat(holder->directory_fd, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, holder->command, sizeof holder->command - 1);

	if (fd >= 0)
		close(fd);
	holder->command[length > 0 ? length : 0] = '\0';
	holder->command[strcspn(holder->command, "\n")] = '\0';
	/* It goes to a terminal. */
	for (char *at = holder->command; *at != '\0'; at++)
		if (!isprint((unsigned char)*at))
			*at = '?';
}

/* False to end it. */
static bool look_at(const struct lock_files *files, struct holder *holder, holder_found *found,
		    void *context, unsigned *hidden)
{
	int held = holds(files, holder->directory_fd);

	if (held == -EACCES || held == -EPERM)
		++*hidden;
	if (held <= 0)
		return true;
	read_command(holder);
	return found(holder, context);
}

int holders_find(const struct platform *platform, bool all, holder_found *found, void *context,
		 unsigned *hidden)
{
	struct lock_files files;
	int error = lock_files(platform, all, &files);
	struct dirent *entry;
	bool more = true;
	DIR *proc;

	if (error != 0)
		return error;
	proc = list(AT_FDCWD, "/proc");
	if (proc == NULL)
		return fail(errno, "cannot list /proc: %s", strerror(errno));
	while (more && (entry = readdir(proc)) != NULL) {
		struct holder holder = { 0 };
		uint64_t number;

		if (text_number(entry->d_name, 10, &number) == NULL)
			continue;
		holder.process = (int)number;
		if (holder.process == getpid())
			continue;
		holder.directory_fd =
			openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (holder.directory_fd < 0)
			continue;
		more = look_at(&files, &holder, found, context, hidden);
		close(holder.directory_fd);
	}
	closedir(proc);
	return 0;
}

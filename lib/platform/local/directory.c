/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory that the domains of this user share. */
#include "platform/local/local.h"

#include "base/environment.h"
#include "base/error.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int directory_path(char path[PATH_MAX])
{
	const char *chosen = environment(VARIABLE_LOCAL_DIR);
	int length;

	if (chosen && *chosen)
		length = snprintf(path, PATH_MAX, "%s", chosen);
	else
		length = snprintf(path, PATH_MAX, "/dev/shm/xsock-%u", (unsigned)geteuid());
	if (length >= PATH_MAX)
		return fail(ENAMETOOLONG, "$XSOCK_LOCAL_DIR is longer than %d characters",
			    PATH_MAX - 1);
	return 0;
}

int directory_own_domain(unsigned *domain)
{
	const char *text = environment(VARIABLE_LOCAL_DOMAIN);
	unsigned value = 0;

	*domain = 0;
	if (!text)
		return 0;
	for (const char *at = text; *at || at == text; at++) {
		if (*at < '0' || *at > '9' ||
		    (value = value * 10 + (unsigned)(*at - '0')) > DOMAIN_MAX)
			return fail(EINVAL,
				    "XSOCK_LOCAL_DOMAIN is \"%.32s\", not a number from 0 to %u",
				    text, DOMAIN_MAX);
	}
	*domain = value;
	return 0;
}

int directory_probe(void)
{
	if (access("/proc/self/fd", R_OK | X_OK))
		return fail(ENODEV, "/proc is not mounted, which the local platform needs");
	if (!environment(VARIABLE_LOCAL_DIR) && access("/dev/shm", W_OK | X_OK))
		return fail(ENODEV,
			    "/dev/shm cannot be written to: %s; name another directory in "
			    "XSOCK_LOCAL_DIR",
			    strerror(errno));
	return 0;
}

bool directory_is_missing(void)
{
	char path[PATH_MAX];

	return directory_path(path) == 0 && access(path, F_OK) && errno == ENOENT;
}

/* Others must not be able to plant or read anything: what we open is ours, and only ours. */
static int check_private(int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status))
		return fail(errno, "cannot look at %s: %s", path, strerror(errno));
	if (status.st_uid != geteuid())
		return fail(EACCES, "%s belongs to user %u, not to this one; see XSOCK_LOCAL_DIR",
			    path, (unsigned)status.st_uid);
	if (status.st_mode & 077)
		return fail(EACCES, "%s has mode %03o, which lets others in; it must be 0700", path,
			    (unsigned)status.st_mode & 0777);
	return 0;
}

/* mkdir(2) and open(2) have more words for a place where nothing can be than xsock.h promises. */
static int documented(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EROFS:
	case ENAMETOOLONG:
		return EIO;
	default:
		return error;
	}
}

/* Most often it is there. */
static int open_or_make(int at, const char *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, path, flags);

	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(at, path, 0700) && errno != EEXIST)
			return fail(documented(errno), "cannot make the directory %s: %s", path,
				    strerror(errno));
		fd = openat(at, path, flags);
	}
	if (fd < 0)
		return fail(errno == ELOOP || errno == ENOTDIR ? EACCES : documented(errno),
			    "cannot open %s as a directory of this user's own: %s", path,
			    strerror(errno));
	return own_descriptor(fd);
}

static int open_root(const char *path)
{
	int fd = open_or_make(AT_FDCWD, path);
	int result = fd < 0 ? fd : check_private(fd, path);

	if (result < 0)
		close_descriptor(&fd);
	return result < 0 ? result : fd;
}

int directory_open_domain(struct local *local, unsigned domain, int flags)
{
	char name[32];

	snprintf(name, sizeof name, "domain-%u", domain);
	return own_descriptor(openat(local->root_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600));
}

int directory_open(struct local *local)
{
	char path[PATH_MAX];
	int result = directory_path(path);
	if (result < 0)
		return result;
	result = local->root_fd = open_root(path);
	/* Nobody else gets to what lies below. */
	if (result >= 0)
		result = local->grants_fd = open_or_make(local->root_fd, "grants");
	if (result >= 0)
		result = local->ports_fd = open_or_make(local->root_fd, "ports");
	if (result >= 0) {
		result = directory_open_domain(local, local->base.self, O_RDWR | O_CREAT);
		if (result < 0)
			result = local_fail(errno, "open the lock file of this domain");
		local->base.lock_fd = result;
	}
	if (result < 0) {
		directory_close(local);
		return result;
	}
	return 0;
}

void directory_close(struct local *local)
{
	close_descriptor(&local->root_fd);
	close_descriptor(&local->grants_fd);
	close_descriptor(&local->ports_fd);
	close_descriptor(&local->base.lock_fd);
}

DIR *directory_list(int fd)
{
	int copy = own_descriptor(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	int error = errno;

	if (!directory)
		close_descriptor(&copy);
	errno = error;
	return directory;
}

void directory_list_end(DIR *directory)
{
	disown_descriptor(dirfd(directory));
	closedir(directory);
}

void directory_sweep(int fd, unsigned domain)
{
	char prefix[16];
	size_t length = (size_t)snprintf(prefix, sizeof prefix, "%u-", domain);
	DIR *directory = directory_list(fd);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (!strncmp(entry->d_name, prefix, length))
			unlinkat(fd, entry->d_name, 0);
	directory_list_end(directory);
}

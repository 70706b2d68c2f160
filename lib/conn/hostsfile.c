/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/hostsfile.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/error.h"
#include "base/owned.h"

#define FILE_BYTES_MAX (1 << 20)
#define SETTLED 2 /* seconds after which a file that changes again gets another time stamp */

/* One state of one file, and what was found in it. */
struct reading {
	char path[PATH_MAX];
	struct stat status;
	bool settled;
	struct hosts *hosts; /* NULL: it is malformed */
	struct failure failure;
};

static struct reading *latest;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* held for no longer than a search */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_latest(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_latest(void)
{
	pthread_mutex_unlock(&mutex);
}

static void guard_forks(void)
{
	pthread_atfork(lock_latest, unlock_latest, unlock_latest);
}

static void reading_free(struct reading *reading)
{
	if (reading != NULL)
		free(reading->hosts);
	free(reading);
}

static int search(const struct reading *reading, const struct ip *ip, unsigned *owner)
{
	if (reading->hosts != NULL)
		return hosts_find(reading->hosts, ip, owner);
	failure_restore(&reading->failure);
	return -EINVAL;
}

static bool still_holds(const struct reading *reading, const char *path, const struct stat *now)
{
	const struct stat *then = &reading->status;

	return reading->settled && then->st_ino == now->st_ino && then->st_dev == now->st_dev &&
	       then->st_size == now->st_size && then->st_mtim.tv_sec == now->st_mtim.tv_sec &&
	       then->st_mtim.tv_nsec == now->st_mtim.tv_nsec && strcmp(reading->path, path) == 0;
}

/* False when there is nothing to search: never read, or changed since. */
static bool search_latest(const char *path, const struct stat *now, const struct ip *ip,
			  unsigned *owner, int *result)
{
	bool known;

	lock_latest();
	known = latest != NULL && still_holds(latest, path, now);
	if (known)
		*result = search(latest, ip, owner);
	unlock_latest();
	return known;
}

/* All of it, ended by a NUL; to be given to free(). */
static ssize_t read_all(int fd, const struct stat *status, const char *path, char **text)
{
	size_t size = (size_t)status->st_size, used = 0;
	ssize_t got = 1;

	if (!S_ISREG(status->st_mode) || status->st_size > FILE_BYTES_MAX)
		return fail(EINVAL, "%s is not a file, or is larger than %d bytes", path,
			    FILE_BYTES_MAX);
	*text = malloc(size + 1);
	if (*text == NULL)
		return fail(ENOMEM, "no memory to read %s", path);
	while (used < size && got > 0) {
		got = read(fd, *text + used, size - used);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			used += (size_t)got;
	}
	if (got < 0) {
		free(*text);
		return fail(errno, "cannot read %s: %s", path, strerror(errno));
	}
	(*text)[used] = '\0';
	return (ssize_t)used;
}

/* The clock may tick less often than a file can change: what was written just now may be written
 * again with the same time and size. */
static bool is_settled(const struct stat *status)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - status->st_mtim.tv_sec > SETTLED;
}

static int take_reading(int fd, const char *path, struct reading *reading)
{
	ssize_t length;
	char *text = NULL;
	int error;

	if (fstat(fd, &reading->status) != 0)
		return fail(errno, "cannot look at %s: %s", path, strerror(errno));
	reading->settled = is_settled(&reading->status);
	length = read_all(fd, &reading->status, path, &text);
	if (length < 0)
		return (int)length;
	error = hosts_parse(text, (size_t)length, path, &reading->hosts);
	free(text);
	/* That a file is malformed is worth remembering too. */
	if (error == -EINVAL)
		failure_save(&reading->failure);
	return error == -EINVAL ? 0 : error;
}

static int new_reading(const char *path, struct reading **result)
{
	/* A FIFO must not hold this up. */
	int fd = own_descriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
	struct reading *reading;
	int error;

	if (fd < 0)
		return fail(errno, "cannot open %s: %s", path, strerror(errno));
	reading = calloc(1, sizeof *reading);
	if (reading == NULL)
		error = fail(ENOMEM, "no memory to read %s", path);
	else
		error = take_reading(fd, path, reading);
	close_descriptor(&fd);
	if (error != 0) {
		reading_free(reading);
		return error;
	}
	memcpy(reading->path, path, strlen(path) + 1);
	*result = reading;
	return 0;
}

int hostsfile_find(const struct ip *ip, unsigned *owner)
{
	const char *path = environment(VARIABLE_HOSTS);
	struct reading *reading = NULL, *before;
	struct stat now;
	int result;

	pthread_once(&once, guard_forks);
	if (path == NULL || *path == '\0')
		path = HOSTS_PATH;
	if (strlen(path) >= PATH_MAX)
		return fail(EINVAL, "$XSOCK_HOSTS is longer than %d characters", PATH_MAX - 1);
	if (stat(path, &now) != 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? -ENOENT
			       : fail(errno, "cannot look at %s: %s", path, strerror(errno));
	if (search_latest(path, &now, ip, owner, &result))
		return result;
	result = new_reading(path, &reading);
	if (result != 0)
		return result;
	result = search(reading, ip, owner);
	lock_latest();
	before = latest;
	latest = reading;
	unlock_latest();
	reading_free(before);
	return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static const int ending_signals[] = { SIGHUP, SIGINT, SIGTERM };

static char unfinished[PATH_MAX]; /* changed only while ending_signals are blocked */

static void remove_unfinished(int signal)
{
	if (unfinished[0])
		unlink(unfinished);
	raise(signal); /* SA_RESETHAND: this time it kills, so the caller's shell sees why */
}

static void block_ending_signals(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++)
		sigaddset(&set, ending_signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

static void catch_ending_signals(void)
{
	struct sigaction action = { .sa_handler = remove_unfinished, .sa_flags = SA_RESETHAND };
	struct sigaction before;

	for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++) {
		/* What nohup and the like made ignored stays ignored. */
		if (!sigaction(ending_signals[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(ending_signals[i], &action, NULL);
	}
}

static bool failed(const struct output *output)
{
	complain(output->name, "%s", strerror(errno));
	return false;
}

/* As cp(1) does: the owner, if possible, and mode of the file replaced, else what the umask leaves.
 */
static bool set_access(int fd, const struct stat *existing)
{
	mode_t mask;

	if (existing) {
		if (fchown(fd, existing->st_uid, existing->st_gid))
			return !fchmod(fd, existing->st_mode & 0700);
		return !fchmod(fd, existing->st_mode & 0777);
	}
	mask = umask(0);
	umask(mask);
	return !fchmod(fd, 0666 & ~mask);
}

static bool open_temporary(struct output *output, const struct stat *existing)
{
	const char *slash = strrchr(output->final, '/');
	int directory = slash ? (int)(slash - output->final) + 1 : 0;
	sigset_t before;

	if (snprintf(output->temporary, sizeof output->temporary, "%.*s.xsock-XXXXXX", directory,
		     output->final) >= (int)sizeof output->temporary) {
		errno = ENAMETOOLONG;
		return failed(output);
	}
	block_ending_signals(&before);
	output->fd = mkostemp(output->temporary, O_CLOEXEC);
	if (output->fd >= 0) {
		/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy): both places have the same size */
		strcpy(unfinished, output->temporary);
		catch_ending_signals();
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (output->fd < 0)
		return output->temporary[0] = '\0', failed(output);
	if (!set_access(output->fd, existing)) {
		failed(output);
		output_discard(output);
		return false;
	}
	return true;
}

static bool open_straight(struct output *output, int fd)
{
	output->fd = fd;
	return fd >= 0 ? true : failed(output);
}

static bool open_path(struct output *output, const char *path)
{
	struct stat existing;

	if (stat(path, &existing)) {
		if (errno != ENOENT)
			return failed(output);
		if (snprintf(output->final, PATH_MAX, "%s", path) >= PATH_MAX)
			return errno = ENAMETOOLONG, failed(output);
		return open_temporary(output, NULL);
	}
	if (!S_ISREG(existing.st_mode))
		return open_straight(output, open(path, O_WRONLY | O_CLOEXEC));
	/* The file behind a symbolic link is replaced, not the link; a read-only one not at all. */
	if (access(path, W_OK) || !realpath(path, output->final))
		return failed(output);
	return open_temporary(output, &existing);
}

bool output_open(struct output *output, const char *path)
{
	output->fd = -1;
	output->final[0] = '\0';
	output->temporary[0] = '\0';
	if (path && strcmp(path, "-")) {
		output->name = path;
		return open_path(output, path);
	}
	output->name = "standard output";
	return open_straight(output, fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
}

static bool write_piece(struct output *output, const char *bytes, size_t length)
{
	ssize_t written;

	while (length) {
		written = write(output->fd, bytes, length);
		if (written < 0 && errno != EINTR)
			return failed(output);
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return true;
}

bool output_write(struct output *output, const struct iovec *pieces, int count)
{
	for (int i = 0; i < count; i++) {
		if (!write_piece(output, pieces[i].iov_base, pieces[i].iov_len))
			return false;
	}
	return true;
}

/* Removes the unfinished file, or gives it its name. */
static bool settle_temporary(struct output *output, bool keep)
{
	sigset_t before;
	bool done;

	block_ending_signals(&before);
	done = keep && !rename(output->temporary, output->final);
	if (keep && !done)
		failed(output);
	if (!done)
		unlink(output->temporary);
	unfinished[0] = '\0';
	sigprocmask(SIG_SETMASK, &before, NULL);
	return done;
}

bool output_finish(struct output *output, bool safely)
{
	bool good = true;

	/* Pipes and terminals cannot be synced (EINVAL, EROFS) and need not be. */
	if (safely && fsync(output->fd) && errno != EINVAL && errno != EROFS)
		good = failed(output);
	/* A remote file system may tell only now that its disk is full. */
	if (close(output->fd) && good)
		good = failed(output);
	output->fd = -1;
	if (output->temporary[0])
		good = settle_temporary(output, good) && good;
	return good;
}

void output_discard(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
	if (output->temporary[0])
		settle_temporary(output, false);
}

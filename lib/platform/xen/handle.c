/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/xen/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore_lib.h>

#include "base/owned.h"
#include "platform/xen/xen.h"

/* -- XenStore's socket and pipe --------------------------------------------------------------- */

/* libxenstore opens them by itself and tells of one end of the pipe only. New descriptors get the
 * lowest free number; with other threads that open some, it is one of the next. */
#define NEAR 256

static int lowest_free(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	/* cppcheck-suppress deallocret; only the number counts */
	return fd;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool is_store_device(int fd)
{
	char link[32], path[64];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return ends_with(path, "/xen/xenbus");
}

static bool is_store_socket(int fd)
{
	const char *daemon = xs_daemon_socket();
	struct sockaddr_un address = { 0 };
	socklen_t length = sizeof address - 1;

	return daemon != NULL && getpeername(fd, (struct sockaddr *)&address, &length) == 0 &&
	       address.sun_family == AF_UNIX && strcmp(address.sun_path, daemon) == 0;
}

static bool is_store(int fd)
{
	return is_store_socket(fd) || is_store_device(fd);
}

static int find_store(int from)
{
	for (int fd = from; fd >= 0 && fd < from + NEAR; fd++)
		if (!is_own_descriptor(fd) && is_store(fd))
			return fd;
	return -1;
}

/* Both ends of a pipe are one file. */
static int find_other_end(int end)
{
	struct stat one, other;

	if (fstat(end, &one) != 0)
		return -1;
	for (int fd = end + 1; fd < end + NEAR; fd++)
		if (fstat(fd, &other) == 0 && S_ISFIFO(other.st_mode) &&
		    other.st_dev == one.st_dev && other.st_ino == one.st_ino)
			return fd;
	return -1;
}

static void own(struct store_handle *handle, int at, int fd)
{
	handle->fds[at] = fd;
	own_in_place(fd);
}

static void disown(struct store_handle *handle)
{
	for (int at = 0; at < 3; at++)
		disown_descriptor(handle->fds[at]);
}

int store_handle_open(struct store_handle *handle)
{
	int from, error;

	/* Two threads that search at once could find each other's. */
	fork_hold();
	from = lowest_free();
	*handle = (struct store_handle){ .xs = xs_open(0), .fds = { -1, -1, -1 } };
	error = errno;
	if (handle->xs != NULL)
		own(handle, 0, find_store(from));
	fork_release();
	errno = error;
	return handle->xs != NULL ? 0 : -1;
}

void store_handle_close(struct store_handle *handle)
{
	disown(handle);
	xs_close(handle->xs);
}

void store_handle_abandon(struct store_handle *handle)
{
	disown(handle);
	xs_daemon_destroy_postfork(handle->xs);
}

int store_handle_fd(struct store_handle *handle)
{
	/* The library makes the pipe at the first call. */
	int fd = xs_fileno(handle->xs);

	if (fd >= 0 && handle->fds[1] < 0) {
		own(handle, 1, fd);
		own(handle, 2, find_other_end(fd));
	}
	return fd;
}

/* -- event channels --------------------------------------------------------------------------- */

xenevtchn_handle *events_open(int *fd)
{
	int device = own_descriptor(open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC));
	xenevtchn_handle *handle;

	if (device < 0)
		return NULL;
	handle = xenevtchn_fdopen(&xen_silence, device, 0);
	if (handle == NULL) {
		int error = errno;

		close_descriptor(&device);
		errno = error;
		return NULL;
	}
	*fd = device;
	return handle;
}

void events_close(xenevtchn_handle *handle)
{
	disown_descriptor(xenevtchn_fd(handle));
	xenevtchn_close(handle);
}

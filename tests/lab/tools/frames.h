/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What dom0 and a guest's agent say to each other: a request is one FRAME_RUN with a shell script;
 * the answer is FRAME_PID, any number of FRAME_OUT and FRAME_ERR as the script writes them, and
 * FRAME_EXIT.
 */
#ifndef LAB_FRAMES_H
#define LAB_FRAMES_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

enum { FRAME_RUN = 'r', FRAME_PID = 'p', FRAME_OUT = 'o', FRAME_ERR = 'e', FRAME_EXIT = 'x' };
enum { LAB_PORT = 7700, FRAME_MAX = 64 * 1024 };

struct frame {
	uint32_t type;
	uint32_t length;
};

static inline int read_all(int fd, void *data, size_t length)
{
	for (char *at = data; length > 0;) {
		ssize_t n = read(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static inline int write_all(int fd, const void *data, size_t length)
{
	for (const char *at = data; length > 0;) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static inline int send_frame(int fd, uint32_t type, const void *data, uint32_t length)
{
	struct frame frame = { type, length };

	return write_all(fd, &frame, sizeof frame) < 0 || write_all(fd, data, length) < 0 ? -1 : 0;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "preload/real.h"
#include "preload/settings.h"
#include "preload/stream.h"

#define LINE_MAX_SIZE 512

/* Opened for each line: nothing to be kept open, inherited or closed by the program. */
static void write_line(const char *line, size_t length)
{
	int fd = STDERR_FILENO;

	if (settings.log != NULL)
		fd = real.open(settings.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0 && real.write(fd, line, length) < 0)
		errno = 0; /* nobody to tell */
	if (fd >= 0 && settings.log != NULL)
		real.close(fd);
}

/* "xsock-run[PID] PROGRAM: " and its length. */
static int begin_line(char line[LINE_MAX_SIZE])
{
	/* Whoever starts the program names it. */
	return snprintf(line, LINE_MAX_SIZE, "xsock-run[%d] %.100s: ", (int)getpid(),
			program_invocation_short_name);
}

static void end_line(char line[LINE_MAX_SIZE], int length)
{
	length = length < LINE_MAX_SIZE - 1 ? length : LINE_MAX_SIZE - 2;
	line[length++] = '\n';
	write_line(line, (size_t)length);
}

/* Where a server runs that was started with its connection there. */
static bool stderr_is_a_socket(void)
{
	int type;
	socklen_t length = sizeof type;

	return real.getsockopt(STDERR_FILENO, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

void report_setting(const char *name, const char *value, unsigned long taken)
{
	char line[LINE_MAX_SIZE];
	int length;

	if (settings.log == NULL && stderr_is_a_socket())
		return;
	length = begin_line(line);
	length += snprintf(line + length, sizeof line - (size_t)length,
			   "%s=%.100s is no number, %lu is taken", name, value, taken);
	end_line(line, length);
}

void report(const struct stream *stream, const char *format, ...)
{
	char line[LINE_MAX_SIZE], pair[PAIR_TEXT_SIZE] = "";
	int error = errno;
	va_list arguments;
	int length;

	if (!settings.verbose)
		return;
	address_pair_text(&stream->pair, pair);
	length = begin_line(line);
	length += snprintf(line + length, sizeof line - (size_t)length, "%s: ", pair);
	va_start(arguments, format);
	length += vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
	va_end(arguments);
	end_line(line, length);
	errno = error;
}

void report_closed(struct stream *stream)
{
	if (stream->reported || !stream->had_ring || stream->foreign)
		return;
	stream->reported = true;
	report(stream,
	       "closed: %llu bytes sent and %llu received over the ring, %llu and %llu over TCP",
	       (unsigned long long)stream->ring_sent, (unsigned long long)stream->ring_received,
	       (unsigned long long)stream->tcp_sent, (unsigned long long)stream->tcp_received);
}

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

void report(const struct stream *stream, const char *format, ...)
{
	char line[LINE_MAX_SIZE], pair[PAIR_TEXT_SIZE] = "";
	int error = errno;
	va_list arguments;
	int length, more;

	if (!settings.verbose)
		return;
	address_pair_text(&stream->pair, pair);
	length = snprintf(line, sizeof line, "xsock-run[%d] %s: %s: ", (int)getpid(),
			  program_invocation_short_name, pair);
	va_start(arguments, format);
	more = vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
	va_end(arguments);
	length = length + more < LINE_MAX_SIZE - 1 ? length + more : LINE_MAX_SIZE - 2;
	line[length++] = '\n';
	write_line(line, (size_t)length);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: what the C library does with a descriptor without coming back here, so it gets TCP.
 */
#include <aio.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#include "preload/preload.h"
#include "preload/public.h"

PUBLIC FILE *fdopen(int fd, const char *mode)
{
	started();
	stream_pin(fd, "stdio (fdopen)");
	return real.fdopen(fd, mode);
}

PUBLIC int vdprintf(int fd, const char *restrict format, va_list arguments)
{
	started();
	stream_pin(fd, "stdio (dprintf)");
	return real.vdprintf(fd, format, arguments);
}

PUBLIC int dprintf(int fd, const char *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = vdprintf(fd, format, arguments);
	va_end(arguments);
	return result;
}

int __vdprintf_chk(int fd, int flag, const char *restrict format, va_list arguments);
int __dprintf_chk(int fd, int flag, const char *restrict format, ...);

PUBLIC int __vdprintf_chk(int fd, int flag, const char *restrict format, va_list arguments)
{
	started();
	stream_pin(fd, "stdio (dprintf)");
	return real.__vdprintf_chk(fd, flag, format, arguments);
}

PUBLIC int __dprintf_chk(int fd, int flag, const char *restrict format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = __vdprintf_chk(fd, flag, format, arguments);
	va_end(arguments);
	return result;
}

PUBLIC ssize_t splice(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t length,
		      unsigned flags)
{
	started();
	if (stream_pin_to_transfer(in, "splice") != 0 ||
	    stream_pin_to_transfer(out, "splice") != 0)
		return -1;
	return real.splice(in, in_offset, out, out_offset, length, flags);
}

/* ------------------------------------------------------------------ POSIX AIO: threads of the C
 * library's own */

static void pin_request(const struct aiocb *request)
{
	started();
	if (request != NULL)
		stream_pin(request->aio_fildes, "POSIX AIO");
}

static void pin_request64(const struct aiocb64 *request)
{
	started();
	if (request != NULL)
		stream_pin(request->aio_fildes, "POSIX AIO");
}

PUBLIC int aio_read(struct aiocb *request)
{
	pin_request(request);
	return real.aio_read(request);
}

PUBLIC int aio_read64(struct aiocb64 *request)
{
	pin_request64(request);
	return real.aio_read64(request);
}

PUBLIC int aio_write(struct aiocb *request)
{
	pin_request(request);
	return real.aio_write(request);
}

PUBLIC int aio_write64(struct aiocb64 *request)
{
	pin_request64(request);
	return real.aio_write64(request);
}

PUBLIC int lio_listio(int mode, struct aiocb *const list[restrict], int count,
		      struct sigevent *restrict event)
{
	for (int at = 0; at < count; at++)
		pin_request(list[at]);
	return real.lio_listio(mode, list, count, event);
}

PUBLIC int lio_listio64(int mode, struct aiocb64 *const list[restrict], int count,
			struct sigevent *restrict event)
{
	for (int at = 0; at < count; at++)
		pin_request64(list[at]);
	return real.lio_listio64(mode, list, count, event);
}

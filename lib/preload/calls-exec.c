/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another program takes the process over; all of it may happen in a signal handler, so nothing
 * allocates. */
#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "preload/public.h"
#include "preload/real.h"
#include "preload/streams.h"

static void before(void)
{
	real_ready();
	streams_before_exec();
	streams_seal_for_exec();
}

static int failed(int result)
{
	int error = errno;

	streams_exec_failed();
	errno = error;
	return result;
}

PUBLIC int execve(const char *path, char *const arguments[], char *const environment[])
{
	before();
	return failed(real.execve(path, arguments, environment));
}

PUBLIC int execv(const char *path, char *const arguments[])
{
	return execve(path, arguments, environ);
}

PUBLIC int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	before();
	return failed(real.execvpe(file, arguments, environment));
}

PUBLIC int execvp(const char *file, char *const arguments[])
{
	return execvpe(file, arguments, environ);
}

PUBLIC int fexecve(int fd, char *const arguments[], char *const environment[])
{
	before();
	return failed(real.fexecve(fd, arguments, environment));
}

PUBLIC int execveat(int directory, const char *path, char *const arguments[],
		    char *const environment[], int flags)
{
	before();
	return failed(real.execveat(directory, path, arguments, environment, flags));
}

/* ------------------------------------------------------------------ arguments as a list */

/* Bytes for all of them and the NULL behind. */
static size_t array_size(const char *first, va_list list)
{
	size_t count = 1;

	if (first != NULL)
		for (count = 2; va_arg(list, char *) != NULL; count++)
			;
	return count * sizeof(char *);
}

/* Leaves the list behind the NULL. */
static void gather(char **array, const char *first, va_list *list)
{
	array[0] = (char *)(uintptr_t)first;
	for (size_t at = 0; array[at] != NULL; at++)
		array[at + 1] = va_arg(*list, char *);
}

PUBLIC int execl(const char *path, const char *argument, ...)
{
	char **arguments;
	va_list list;

	va_start(list, argument);
	arguments = alloca(array_size(argument, list));
	va_end(list);
	va_start(list, argument);
	gather(arguments, argument, &list);
	va_end(list);
	return execv(path, arguments);
}

PUBLIC int execlp(const char *file, const char *argument, ...)
{
	char **arguments;
	va_list list;

	va_start(list, argument);
	arguments = alloca(array_size(argument, list));
	va_end(list);
	va_start(list, argument);
	gather(arguments, argument, &list);
	va_end(list);
	return execvp(file, arguments);
}

PUBLIC int execle(const char *path, const char *argument, ...)
{
	char **arguments, **environment;
	va_list list;

	va_start(list, argument);
	arguments = alloca(array_size(argument, list));
	va_end(list);
	va_start(list, argument);
	gather(arguments, argument, &list);
	environment = va_arg(list, char **);
	va_end(list);
	return execve(path, arguments, environment);
}

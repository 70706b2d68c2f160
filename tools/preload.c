/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

/* In a build directory this command is tools/xsock-run. */
#define FROM_BUILD "../lib/preload/libxsock-preload.so"

static bool is_there(const char *candidate, char path[PATH_MAX])
{
	return realpath(candidate, path) && !access(path, R_OK);
}

static bool find_in_build(char path[PATH_MAX])
{
	char own[PATH_MAX - sizeof FROM_BUILD], candidate[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own);
	char *slash;

	if (length <= 0 || length == (ssize_t)sizeof own)
		return false;
	own[length] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		slash[1] = '\0';
	snprintf(candidate, sizeof candidate, "%s%s", own, FROM_BUILD);
	return is_there(candidate, path);
}

bool preload_find(char path[PATH_MAX])
{
	const char *chosen = getenv("XSOCK_PRELOAD");
	const char *place = chosen && *chosen ? chosen : PRELOAD_PATH;

	/* An installed one may be older than the build. */
	if ((place != chosen && find_in_build(path)) || is_there(place, path))
		return true;
	snprintf(path, PATH_MAX, "%s", place);
	return false;
}

/* Is it the first of them already, as in an xsock-run below another? */
static bool comes_first(const char *path, const char *list)
{
	size_t length = strlen(path);

	return !strncmp(list, path, length) && (!list[length] || strchr(": ", list[length]));
}

bool preload_set(const char *path)
{
	const char *before = getenv("LD_PRELOAD");
	char *list;
	int result;

	if (strpbrk(path, ": ")) {
		complain(path, "the loader's LD_PRELOAD cannot name a path with a space or colon");
		return false;
	}
	if (!before || !*before)
		result = setenv("LD_PRELOAD", path, 1);
	else if (comes_first(path, before))
		result = 0;
	else if (asprintf(&list, "%s:%s", path, before) < 0)
		result = -1;
	else {
		result = setenv("LD_PRELOAD", list, 1);
		free(list);
	}
	if (result)
		complain(NULL, "out of memory");
	return !result;
}

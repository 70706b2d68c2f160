/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/path.h"

#include "base/error.h"
#include "platform/platform.h"

#include <string.h>

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '@';
}

int path_check(const char *path)
{
	size_t length = strnlen(path, STORE_PATH_MAX);

	if (path[0] != '/')
		return fail(EINVAL, "store path \"%.80s\" does not start with /", path);
	if (length >= STORE_PATH_MAX)
		return fail(EINVAL, "store path \"%.80s...\" is longer than %u characters", path,
			    STORE_PATH_MAX - 1);
	for (size_t i = 1; i < length; i++) {
		if (is_name_character(path[i]))
			continue;
		if (path[i] != '/')
			return fail(EINVAL,
				    "store path \"%.80s\" has a character other than letters, "
				    "digits, - _ @ and /",
				    path);
		if (path[i - 1] == '/' || i + 1 == length)
			return fail(EINVAL, "store path \"%.80s\" has an empty name in it", path);
	}
	return 0;
}

bool path_is_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	if (!strcmp(above, "/"))
		return true;
	return !strncmp(path, above, length) && (path[length] == '\0' || path[length] == '/');
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *text_number(const char *text, int base, uint64_t *number)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, base);
	return end == text || errno != 0 ? NULL : end;
}

bool text_mapping(const char *line, struct text_mapping *mapping)
{
	const char *at = text_number(line, 16, &mapping->from);

	if (at == NULL || *at != '-')
		return false;
	at = text_number(at + 1, 16, &mapping->to);
	if (at == NULL || *at != ' ' || strlen(at) < sizeof mapping->rights)
		return false;
	memcpy(mapping->rights, at + 1, sizeof mapping->rights - 1);
	mapping->rights[sizeof mapping->rights - 1] = '\0';
	mapping->path = strchr(at, '/');
	if (mapping->path == NULL)
		mapping->path = "";
	return true;
}

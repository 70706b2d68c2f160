/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "known.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xsock/xsock.h>

#include "inet.h"
#include "published.h"
#include "store.h"

#define HOSTS_PATH "/etc/xsock/hosts"

/* The lines with something to say, without their comments. */
static void print_lines(FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "#\r\n")] = '\0';
		if (line[strspn(line, " \t")])
			printf("  %s\n", line + strspn(line, " \t"));
	}
	free(line);
}

/* Any address will do: a file that is malformed is so for all. */
static bool is_malformed(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	unsigned domain;

	return xsock_lookup((struct sockaddr *)&any, sizeof any, NULL, &domain) && errno == EINVAL;
}

void known_by_file(void)
{
	const char *path = getenv("XSOCK_HOSTS");
	FILE *file;

	if (!path || !*path)
		path = HOSTS_PATH;
	file = fopen(path, "re");
	printf("hosts file: %s%s\n", path,
	       file              ? ""
	       : errno == ENOENT ? " (there is none)"
				 : " (cannot be read)");
	if (!file)
		return;
	print_lines(file);
	fclose(file);
	if (is_malformed())
		printf("  no: %s\n", xsock_last_error());
}

#ifdef XSOCK_WITH_XEN
#include <xenstore.h>

void known_by_store(void)
{
	struct xs_handle *store = store_open();
	struct claims claims = { 0 };
	char text[INET_TEXT];

	if (!store)
		return;
	printf("published by domain 0:\n");
	if (published_read(store, &claims) && !claims.count)
		printf("  nothing; xsock publish does it\n");
	for (size_t i = 0; i < claims.count; i++)
		printf("  %s %u\n", inet_text(&claims.claim[i].address, text),
		       claims.claim[i].domain);
	claims_clear(&claims);
	xs_close(store);
}
#else
void known_by_store(void)
{
}
#endif

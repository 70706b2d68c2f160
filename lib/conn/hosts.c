/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define BLANKS " \t\r\f\v"

struct host {
	struct ip network;
	unsigned prefix;
	unsigned owner;
	unsigned line;
};

struct hosts {
	size_t count;
	struct host host[]; /* the longest prefix first */
};

/* No sign, no space, and nothing behind it: strtoul allows all three. */
static bool parse_number(const char *text, unsigned limit, unsigned *number)
{
	unsigned value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned)(*text - '0');
		if (value > limit)
			return false;
	}
	*number = value;
	return true;
}

static int parse_network(char *text, struct host *host)
{
	char *slash = strchr(text, '/');
	unsigned prefix, skipped;
	int written;

	if (slash != NULL)
		*slash = '\0';
	written = ip_from_text(text, &host->network);
	if (written < 0)
		return written;
	host->prefix = host->network.bits;
	if (slash == NULL)
		return 0;
	/* The prefix of a mapped address counts the 96 bits that make it one. */
	skipped = (unsigned)written - host->network.bits;
	if (!parse_number(slash + 1, (unsigned)written, &prefix) || prefix < skipped)
		return fail(EINVAL, "'/%.20s' is not a prefix from /%u to /%d", slash + 1, skipped,
			    written);
	host->prefix = prefix - skipped;
	if (!ip_ends_at(&host->network, host->prefix))
		return fail(EINVAL, "%s has bits beyond its prefix, /%u", text, prefix);
	return 0;
}

static int parse_owner(const char *text, unsigned *owner)
{
	if (strcmp(text, "self") == 0)
		*owner = OWNER_SELF;
	else if (strcmp(text, "none") == 0)
		*owner = OWNER_NONE;
	else if (!parse_number(text, DOMAIN_MAX, owner))
		return fail(EINVAL, "'%.40s' is not a domain's number (0 to %u), self or none",
			    text, DOMAIN_MAX);
	return 0;
}

/* 1 when the line had something to say. */
static int parse_line(char *line, struct host *host)
{
	char *address, *owner, *rest;
	int error;

	line[strcspn(line, "#")] = '\0';
	address = strtok_r(line, BLANKS, &rest);
	if (address == NULL)
		return 0;
	owner = strtok_r(NULL, BLANKS, &rest);
	if (owner == NULL || strtok_r(NULL, BLANKS, &rest) != NULL)
		return fail(EINVAL, "a line is an address and a domain, nothing else");
	error = parse_network(address, host);
	if (error == 0)
		error = parse_owner(owner, &host->owner);
	return error != 0 ? error : 1;
}

static int wrong_line(const char *name, unsigned line)
{
	struct failure why;

	failure_save(&why);
	return fail(EINVAL, "%s, line %u: %s", name, line, why.sentence);
}

static int parse_lines(char *text, const char *name, struct hosts *hosts)
{
	for (unsigned line = 1; text != NULL; line++) {
		int told = parse_line(strsep(&text, "\n"), &hosts->host[hosts->count]);

		if (told < 0)
			return wrong_line(name, line);
		if (told == 0)
			continue;
		hosts->host[hosts->count].line = line;
		hosts->count++;
	}
	return 0;
}

/* Lines about the same network end up side by side, in the file's order. */
static int compare(const void *one, const void *other)
{
	const struct host *a = one, *b = other;
	int difference = (int)b->prefix - (int)a->prefix;

	if (difference == 0)
		difference = (int)a->network.bits - (int)b->network.bits;
	if (difference == 0)
		difference = memcmp(a->network.bytes, b->network.bytes, sizeof a->network.bytes);
	return difference != 0 ? difference : (int)a->line - (int)b->line;
}

/* Who owns an address must not depend on the order of lines. */
static int check_clashes(const char *name, const struct hosts *hosts)
{
	for (size_t at = 1; at < hosts->count; at++) {
		const struct host *one = &hosts->host[at - 1], *other = &hosts->host[at];

		if (one->owner != other->owner && one->prefix == other->prefix &&
		    ip_within(&one->network, &other->network, one->prefix))
			return fail(EINVAL, "%s, line %u: line %u gives this to somebody else",
				    name, other->line, one->line);
	}
	return 0;
}

int hosts_parse(char *text, size_t length, const char *name, struct hosts **result)
{
	struct hosts *hosts;
	size_t lines = 1;
	int error;

	if (strlen(text) != length)
		return fail(EINVAL, "%s is not a text: it has a byte that is zero", name);
	for (const char *at = text; *at != '\0'; at++)
		lines += *at == '\n';
	hosts = calloc(1, sizeof *hosts + lines * sizeof hosts->host[0]);
	if (hosts == NULL)
		return fail(ENOMEM, "no memory for what %s says", name);
	error = parse_lines(text, name, hosts);
	if (error == 0) {
		qsort(hosts->host, hosts->count, sizeof hosts->host[0], compare);
		error = check_clashes(name, hosts);
	}
	if (error != 0) {
		free(hosts);
		return error;
	}
	*result = hosts;
	return 0;
}

int hosts_find(const struct hosts *hosts, const struct ip *ip, unsigned *owner)
{
	for (size_t at = 0; at < hosts->count; at++) {
		const struct host *host = &hosts->host[at];

		if (ip_within(ip, &host->network, host->prefix)) {
			*owner = host->owner;
			return 0;
		}
	}
	return -ENOENT;
}

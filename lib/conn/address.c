/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/address.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int service_check(const char *service)
{
	size_t length = strlen(service);

	if (length == 0 || length >= SERVICE_SIZE)
		return fail(EINVAL, "a service's name has 1 to %d characters, not %zu",
			    SERVICE_SIZE - 1, length);
	for (const char *at = service; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
			return fail(
				EINVAL,
				"a service's name is made of letters, digits, - and _: '%s' is not",
				service);
	return 0;
}

int address_parse(const char *text, struct address *address)
{
	const char *slash = strchr(text, '/');
	unsigned long domain = 0;

	if (slash == NULL || slash == text)
		return fail(EINVAL, "'%.80s' is not of the form DOMAIN/SERVICE, like 0/log", text);
	for (const char *at = text; at < slash; at++) {
		if (*at < '0' || *at > '9' || at - text >= 5)
			return fail(EINVAL, "'%.*s' is not a domain's number (0 to %u)",
				    (int)(slash - text > 40 ? 40 : slash - text), text, DOMAIN_MAX);
		domain = domain * 10 + (unsigned long)(*at - '0');
	}
	if (domain > DOMAIN_MAX)
		return fail(EINVAL, "domain %lu is beyond the highest number, %u", domain,
			    DOMAIN_MAX);
	if (service_check(slash + 1) != 0)
		return -EINVAL;
	address->domain = (unsigned)domain;
	memcpy(address->service, slash + 1, strlen(slash + 1) + 1);
	return 0;
}

/* The longest of these, with the longest service's name, is far below STORE_PATH_MAX. */
void path_root(char path[STORE_PATH_MAX], unsigned domain)
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock", domain);
}

void path_alive(char path[STORE_PATH_MAX], unsigned domain)
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/alive", domain);
}

void path_service(char path[STORE_PATH_MAX], unsigned domain, const char *service)
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s", domain, service);
}

void path_requests(char path[STORE_PATH_MAX], unsigned domain, const char *service, bool open,
		   unsigned connector)
{
	char place[16] = "any";

	if (!open)
		snprintf(place, sizeof place, "%u", connector);
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s/%s", domain, service,
		 place);
}

void path_request(char path[STORE_PATH_MAX], const char *requests, uint64_t id)
{
	snprintf(path, STORE_PATH_MAX, "%.*s/%016" PRIx64, (int)STORE_PATH_MAX - 18, requests, id);
}

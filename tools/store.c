/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "report.h"

#define DOMAIN_MAX 0x7fef /* the numbers from 0x7ff0 on are Xen's own */

struct xs_handle *store_open(void)
{
	struct xs_handle *store = xs_open(0);

	if (!store)
		complain(NULL,
			 "cannot reach XenStore: %s; is this a Xen domain, and this user root?",
			 strerror(errno));
	return store;
}

bool store_failed(const char *what, const char *path)
{
	complain(NULL, "cannot %s %s: %s", what, path, strerror(errno));
	return false;
}

static bool is_missing(int error)
{
	return error == ENOENT || error == EACCES;
}

bool store_read(struct xs_handle *store, const char *path, char **value)
{
	unsigned length;

	*value = xs_read(store, XBT_NULL, path, &length);
	return *value || is_missing(errno) ? true : store_failed("read", path);
}

bool store_list(struct xs_handle *store, const char *path, char ***names, unsigned *count)
{
	*count = 0;
	*names = xs_directory(store, XBT_NULL, path, count);
	return *names || is_missing(errno) ? true : store_failed("list", path);
}

bool store_number(const char *text, unsigned *number)
{
	unsigned long value;
	char *end;

	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value > DOMAIN_MAX)
		return false;
	*number = (unsigned)value;
	return true;
}

bool store_own_domain(struct xs_handle *store, unsigned *domain)
{
	bool good;
	char *text;

	if (!store_read(store, "domid", &text))
		return false;
	good = text && store_number(text, domain);
	free(text);
	if (!good)
		complain(NULL, "XenStore does not say which domain this is");
	return good;
}

static bool has_name(struct xs_handle *store, const char *domain, const char *name)
{
	char path[STORE_PATH];
	char *found;
	bool same;

	snprintf(path, sizeof path, "/local/domain/%s/name", domain);
	if (!store_read(store, path, &found))
		return false;
	same = found && !strcmp(found, name);
	free(found);
	return same;
}

static bool find_by_name(struct xs_handle *store, const char *name, unsigned *domain)
{
	unsigned count;
	char **domains;
	bool found = false;

	if (!store_list(store, "/local/domain", &domains, &count))
		return false;
	for (unsigned i = 0; i < count && !found; i++)
		found = store_number(domains[i], domain) && has_name(store, domains[i], name);
	free(domains);
	return found;
}

bool store_domain(struct xs_handle *store, const char *name, unsigned *domain)
{
	if (!store_number(name, domain) && !find_by_name(store, name, domain))
		return false;
	return *domain == 0 || xs_is_domain_introduced(store, *domain);
}

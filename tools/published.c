/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "published.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "store.h"

#define TOP "/xsock"
#define PLACE TOP "/address"

static void node_path(const char *name, char path[STORE_PATH])
{
	snprintf(path, STORE_PATH, "%s/%s", PLACE, name);
}

static bool is_closed(struct xs_handle *store, const char *path)
{
	unsigned count;
	struct xs_permissions *permissions = xs_get_permissions(store, XBT_NULL, path, &count);
	bool closed = permissions && count == 1 && permissions[0].id == 0 &&
		      permissions[0].perms == XS_PERM_READ;

	free(permissions);
	return closed;
}

/* Domain 0's, to be read by all and written by nobody else. */
static bool close_node(struct xs_handle *store, const char *path)
{
	struct xs_permissions closed = { .id = 0, .perms = XS_PERM_READ };

	return is_closed(store, path) || xs_set_permissions(store, XBT_NULL, path, &closed, 1)
		       ? true
		       : store_failed("set the permissions of", path);
}

/* What is made below inherits the permissions, so at no time can a guest write there. */
static bool prepare(struct xs_handle *store)
{
	static const char *const places[] = { TOP, PLACE };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (!xs_mkdir(store, XBT_NULL, places[i]))
			return store_failed("make", places[i]);
		if (!close_node(store, places[i]))
			return false;
	}
	return true;
}

static void no_dispute(const struct claim *one, const struct claim *other)
{
	(void)one; /* an address has one node */
	(void)other;
}

static bool read_one(struct xs_handle *store, const char *name, struct claims *claims)
{
	char path[STORE_PATH];
	struct inet address;
	unsigned domain;
	bool good = true;
	char *value;

	node_path(name, path);
	if (!store_read(store, path, &value))
		return false;
	if (value && inet_from_node(name, &address) && store_number(value, &domain))
		good = claims_add(claims, &address, domain);
	free(value);
	return good;
}

bool published_read(struct xs_handle *store, struct claims *claims)
{
	unsigned count;
	char **names;
	bool good = true;

	if (!store_list(store, PLACE, &names, &count))
		return false;
	for (unsigned i = 0; i < count && good; i++)
		good = read_one(store, names[i], claims);
	free(names);
	claims_settle(claims, no_dispute);
	return good;
}

static bool withdraw(struct xs_handle *store, const char *name, bool dry, published_change *changed)
{
	char path[STORE_PATH], text[INET_TEXT];
	struct inet address;
	char *value;

	node_path(name, path);
	if (!store_read(store, path, &value))
		return false;
	changed('-', inet_from_node(name, &address) ? inet_text(&address, text) : name,
		value ? value : "?");
	free(value);
	return dry || xs_rm(store, XBT_NULL, path) || errno == ENOENT
		       ? true
		       : store_failed("remove", path);
}

static bool withdraw_others(struct xs_handle *store, const struct claims *claims, bool dry,
			    published_change *changed)
{
	struct inet address;
	unsigned count;
	char **names;
	bool good = true;

	if (!store_list(store, PLACE, &names, &count))
		return false;
	for (unsigned i = 0; i < count && good; i++)
		if (!inet_from_node(names[i], &address) || !claims_find(claims, &address))
			good = withdraw(store, names[i], dry, changed);
	free(names);
	return good;
}

static bool publish(struct xs_handle *store, const struct claim *claim, bool dry,
		    published_change *changed)
{
	char name[INET_TEXT], text[INET_TEXT], path[STORE_PATH], value[8];
	bool same;
	char *now;

	inet_to_node(&claim->address, name);
	node_path(name, path);
	snprintf(value, sizeof value, "%u", claim->domain);
	if (!store_read(store, path, &now))
		return false;
	same = now && !strcmp(now, value);
	free(now);
	if (!same)
		changed('+', inet_text(&claim->address, text), value);
	if (dry)
		return true;
	if (!same && !xs_write(store, XBT_NULL, path, value, (unsigned)strlen(value)))
		return store_failed("write", path);
	return close_node(store, path);
}

bool published_write(struct xs_handle *store, const struct claims *claims, bool dry,
		     published_change *changed)
{
	bool good = (dry || prepare(store)) && withdraw_others(store, claims, dry, changed);

	for (size_t i = 0; i < claims->count && good; i++)
		good = publish(store, &claims->claim[i], dry, changed);
	return good;
}

bool published_remove(struct xs_handle *store)
{
	/* Nothing else lives there. */
	return xs_rm(store, XBT_NULL, TOP) || errno == ENOENT ? true : store_failed("remove", TOP);
}

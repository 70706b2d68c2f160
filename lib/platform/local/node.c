/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/node.h"

#include "base/error.h"
#include "platform/path.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERMISSIONS_BYTES 80u /* five times a letter and a number, spaces, newline */

static const char letters[] = "nrwb";

void node_file_name(char name[NODE_NAME_BYTES], const char *path)
{
	size_t i;

	for (i = 0; path[i] && i + 1 < NODE_NAME_BYTES; i++)
		name[i] = path[i] == '/' ? ':' : path[i];
	name[i] = '\0';
}

void node_path(char path[STORE_PATH_MAX], const char *name)
{
	size_t i;

	for (i = 0; name[i] && i + 1 < STORE_PATH_MAX; i++)
		path[i] = name[i] == ':' ? '/' : name[i];
	path[i] = '\0';
}

enum store_access node_access(const struct store_permissions *permissions, unsigned domain)
{
	if (domain == 0 || domain == permissions->owner)
		return ACCESS_BOTH;
	for (unsigned i = 0; i < permissions->count; i++)
		if (permissions->grantee[i].domain == domain)
			return permissions->grantee[i].access;
	return permissions->others;
}

/* What Xen's toolstack makes for each domain: its home, which it may read, and data/, which it
 * owns. */
static bool is_furniture(const char *path, struct store_permissions *permissions)
{
	static const char homes[] = "/local/domain/";
	char *end;
	unsigned long domain;

	*permissions = (struct store_permissions){ 0 };
	if (!strcmp(path, "/") || !strcmp(path, "/local") || !strcmp(path, "/local/domain"))
		return true;
	if (strncmp(path, homes, sizeof homes - 1) || path[sizeof homes - 1] < '0' ||
	    path[sizeof homes - 1] > '9')
		return false;
	domain = strtoul(path + sizeof homes - 1, &end, 10);
	if (domain > DOMAIN_MAX)
		return false;
	if (!strcmp(end, "/data")) {
		permissions->owner = (unsigned)domain;
		return true;
	}
	permissions->count = 1;
	permissions->grantee[0].domain = (unsigned)domain;
	permissions->grantee[0].access = ACCESS_READ;
	return *end == '\0';
}

static bool parse_permission(const char **text, unsigned *domain, enum store_access *access)
{
	const char *letter = **text ? strchr(letters, **text) : NULL;
	char *end;
	unsigned long number;

	if (!letter || (*text)[1] < '0' || (*text)[1] > '9')
		return false;
	number = strtoul(*text + 1, &end, 10);
	if (number > DOMAIN_MAX || (*end != ' ' && *end != '\n'))
		return false;
	*domain = (unsigned)number;
	*access = (enum store_access)(letter - letters);
	*text = end;
	return true;
}

/* Takes `text`, ended by a NUL, apart. */
static bool parse(const char *text, size_t length, struct node *node)
{
	struct store_permissions *permissions = &node->permissions;
	const char *at = text;

	permissions->count = 0;
	if (!parse_permission(&at, &permissions->owner, &permissions->others))
		return false;
	while (*at == ' ') {
		unsigned i = permissions->count;

		at++;
		if (i == STORE_GRANTEES_MAX ||
		    !parse_permission(&at, &permissions->grantee[i].domain,
				      &permissions->grantee[i].access))
			return false;
		permissions->count++;
	}
	node->length = length - (size_t)(at + 1 - text);
	if (node->length > STORE_VALUE_MAX)
		return false;
	memcpy(node->value, at + 1, node->length);
	node->value[node->length] = '\0';
	return true;
}

int node_load(struct local *local, const char *path, struct node *node)
{
	char name[NODE_NAME_BYTES], text[PERMISSIONS_BYTES + STORE_VALUE_MAX + 2];
	ssize_t length;
	int fd;

	node_file_name(name, path);
	fd = own_descriptor(
		openat(local->store_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	if (fd < 0 && errno == ENOENT) {
		node->length = 0;
		node->value[0] = '\0';
		return is_furniture(path, &node->permissions) ? 0 : -ENOENT;
	}
	if (fd < 0)
		return local_fail(errno, "open a node of the local store");
	length = read(fd, text, sizeof text - 1);
	close_descriptor(&fd);
	if (length >= 0) {
		text[length] = '\0';
		if (parse(text, (size_t)length, node))
			return 0;
	}
	return fail(EIO, "the file of %s in the local store is damaged; remove it", path);
}

static int format(char *text, size_t size, const struct store_permissions *permissions)
{
	int length =
		snprintf(text, size, "%c%u", letters[permissions->others & 3], permissions->owner);

	for (unsigned i = 0; i < permissions->count; i++)
		length += snprintf(text + length, size - (size_t)length, " %c%u",
				   letters[permissions->grantee[i].access & 3],
				   permissions->grantee[i].domain);
	text[length++] = '\n';
	return length;
}

int node_save(struct local *local, const char *path, const struct node *node)
{
	static atomic_uint counter;
	char text[PERMISSIONS_BYTES + STORE_VALUE_MAX + 2], name[NODE_NAME_BYTES], temp[64];
	size_t length = (size_t)format(text, sizeof text, &node->permissions);
	ssize_t written;
	int fd, error = 0;

	memcpy(text + length, node->value, node->length);
	length += node->length;
	snprintf(temp, sizeof temp, "%u-%d-%u", local->base.self, (int)getpid(),
		 atomic_fetch_add(&counter, 1));
	fd = own_descriptor(openat(local->temp_fd, temp,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
	if (fd < 0)
		return local_fail(errno, "make a node of the local store");
	written = write(fd, text, length);
	if (written != (ssize_t)length)
		error = written < 0 ? errno : ENOSPC;
	close_descriptor(&fd);
	node_file_name(name, path);
	if (!error && renameat(local->temp_fd, temp, local->store_fd, name))
		error = errno;
	if (!error)
		return 0;
	unlinkat(local->temp_fd, temp, 0);
	return local_fail(error, "write a node of the local store");
}

int node_unlink(struct local *local, const char *path)
{
	char name[NODE_NAME_BYTES];

	node_file_name(name, path);
	if (unlinkat(local->store_fd, name, 0) && errno != ENOENT)
		return local_fail(errno, "remove a node of the local store");
	return 0;
}

size_t node_above(struct local *local, const char *path, struct store_permissions *permissions)
{
	char above[STORE_PATH_MAX];
	struct node node;
	char *slash;

	snprintf(above, sizeof above, "%s", path);
	while ((slash = strrchr(above, '/')) && slash > above) {
		*slash = '\0';
		if (node_load(local, above, &node) == 0) {
			*permissions = node.permissions;
			return (size_t)(slash - above);
		}
	}
	*permissions = (struct store_permissions){ 0 };
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A layer on the platform's contract: the local platform's operations, any of which can fail
 * without having done anything, with what those of Xen can fail with. */
#include "layer.h"

#include "platform/platform.h"

#include "base/error.h"
#include "inject.h"

extern const struct platform_ops __real_local_platform_ops;
extern struct platform_ops __wrap_local_platform_ops;

static const struct platform_ops *const real = &__real_local_platform_ops;

/* 0, or -errno with the sentence that an operation leaves. */
static int refused(enum kind kind)
{
	int error = injected(kind);

	/* Pages and channels that the test itself has. */
	if (kind >= KIND_OP_GRANT && inside.depth == 0 && part != NULL)
		atomic_store(&part->by_hand, true);
	return error == 0 ? 0 : fail(error, "made to fail: %s", kinds[kind].name);
}

static int try_open(struct platform **platform)
{
	int error = refused(KIND_OP_OPEN);

	return error < 0 ? error : real->open(platform);
}

static int try_domain_exists(struct platform *platform, unsigned domain)
{
	int error = refused(KIND_OP_DOMAIN_EXISTS);

	return error < 0 ? error : real->domain_exists(platform, domain);
}

/* -- the store ------------------------------------------------------------------------------ */

static int try_store_open(struct platform *platform, struct store **store)
{
	int error = refused(KIND_OP_STORE_OPEN);

	return error < 0 ? error : real->store_open(platform, store);
}

static ssize_t try_store_read(struct store *store, const char *path, char *value, size_t size)
{
	int error = refused(KIND_OP_STORE_READ);

	return error < 0 ? error : real->store_read(store, path, value, size);
}

static int try_store_write(struct store *store, const char *path, const char *value)
{
	int error = refused(KIND_OP_STORE_WRITE);

	return error < 0 ? error : real->store_write(store, path, value);
}

static int try_store_remove(struct store *store, const char *path)
{
	int error = refused(KIND_OP_STORE_REMOVE);

	return error < 0 ? error : real->store_remove(store, path);
}

static int try_store_get_permissions(struct store *store, const char *path,
				     struct store_permissions *permissions)
{
	int error = refused(KIND_OP_STORE_GET_PERMISSIONS);

	return error < 0 ? error : real->store_get_permissions(store, path, permissions);
}

static int try_store_set_permissions(struct store *store, const char *path,
				     const struct store_permissions *permissions)
{
	int error = refused(KIND_OP_STORE_SET_PERMISSIONS);

	return error < 0 ? error : real->store_set_permissions(store, path, permissions);
}

static int try_store_put(struct store *store, const char *path, const char *value,
			 const struct store_permissions *permissions)
{
	int error = refused(KIND_OP_STORE_PUT);

	return error < 0 ? error : real->store_put(store, path, value, permissions);
}

static int try_store_list(struct store *store, const char *path, char **names)
{
	int error = refused(KIND_OP_STORE_LIST);

	return error < 0 ? error : real->store_list(store, path, names);
}

static int try_store_watch(struct store *store, const char *path)
{
	int error = refused(KIND_OP_STORE_WATCH);

	return error < 0 ? error : real->store_watch(store, path);
}

static int try_store_unwatch(struct store *store, const char *path)
{
	int error = refused(KIND_OP_STORE_UNWATCH);

	return error < 0 ? error : real->store_unwatch(store, path);
}

/* The event is lost, as where no memory is there for it. */
static int try_store_next(struct store *store, char *path, size_t size)
{
	int result = real->store_next(store, path, size);
	int error = result > 0 ? refused(KIND_OP_STORE_NEXT) : 0;

	return error < 0 ? error : result;
}

/* -- pages ---------------------------------------------------------------------------------- */

static int try_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
		     void **address)
{
	int error = refused(KIND_OP_GRANT);

	return error < 0 ? error : real->grant(platform, domain, count, references, address);
}

static int try_grant_beside(struct platform *platform, const void *control, unsigned domain,
			    size_t count, uint32_t *references, void **address)
{
	int error = refused(KIND_OP_GRANT_BESIDE);

	return error < 0
		       ? error
		       : real->grant_beside(platform, control, domain, count, references, address);
}

static int try_grant_control(struct platform *platform, unsigned domain, size_t offset,
			     struct channel *channel, uint32_t *reference, void **address)
{
	int error = refused(KIND_OP_GRANT_CONTROL);

	return error < 0
		       ? error
		       : real->grant_control(platform, domain, offset, channel, reference, address);
}

static int try_map(struct platform *platform, unsigned domain, const uint32_t *references,
		   size_t count, bool writable, void **address)
{
	int error = refused(KIND_OP_MAP);

	return error < 0 ? error
			 : real->map(platform, domain, references, count, writable, address);
}

static int try_map_beside(struct platform *platform, const void *control, unsigned domain,
			  const uint32_t *references, size_t count, bool writable, void **address)
{
	int error = refused(KIND_OP_MAP_BESIDE);

	return error < 0 ? error
			 : real->map_beside(platform, control, domain, references, count, writable,
					    address);
}

static int try_map_control(struct platform *platform, unsigned domain, uint32_t reference,
			   size_t offset, struct channel *channel, void **address)
{
	int error = refused(KIND_OP_MAP_CONTROL);

	return error < 0 ? error
			 : real->map_control(platform, domain, reference, offset, channel, address);
}

/* -- event channels ------------------------------------------------------------------------- */

static int try_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
			     struct channel **channel)
{
	int error = refused(KIND_OP_CHANNEL_OFFER);

	return error < 0 ? error : real->channel_offer(platform, domain, port, channel);
}

static int try_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
			    struct channel **channel)
{
	int error = refused(KIND_OP_CHANNEL_BIND);

	return error < 0 ? error : real->channel_bind(platform, domain, port, channel);
}

/* -- the layer ------------------------------------------------------------------------------ */

struct platform_ops __wrap_local_platform_ops;

/* Before any code of the library runs. */
__attribute__((constructor)) static void lay(void)
{
	struct platform_ops *ops = &__wrap_local_platform_ops;

	*ops = *real;
	ops->open = try_open;
	ops->domain_exists = try_domain_exists;
	ops->store_open = try_store_open;
	ops->store_read = try_store_read;
	ops->store_write = try_store_write;
	ops->store_remove = try_store_remove;
	ops->store_get_permissions = try_store_get_permissions;
	ops->store_set_permissions = try_store_set_permissions;
	ops->store_put = try_store_put;
	ops->store_list = try_store_list;
	ops->store_watch = try_store_watch;
	ops->store_unwatch = try_store_unwatch;
	ops->store_next = try_store_next;
	ops->grant = try_grant;
	ops->grant_beside = try_grant_beside;
	ops->grant_control = try_grant_control;
	ops->map = try_map;
	ops->map_beside = try_map_beside;
	ops->map_control = try_map_control;
	ops->channel_offer = try_channel_offer;
	ops->channel_bind = try_channel_bind;
}

void layer_watches_peers(bool watches)
{
	__wrap_local_platform_ops.channels_tell_all = !watches;
}

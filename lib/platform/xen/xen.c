/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Xen as a whole: its devices, this domain's number, which domains there are. */
#include "platform/xen/xen.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_nothing(struct xentoollog_logger *logger, xentoollog_level level, int error,
			const char *context, const char *format, va_list arguments)
	__attribute__((format(printf, 5, 0)));

static void say_nothing(struct xentoollog_logger *logger, xentoollog_level level, int error,
			const char *context, const char *format, va_list arguments)
{
	(void)logger;
	(void)level;
	(void)error;
	(void)context;
	(void)format;
	(void)arguments;
}

static void show_nothing(struct xentoollog_logger *logger, const char *context, const char *what,
			 int percent, unsigned long done, unsigned long total)
{
	(void)logger;
	(void)context;
	(void)what;
	(void)percent;
	(void)done;
	(void)total;
}

static void keep(struct xentoollog_logger *logger)
{
	(void)logger;
}

struct xentoollog_logger xen_silence = { say_nothing, show_nothing, keep };

int xen_check_peer(struct platform *platform, unsigned domain)
{
	if (domain > DOMAIN_MAX)
		return fail(EINVAL, "%u is no domain's number: they end at %u", domain, DOMAIN_MAX);
	if (domain == platform->self)
		return fail(EINVAL,
			    "a domain cannot share pages or channels with itself (domain %u); the "
			    "platform \"local\" serves processes of one domain",
			    domain);
	return 0;
}

static bool is_usable(const char *device)
{
	return access(device, R_OK | W_OK) == 0;
}

static int unusable(const char *device, const char *module)
{
	if (is_usable(device))
		return 0;
	if (errno == ENOENT && access("/proc/xen", F_OK) && access("/sys/hypervisor", F_OK))
		return fail(ENODEV, "this is no Xen domain");
	if (errno == ENOENT)
		return fail(ENODEV, "%s is missing; modprobe %s", device, module);
	return fail(ENODEV, "%s cannot be opened: %s", device, strerror(errno));
}

/* A domain that only maps needs no gntalloc, as many a domain 0 has none; one that only grants, no
 * gntdev. */
static int xen_probe(void)
{
	int error = unusable("/dev/xen/evtchn", "xen-evtchn");

	if (error != 0 || is_usable("/dev/xen/gntdev"))
		return error;
	return unusable("/dev/xen/gntalloc", "xen-gntalloc (to grant) or xen-gntdev (to map)");
}

static void close_in_child(struct fork_link *link)
{
	struct xen *xen = (struct xen *)((char *)link - offsetof(struct xen, fork));

	close_descriptor(&xen->share_fd);
	close_descriptor(&xen->table_fd);
	close_descriptor(&xen->base.lock_fd);
}

static int read_own_domain(struct xen *xen)
{
	unsigned length;
	char *text = xs_read(xen->xenstore.xs, XBT_NULL, "domid", &length), *end;
	unsigned long number;

	if (!text)
		return fail(errno, "cannot read this domain's number (domid) from XenStore: %s",
			    strerror(errno));
	number = strtoul(text, &end, 10);
	if (end == text || *end || number > DOMAIN_MAX) {
		free(text);
		return fail(EPROTO, "XenStore's domid is not a domain's number");
	}
	xen->base.self = (unsigned)number;
	free(text);
	return 0;
}

static int open_handles(struct xen *xen)
{
	/* Either may be missing until it is needed; see xen_probe. */
	xen->share = xengntshr_open(&xen_silence, 0);
	if (xen->share)
		xen->share_fd = xengntshr_fd(xen->share);
	own_in_place(xen->share_fd);
	xen->table = xengnttab_open(&xen_silence, 0);
	if (xen->table)
		xen->table_fd = xengnttab_fd(xen->table);
	own_in_place(xen->table_fd);
	/* All processes of a domain, and no others, share the device's node; its locks serve as the
	 * domain's. */
	xen->base.lock_fd = own_descriptor(open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC));
	if (xen->base.lock_fd < 0)
		return fail(errno, "cannot open /dev/xen/evtchn: %s", strerror(errno));
	if (store_handle_open(&xen->xenstore))
		return fail(errno,
			    "cannot reach XenStore: %s; is xenstored running, and may this user "
			    "talk to it?",
			    strerror(errno));
	return read_own_domain(xen);
}

static void close_devices(struct xen *xen)
{
	disown_descriptor(xen->share_fd);
	if (xen->share)
		xengntshr_close(xen->share);
	disown_descriptor(xen->table_fd);
	if (xen->table)
		xengnttab_close(xen->table);
}

static void close_others(struct xen *xen)
{
	if (xen->xenstore.xs)
		store_handle_close(&xen->xenstore);
	close_descriptor(&xen->base.lock_fd);
}

static int xen_open(struct platform **platform)
{
	struct xen *xen = calloc(1, sizeof *xen);
	int result;

	if (!xen)
		return fail(ENOMEM, "no memory for the platform");
	xen->base.lock_fd = xen->share_fd = xen->table_fd = -1;
	result = open_handles(xen);
	if (result < 0) {
		close_devices(xen);
		close_others(xen);
		free(xen);
		return result;
	}
	fork_watch(&xen->fork, close_in_child);
	*platform = &xen->base;
	return 0;
}

static void xen_close(struct platform *platform)
{
	struct xen *xen = xen_of(platform);

	close_others(xen);
	/* Of before a restore: the kernel would end event channels that have got the numbers of old
	 * ones, as it lets control pages go (evtchn_put in gntalloc.c, seen in 6.1). */
	if (platform->retired)
		return;
	fork_unwatch(&xen->fork);
	close_devices(xen);
	free(xen);
}

/* The descriptors were closed when the child began, so that the parent's death shows; their numbers
 * may be in use again by now. What is left of the two handles is a few bytes that only their own
 * close, which closes the numbers, could free. */
static void xen_abandon(struct platform *platform)
{
	struct xen *xen = xen_of(platform);

	store_handle_abandon(&xen->xenstore);
	free(xen);
}

/* Only domain 0 may ask XenStore. Xen itself tells the others, by how it refuses to bind port 0,
 * which nobody can offer. (A destroyed domain whose pages are still mapped somewhere counts as one
 * then.) */
static int ask_hypervisor(unsigned domain)
{
	int fd;
	xenevtchn_handle *handle = events_open(&fd);
	bool exists;

	if (!handle)
		return fail(errno, "cannot open /dev/xen/evtchn: %s", strerror(errno));
	exists = xenevtchn_bind_interdomain(handle, domain, 0) >= 0 || errno != ESRCH;
	events_close(handle);
	return exists;
}

static int xen_domain_exists(struct platform *platform, unsigned domain)
{
	if (domain == platform->self)
		return 1;
	if (domain > DOMAIN_MAX)
		return 0;
	if (xs_is_domain_introduced(xen_of(platform)->xenstore.xs, domain))
		return 1;
	return platform->self == 0 ? 0 : ask_hypervisor(domain);
}

/* The kernel and Xen leave nothing behind. */
static void xen_sweep(struct platform *platform)
{
	(void)platform;
}

const struct platform_ops xen_platform_ops = {
	.name = "xen",
	.names_room = 2048, /* xenstored's entry-size */
	.probe = xen_probe,
	.open = xen_open,
	.close = xen_close,
	.abandon = xen_abandon,
	.domain_exists = xen_domain_exists,
	.sweep = xen_sweep,
	.store_open = xen_store_open,
	.store_close = xen_store_close,
	.store_abandon = xen_store_abandon,
	.store_read = xen_store_read,
	.store_write = xen_store_write,
	.store_put = xen_store_put,
	.store_remove = xen_store_remove,
	.store_get_permissions = xen_store_get_permissions,
	.store_set_permissions = xen_store_set_permissions,
	.store_list = xen_store_list,
	.store_watch = xen_store_watch,
	.store_unwatch = xen_store_unwatch,
	.store_fd = xen_store_fd,
	.store_next = xen_store_next,
	.grant = xen_grant,
	.grant_beside = xen_grant_beside,
	.grant_control = xen_grant_control,
	.ungrant = xen_ungrant,
	.map = xen_map,
	.map_beside = xen_map_beside,
	.map_control = xen_map_control,
	.unmap = xen_unmap,
	.channel_offer = xen_channel_offer,
	.channel_bind = xen_channel_bind,
	.channel_close = xen_channel_close,
	.channel_abandon = xen_channel_abandon,
	.channel_leave = xen_channel_leave,
	.channel_notify = xen_channel_notify,
	.channel_drain = xen_channel_drain,
	.channel_fds = xen_channel_fds,
	.channel_lost = xen_channel_lost,
};

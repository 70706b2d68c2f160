/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event channels: each has a handle, and so a descriptor, of its own. */
#include "platform/xen/xen.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

struct channel {
	struct fork_link fork;
	xenevtchn_handle *handle;
	int fd; /* the handle's */
	evtchn_port_t port;
};

static void close_in_child(struct fork_link *link)
{
	close_descriptor(&((struct channel *)((char *)link - offsetof(struct channel, fork)))->fd);
}

evtchn_port_t xen_channel_port(const struct channel *channel)
{
	return channel->port;
}

static int open_failed(int error)
{
	const char *cure = error == EMFILE ? "; ulimit -n raises it" : "";

	return fail(error, "cannot open /dev/xen/evtchn: %s%s", strerror(error), cure);
}

static int new_channel(struct channel **result)
{
	struct channel *channel = calloc(1, sizeof *channel);

	if (!channel)
		return fail(ENOMEM, "no memory for a channel");
	channel->fd = -1;
	fork_watch(&channel->fork, close_in_child);
	/* A child forked before the descriptor is there would keep the port bound. */
	fork_hold();
	channel->handle = events_open(&channel->fd);
	fork_release();
	if (!channel->handle) {
		int error = errno;

		fork_unwatch(&channel->fork);
		free(channel);
		return open_failed(error);
	}
	*result = channel;
	return 0;
}

void xen_channel_close(struct channel *channel)
{
	fork_hold();
	events_close(channel->handle); /* unbinds the port too */
	channel->fd = -1;
	fork_release();
	fork_unwatch(&channel->fork);
	free(channel);
}

/* As with the platform's handles: what is left of this one stays. */
void xen_channel_abandon(struct channel *channel)
{
	free(channel);
}

/* Linux has forgotten the port, and takes its unbinding, by a close too, for a fault of its own
 * that ends the process (BUG_ON in evtchn.c, seen in 6.1). */
void xen_channel_leave(struct channel *channel)
{
	fork_unwatch(&channel->fork);
	free(channel);
}

/* ENOSPC is Xen's word for no free port, ENOMEM the kernel's for no interrupt. */
static int port_failed(int error, const char *what, unsigned domain)
{
	const char *cure = "";

	if (error == ENOSPC || error == ENOMEM)
		cure = "; this domain's event channels may be used up: max_event_channels in its "
		       "configuration raises them (1023)";
	return fail(error, "cannot %s domain %u: %s%s", what, domain, strerror(error), cure);
}

int xen_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
		      struct channel **result)
{
	int error = xen_check_peer(platform, domain);
	struct channel *channel;
	xenevtchn_port_or_error_t local;

	if (error >= 0)
		error = new_channel(&channel);
	if (error < 0)
		return error;
	local = xenevtchn_bind_unbound_port(channel->handle, domain);
	if (local < 0) {
		error = port_failed(errno, "offer an event channel to", domain);
		xen_channel_close(channel);
		return error;
	}
	channel->port = *port = (evtchn_port_t)local;
	*result = channel;
	return 0;
}

static bool is_refusal(int error)
{
	return error == EINVAL || error == ENOENT || error == ESRCH || error == EPERM ||
	       error == EACCES;
}

int xen_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		     struct channel **result)
{
	int error = xen_check_peer(platform, domain);
	struct channel *channel;
	xenevtchn_port_or_error_t local;

	if (error >= 0)
		error = new_channel(&channel);
	if (error < 0)
		return error;
	local = xenevtchn_bind_interdomain(channel->handle, domain, port);
	if (local < 0) {
		if (is_refusal(errno))
			error = fail(
				EINVAL,
				"domain %u has not offered event-channel port %u to this domain",
				domain, port);
		else
			error = port_failed(errno, "bind an event channel of", domain);
		xen_channel_close(channel);
		return error;
	}
	channel->port = (evtchn_port_t)local;
	*result = channel;
	return 0;
}

int xen_channel_notify(struct channel *channel)
{
	if (xenevtchn_notify(channel->handle, channel->port))
		return fail(errno, "cannot notify over event channel %u: %s", channel->port,
			    strerror(errno));
	return 0;
}

/* The port was masked when it fired: an event since then makes the unmasking fire it again. So
 * there is one entry to read at most, and none is lost. */
int xen_channel_drain(struct channel *channel)
{
	xenevtchn_port_or_error_t port = xenevtchn_pending(channel->handle);

	if (port < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (port < 0)
		return fail(errno, "cannot read event channel %u: %s", channel->port,
			    strerror(errno));
	if (xenevtchn_unmask(channel->handle, (evtchn_port_t)port))
		return fail(errno, "cannot unmask event channel %u: %s", channel->port,
			    strerror(errno));
	return 1;
}

int xen_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX])
{
	fds[0] = channel->fd;
	return 1;
}

/* Xen gives no event when the other end closes; the control page's byte tells. */
bool xen_channel_lost(struct channel *channel)
{
	(void)channel;
	return false;
}

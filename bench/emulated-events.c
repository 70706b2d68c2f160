/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event channels: port N is the Nth pair of eventfds that both processes have. */
#include "emulated.h"

#include "fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>

struct xenevtchn_handle {
	int own, other;
	evtchn_port_t port;
};

static int (*pairs)[2];
static unsigned pair_count;
static _Atomic evtchn_port_t *last_port; /* to libxenvchan, 0 is none */
static uint64_t notifications, waits;

void emulated_events_create(unsigned channels)
{
	last_port = mmap(NULL, sizeof *last_port, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pairs = calloc(channels, sizeof *pairs);
	if (last_port == MAP_FAILED || !pairs)
		fail("no memory for %u event channels", channels);
	pair_count = channels;
	for (unsigned i = 0; i < channels; i++) {
		pairs[i][0] = eventfd(0, EFD_CLOEXEC);
		pairs[i][1] = eventfd(0, EFD_CLOEXEC);
		if (pairs[i][0] < 0 || pairs[i][1] < 0)
			fail_errno("eventfd %u of %u", 2 * i, 2 * channels);
	}
}

uint64_t emulated_notifications(void)
{
	return notifications;
}

uint64_t emulated_waits(void)
{
	return waits;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned flags)
{
	xenevtchn_handle *handle = malloc(sizeof *handle);

	(void)logger;
	(void)flags;
	if (handle)
		*handle = (xenevtchn_handle){ .own = -1, .other = -1 };
	return handle;
}

int xenevtchn_close(xenevtchn_handle *handle)
{
	if (handle && handle->own >= 0) {
		close(handle->own);
		close(handle->other);
	}
	free(handle);
	return 0;
}

static xenevtchn_port_or_error_t bind_pair(xenevtchn_handle *handle, evtchn_port_t port, int own)
{
	if (port == 0 || port > pair_count) {
		errno = ENOSPC;
		return -1;
	}
	handle->own = pairs[port - 1][own];
	handle->other = pairs[port - 1][!own];
	handle->port = port;
	return (xenevtchn_port_or_error_t)port;
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *handle, uint32_t domain)
{
	(void)domain;
	return bind_pair(handle, atomic_fetch_add(last_port, 1) + 1, 0);
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *handle, uint32_t domain,
						     evtchn_port_t remote)
{
	(void)domain;
	return bind_pair(handle, remote, 1);
}

int xenevtchn_unbind(xenevtchn_handle *handle, evtchn_port_t port)
{
	(void)handle;
	(void)port;
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *handle)
{
	return handle->own;
}

int xenevtchn_notify(xenevtchn_handle *handle, evtchn_port_t port)
{
	uint64_t one = 1;

	(void)port;
	notifications++;
	return write(handle->other, &one, sizeof one) == sizeof one ? 0 : -1;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *handle)
{
	uint64_t count;

	waits++;
	if (read(handle->own, &count, sizeof count) != sizeof count)
		return -1;
	return (xenevtchn_port_or_error_t)handle->port;
}

int xenevtchn_unmask(xenevtchn_handle *handle, evtchn_port_t port)
{
	(void)handle;
	(void)port;
	return 0;
}

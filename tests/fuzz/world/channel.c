/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "platform.h"

#include "base/error.h"
#include "base/owned.h"
#include "input.h"
#include "lies.h"
#include "memory.h"
#include "world.h"

struct channel {
	struct channel *next;
	struct channel *other; /* NULL: not bound, or closed */
	uint32_t port;
	enum side side;
	bool bound, lost;
	int fd;
};

static struct channel *channels;
static uint32_t next_port;

void channels_begin(void)
{
	next_port = 1;
}

void channels_end(void)
{
	EXPECT(channels == NULL);
}

static int channel_new(struct platform *platform, uint32_t port, struct channel **made)
{
	struct channel *channel = calloc(1, sizeof *channel);

	EXPECT(channel != NULL);
	*channel = (struct channel){
		.next = channels,
		.port = port,
		.side = fake_side(platform),
		.fd = own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
	};
	EXPECT(channel->fd >= 0);
	channels = *made = channel;
	return 0;
}

int fake_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
		       struct channel **channel)
{
	int error = fake_failure();

	(void)domain;
	if (error != 0)
		return error;
	*port = next_port++;
	return channel_new(platform, *port, channel);
}

int fake_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		      struct channel **made)
{
	struct channel *other = channels;
	int error = fake_failure();

	(void)domain;
	if (error != 0)
		return error;
	while (other != NULL && (other->port != port || other->side == fake_side(platform)))
		other = other->next;
	if (other == NULL || other->bound)
		return fail(EINVAL, "this port was not offered");
	channel_new(platform, 0, made);
	(*made)->bound = other->bound = true;
	(*made)->other = other;
	other->other = *made;
	return 0;
}

void fake_channel_close(struct channel *channel)
{
	struct channel **at = &channels;

	while (*at != channel)
		at = &(*at)->next;
	*at = channel->next;
	if (channel->other != NULL) {
		fake_channel_notify(channel);
		channel->other->lost = true;
		channel->other->other = NULL;
	}
	close_descriptor(&channel->fd);
	free(channel);
}

void fake_channel_leave(struct channel *channel)
{
	memory_may_stay();
	fake_channel_close(channel);
}

int fake_channel_notify(struct channel *channel)
{
	uint64_t one = 1;

	world_work(1);
	if (channel->other != NULL)
		EXPECT(write(channel->other->fd, &one, sizeof one) == sizeof one);
	return 0;
}

int fake_channel_drain(struct channel *channel)
{
	uint64_t count;

	world_work(1);
	return read(channel->fd, &count, sizeof count) == sizeof count;
}

int fake_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX])
{
	fds[0] = channel->fd;
	return 1;
}

bool fake_channel_lost(struct channel *channel)
{
	return channel->lost;
}

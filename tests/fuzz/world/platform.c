/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fork.h"
#include "input.h"
#include "lies.h"
#include "world.h"

static struct platform_ops ops = {
	.name = "fuzz",
	.store_open = fake_store_open,
	.store_close = fake_store_close,
	.store_read = fake_store_read,
	.store_write = fake_store_write,
	.store_put = fake_store_put,
	.store_remove = fake_store_remove,
	.store_get_permissions = fake_store_get_permissions,
	.store_set_permissions = fake_store_set_permissions,
	.store_list = fake_store_list,
	.store_watch = fake_store_watch,
	.store_unwatch = fake_store_unwatch,
	.store_fd = fake_store_fd,
	.store_next = fake_store_next,
	.grant = fake_grant,
	.grant_beside = fake_grant_beside,
	.grant_control = fake_grant_control,
	.ungrant = fake_ungrant,
	.map = fake_map,
	.map_beside = fake_map_beside,
	.map_control = fake_map_control,
	.unmap = fake_unmap,
	.channel_offer = fake_channel_offer,
	.channel_bind = fake_channel_bind,
	.channel_close = fake_channel_close,
	.channel_leave = fake_channel_leave,
	.channel_notify = fake_channel_notify,
	.channel_drain = fake_channel_drain,
	.channel_fds = fake_channel_fds,
	.channel_lost = fake_channel_lost,
};

static struct platform platforms[2];

static int domain_exists(struct platform *platform, unsigned domain)
{
	(void)platform;
	return domain == DOMAIN_A || domain == DOMAIN_B ? !lies_now() || input_below(2) == 0 : 0;
}

static void sweep(struct platform *platform)
{
	(void)platform;
}

static void start(struct platform *platform, unsigned domain)
{
	platform->ops = &ops;
	platform->self = domain;
	platform->references = 0;
	memset(platform->alive, 0, sizeof platform->alive);
	if (platform->lock_fd == 0) {
		platform->lock_fd = memfd_create("lock", MFD_CLOEXEC);
		EXPECT(platform->lock_fd > 0);
	}
}

/* As Xen is, or as the local platform, or in between. */
static void choose_kind(uint8_t bits)
{
	ops.domain_exists = domain_exists;
	ops.sweep = sweep;
	ops.reaches_itself = false;
	ops.channels_tell_all = (bits & 1) == 0;
	ops.channel_repeats = (bits & 2) == 0;
}

void fake_begin(void)
{
	fork_start();
	start(&platforms[SIDE_A], DOMAIN_A);
	start(&platforms[SIDE_B], DOMAIN_B);
	choose_kind(input_byte());
	pages_begin();
	channels_begin();
	store_begin();
}

void fake_end(void)
{
	channels_end();
	store_end();
	EXPECT(platforms[SIDE_A].references == 0 && platforms[SIDE_B].references == 0);
}

struct platform *fake_platform(enum side side)
{
	return &platforms[side];
}

enum side fake_side(const struct platform *platform)
{
	return platform == &platforms[SIDE_B] ? SIDE_B : SIDE_A;
}

unsigned fake_domain(enum side side)
{
	return side == SIDE_A ? DOMAIN_A : DOMAIN_B;
}

int fake_failure(void)
{
	static const int errors[] = { ENOSPC, ENOMEM, EINVAL, EFAULT, EMFILE, EACCES };
	uint8_t code;

	world_work(1);
	if (!lies_now())
		return 0;
	code = input_byte();
	if (code == 0 || code > sizeof errors / sizeof errors[0])
		return 0;
	return fail(errors[code - 1], "this one fails");
}

/* ------------------------------------------------------------------ in platform.c's place */

int platform_get(const char *name, struct platform **platform)
{
	/* By its own name it is asked for by a listener, after a restore: A. */
	if (name == NULL ||
	    (strcmp(name, "a") != 0 && strcmp(name, "b") != 0 && strcmp(name, ops.name) != 0))
		return fail(EINVAL, "no such platform");
	*platform = &platforms[name[0] == 'b'];
	(*platform)->references++;
	return 0;
}

int platform_look(const char *name, struct platform **platform)
{
	int error = platform_get(name, platform);

	return error != 0 ? error : 1;
}

void platform_hold(struct platform *platform)
{
	platform->references++;
}

/* It is opened by nobody, and so not anew. */
void platform_retire(struct platform *platform)
{
	(void)platform;
}

void platform_put(struct platform *platform)
{
	EXPECT(platform->references-- > 0);
}

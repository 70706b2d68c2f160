/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process of B's domain is killed; A learns of it in bounded time, by the control page's byte or
 * by channel_lost, and can still read what was published. Also when the victim has a child that
 * lives on.
 */
#include "scenarios.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRANTER_BYTE 100
#define MAPPER_BYTE 101
#define TEXT 200

static volatile unsigned char *byte_of(void *page, unsigned offset)
{
	return (volatile unsigned char *)page + offset;
}

static void await_death(struct side *side, struct channel *channel, void *page, unsigned offset)
{
	while (*byte_of(page, offset) != 0 && !side->ops->channel_lost(channel))
		await_channel(side, channel);
	say(side, "learned", "%s", "of the death");
}

/* -- A -------------------------------------------------------------------------------------- */

void death_of_granter_a(struct side *side)
{
	uint32_t port = (uint32_t)hear_number(side, "port");
	uint32_t reference = (uint32_t)hear_number(side, "reference");
	struct channel *channel;
	void *page;

	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, port, &channel), 0);
	CHECK_RESULT(side->ops->map_control(side->platform, side->peer, reference, MAPPER_BYTE,
					    channel, &page),
		     0);
	*byte_of(page, MAPPER_BYTE) = 1;
	CHECK_RESULT(side->ops->channel_notify(channel), 0);
	hear_number(side, "bound");
	CHECK(*byte_of(page, GRANTER_BYTE) == 1);
	say(side, "ready", "%s", "for the death");
	await_death(side, channel, page, GRANTER_BYTE);
	CHECK(!strcmp((char *)page + TEXT, "published"));
	side->ops->unmap(side->platform, page, 1);
	side->ops->channel_close(channel);
}

void death_of_mapper_a(struct side *side)
{
	struct channel *channel;
	uint32_t port, reference;
	void *page;

	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &port, &channel), 0);
	CHECK_RESULT(side->ops->grant_control(side->platform, side->peer, GRANTER_BYTE, channel,
					      &reference, &page),
		     0);
	*byte_of(page, GRANTER_BYTE) = 1;
	say(side, "reference", "%u", reference);
	say(side, "port", "%u", port);
	hear_number(side, "bound");
	await_channel(side, channel);
	CHECK(*byte_of(page, MAPPER_BYTE) == 1);
	say(side, "ready", "%s", "for the death");
	await_death(side, channel, page, MAPPER_BYTE);
	CHECK(!strcmp((char *)page + TEXT, "published"));
	side->ops->ungrant(side->platform, page, 1);
	side->ops->channel_close(channel);
}

/* -- B: the victims ------------------------------------------------------------------------- */

static void grant_and_bind(struct side *side)
{
	struct channel *channel;
	uint32_t port, reference;
	void *page;

	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &port, &channel), 0);
	CHECK_RESULT(side->ops->grant_control(side->platform, side->peer, GRANTER_BYTE, channel,
					      &reference, &page),
		     0);
	*byte_of(page, GRANTER_BYTE) = 1;
	strcpy((char *)page + TEXT, "published");
	say(side, "reference", "%u", reference);
	say(side, "port", "%u", port);
	await_channel(side, channel);
}

static void map_and_bind(struct side *side)
{
	uint32_t reference = (uint32_t)hear_number(side, "reference");
	uint32_t port = (uint32_t)hear_number(side, "port");
	struct channel *channel;
	void *page;

	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, port, &channel), 0);
	CHECK_RESULT(side->ops->map_control(side->platform, side->peer, reference, MAPPER_BYTE,
					    channel, &page),
		     0);
	*byte_of(page, MAPPER_BYTE) = 1;
	strcpy((char *)page + TEXT, "published");
	CHECK_RESULT(side->ops->channel_notify(channel), 0);
}

static void wait_for_death(void)
{
	for (;;)
		pause();
}

static void be_victim(const struct side *parent, void (*prepare)(struct side *), bool with_child)
{
	struct side side = *parent;

	setpgid(0, 0);
	alarm(2 * WAIT_LIMIT / 1000);
	CHECK_RESULT(platform_get(parent->ops->name, &side.platform), 0);
	CHECK(side.platform != parent->platform);
	CHECK_RESULT(side.ops->store_open(side.platform, &side.meeting), 0);
	prepare(&side);
	if (with_child && fork() == 0) {
		alarm(2 * WAIT_LIMIT / 1000);
		wait_for_death();
	}
	say(&side, "bound", "%d", 1);
	wait_for_death();
}

static void kill_victim(struct side *side, void (*prepare)(struct side *), bool with_child)
{
	char word[32];
	pid_t victim = fork();

	CHECK(victim >= 0);
	if (victim == 0)
		be_victim(side, prepare, with_child);
	hear(side, "ready", word, sizeof word);
	CHECK(kill(victim, SIGKILL) == 0);
	CHECK(waitpid(victim, NULL, 0) == victim);
	hear(side, "learned", word, sizeof word);
	CHECK(kill(-victim, SIGKILL) == (with_child ? 0 : -1));
	side->ops->sweep(side->platform);
}

void death_of_granter_b(struct side *side)
{
	kill_victim(side, grant_and_bind, false);
}

void death_of_mapper_b(struct side *side)
{
	kill_victim(side, map_and_bind, false);
}

void death_of_forked_granter_b(struct side *side)
{
	kill_victim(side, grant_and_bind, true);
}

void death_of_forked_mapper_b(struct side *side)
{
	kill_victim(side, map_and_bind, true);
}

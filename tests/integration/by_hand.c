/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "by_hand.h"

#include <stdio.h>
#include <string.h>

#define NOTHING 0x3fffff00u /* a reference that nobody granted */

void by_hand_path(const struct side *side, unsigned domain, const char *below,
		  char path[STORE_PATH_MAX])
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s%s", domain,
		 side->scenario, below);
}

void by_hand_request(struct side *side, const char *path, const char *text)
{
	struct store_permissions permissions = { .owner = side->self,
						 .count = 1,
						 .grantee = { { side->peer, ACCESS_BOTH } } };

	CHECK_RESULT(side->ops->store_write(side->store, path, text), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, &permissions), 0);
}

struct message by_hand_answer(struct side *side, const char *path, const char *text)
{
	struct message message;
	char value[STORE_VALUE_MAX + 1];

	AWAIT(side->ops->store_read(side->store, path, value, sizeof value) > 0 &&
	      strcmp(value, text));
	CHECK_RESULT(message_parse(value, &message), 0);
	CHECK(message_has(&message, KEY_ERROR));
	return message;
}

static void fill(struct control_page *control, enum page_lie lie, uint64_t nonce)
{
	control->header = (struct control_header){
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.nonce = nonce,
		.ring_bytes = { BY_HAND_RING, BY_HAND_RING },
	};
	for (int at = 0; at < CONTROL_REFERENCES; at++)
		control->reference[at] = NOTHING;
	if (lie == PAGE_OTHER_MAGIC)
		control->header.magic++;
	else if (lie == PAGE_OTHER_VERSION)
		control->header.version++;
	else if (lie == PAGE_OTHER_NONCE)
		control->header.nonce++;
	else if (lie == PAGE_OTHER_RING)
		control->header.ring_bytes[GRANTER_TO_MAPPER] *= 2;
	else if (lie == PAGE_OTHER_RING_BACK)
		control->header.ring_bytes[MAPPER_TO_GRANTER] *= 2;
	else if (lie == PAGE_ONE_WAY)
		control->header.one_way = 1;
	control->granter.alive = 1;
}

void by_hand_offer(struct side *side, enum page_lie lie, uint64_t nonce, struct offer *offer)
{
	void *address;

	CHECK_RESULT(
		side->ops->channel_offer(side->platform, side->peer, &offer->port, &offer->channel),
		0);
	CHECK_RESULT(side->ops->grant_control(side->platform, side->peer,
					      offsetof(struct control_page, granter.alive),
					      offer->channel, &offer->reference, &address),
		     0);
	offer->control = address;
	fill(offer->control, lie, nonce);
}

void by_hand_take_back(struct side *side, struct offer *offer)
{
	side->ops->ungrant(side->platform, offer->control, 1);
	side->ops->channel_close(offer->channel);
}

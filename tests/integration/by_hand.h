/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a set-up, done by a test in place of the library: with something wrong in them. */
#ifndef TESTS_INTEGRATION_BY_HAND_H
#define TESTS_INTEGRATION_BY_HAND_H

#include "expect.h"

#include "conn/message.h"
#include "ring/layout.h"

#define BY_HAND_RING 4096u /* bytes, both ways */

/* The scenario's service in `domain`, with what is `below` its node. */
void by_hand_path(const struct side *side, unsigned domain, const char *below,
		  char path[STORE_PATH_MAX]);

/* Writes a request into the peer's open place for them, as the library leaves it. */
void by_hand_request(struct side *side, const char *path, const char *text);
/* What the listener wrote over it. */
struct message by_hand_answer(struct side *side, const char *path, const char *text);

/* What is wrong with the control page that is offered. */
enum page_lie {
	PAGE_OTHER_MAGIC,
	PAGE_OTHER_VERSION,
	PAGE_OTHER_NONCE,
	PAGE_OTHER_RING,
	PAGE_OTHER_RING_BACK,
	PAGE_ONE_WAY,
	PAGE_NO_RINGS, /* the references are of nothing */
	PAGE_LIES
};

struct offer {
	struct channel *channel;
	struct control_page *control;
	uint32_t port, reference;
};

void by_hand_offer(struct side *side, enum page_lie lie, uint64_t nonce, struct offer *offer);
void by_hand_take_back(struct side *side, struct offer *offer);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What two ends write in XenStore: one line of key=value. A listener's announcement, a connector's
 * request and the listener's answer are the same form with other keys. Keys that are not known are
 * skipped, for later versions; everything else that is not exactly right is refused.
 */
#ifndef XSOCK_CONN_MESSAGE_H
#define XSOCK_CONN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn/terms.h"

#define MESSAGE_VERSION 1u
#define MESSAGE_SIZE 512

enum message_key {
	KEY_VERSION,   /* xsock= */
	KEY_ROLE,      /* the writer's wish, enum role_wish */
	KEY_DIRECTION, /* the writer's wish, enum direction_wish */
	KEY_SEND,      /* bytes of the ring that the writer sends into; 0 no wish */
	KEY_RECV,
	KEY_MAX,   /* the listener's limit of one ring */
	KEY_START, /* bytes of a ring at first; 0 no wish; whoever leaves it out knows no growth */
	KEY_GROW,  /* up to which a ring grows whose size nobody names */
	KEY_OPEN,  /* 1: any domain may ask; 0: there is an allow-list */
	KEY_NONCE, /* ties a request to a control page */
	KEY_REF,   /* the control page's grant reference */
	KEY_PORT,  /* the granter's event-channel port */
	KEY_ERROR, /* enum refusal; in every answer and in nothing else */
	KEY_WHY,   /* enum cause, of some refusals */
	KEY_COUNT
};

/* Why a listener turned a request away. */
enum refusal {
	REFUSED_NONE,
	REFUSED_ROLE,
	REFUSED_DIRECTION,
	REFUSED_VERSION,
	REFUSED_MALFORMED,
	REFUSED_BUSY,      /* backlog full */
	REFUSED_LIMIT,     /* connections of one domain, or ring size */
	REFUSED_RESOURCES, /* out of grants, channels, memory */
	REFUSED_PAGES,     /* the offered pages or port do not work */
	REFUSED_COUNT
};

struct message {
	uint64_t value[KEY_COUNT];
	unsigned present; /* bit 1 << key */
};

void message_set(struct message *message, enum message_key key, uint64_t value);
bool message_has(const struct message *message, enum message_key key);

/* Always fits. */
void message_format(const struct message *message, char text[MESSAGE_SIZE]);
/* An announcement's or a request's part about roles, directions and sizes. */
void message_set_wishes(struct message *message, const struct wishes *wishes);
struct wishes message_wishes(const struct message *message, unsigned domain);
/* The sizes in it are such as a ring can have. */
bool message_sizes_valid(const struct message *message);

/* 0 or -EPROTO with a sentence; version and ranges of meaning are the caller's to check. */
int message_parse(const char *text, struct message *message);

#endif

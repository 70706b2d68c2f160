/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener whose answers are refusals of all kinds, or lies: the connector gets an errno for each
 * and holds nothing afterwards. */
#include "by_hand.h"
#include "scenarios.h"

#include "pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRANTS "1"
#define MAPS "2"

/* What the listener announces to be, what it answers, what the connector makes of it. */
static const struct {
	const char *role, *answer;
	int error;
} cases[] = {
	{ GRANTS, "xsock=1 error=1", EOPNOTSUPP },
	{ GRANTS, "xsock=1 error=2", EOPNOTSUPP },
	{ GRANTS, "xsock=1 error=3", EPROTO },
	{ GRANTS, "xsock=1 error=4", EPROTO },
	{ GRANTS, "xsock=1 error=5", ECONNREFUSED },
	{ GRANTS, "xsock=1 error=6", EDQUOT },
	{ GRANTS, "xsock=1 error=7", ENOSPC },
	{ GRANTS, "xsock=1 error=8", EPROTO },
	{ GRANTS, "xsock=1 error=9", EPROTO },
	{ GRANTS, "what is this", EPROTO },
	{ GRANTS, "xsock=1 error=0", EPROTO },
	{ GRANTS, "xsock=1 error=0 ref=8", EPROTO },
	{ GRANTS, "xsock=1 error=0 port=8", EPROTO },
	/* As of a listener that died right after its answer. */
	{ GRANTS, "xsock=1 error=0 ref=1073741822 port=1073741822", ECONNREFUSED },
	{ GRANTS, NULL, EPROTO },     /* more than fits */
	{ GRANTS, "", ECONNREFUSED }, /* the request is removed */
	{ MAPS, "xsock=1 error=0 ref=8 port=8", EPROTO },
};

#define CASES (sizeof cases / sizeof cases[0])

static void announce(struct side *side, const char *role)
{
	struct store_permissions readable = { .owner = side->self, .others = ACCESS_READ };
	struct store_permissions open = { .owner = side->self, .others = ACCESS_BOTH };
	char path[STORE_PATH_MAX], text[MESSAGE_SIZE];

	by_hand_path(side, side->self, "/any", path);
	CHECK_RESULT(side->ops->store_put(side->store, path, "", &open), 0);
	by_hand_path(side, side->self, "", path);
	snprintf(text, sizeof text,
		 "xsock=1 role=%s direction=0 send=4096 recv=4096 max=16777216 open=1", role);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, &readable), 0);
	CHECK_RESULT(side->ops->store_write(side->store, path, text), 0);
}

/* The request that is there by now, complete; false when none is. */
static bool find_request(struct side *side, char path[STORE_PATH_MAX], struct message *request)
{
	struct store_permissions permissions;
	char text[STORE_VALUE_MAX], below[64], *names;
	bool found;

	by_hand_path(side, side->self, "/any", path);
	if (side->ops->store_list(side->store, path, &names) != 0)
		return false;
	snprintf(below, sizeof below, "/any/%s", names);
	found = names[0] != '\0';
	free(names);
	by_hand_path(side, side->self, below, path);
	return found && side->ops->store_get_permissions(side->store, path, &permissions) == 0 &&
	       permissions.others == ACCESS_NONE &&
	       side->ops->store_read(side->store, path, text, sizeof text) > 0 &&
	       message_parse(text, request) == 0 && !message_has(request, KEY_ERROR);
}

static void answer(struct side *side, const char *path, const char *text)
{
	char much[STORE_VALUE_MAX + 1];

	if (text != NULL && *text == '\0') {
		CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
		return;
	}
	memset(much, 'x', STORE_VALUE_MAX);
	much[STORE_VALUE_MAX] = '\0';
	CHECK_RESULT(side->ops->store_write(side->store, path, text != NULL ? text : much), 0);
}

static void refuse_all(struct side *side)
{
	char path[STORE_PATH_MAX], word[24];
	struct message request;

	for (size_t at = 0; at < CASES; at++) {
		announce(side, cases[at].role);
		snprintf(word, sizeof word, "announced-%zu", at);
		meet(side, word);
		AWAIT(find_request(side, path, &request));
		answer(side, path, cases[at].answer);
		snprintf(word, sizeof word, "refused-%zu", at);
		meet(side, word);
	}
}

static void offer_lies(struct side *side)
{
	char path[STORE_PATH_MAX], text[MESSAGE_SIZE], word[24];
	struct message request;
	struct offer offer;

	announce(side, GRANTS);
	for (int lie = 0; lie < PAGE_LIES; lie++) {
		snprintf(word, sizeof word, "lie-%d", lie);
		meet(side, word);
		AWAIT(find_request(side, path, &request));
		by_hand_offer(side, (enum page_lie)lie, request.value[KEY_NONCE], &offer);
		snprintf(text, sizeof text, "xsock=1 error=0 ref=%u port=%u", offer.reference,
			 offer.port);
		answer(side, path, text);
		snprintf(word, sizeof word, "seen-%d", lie);
		meet(side, word);
		by_hand_take_back(side, &offer);
	}
}

static void listen_by_hand(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *presence = xsock_listen("presence", &options);
	char path[STORE_PATH_MAX];

	CHECK(presence);
	refuse_all(side);
	offer_lies(side);
	by_hand_path(side, side->self, "", path);
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	CHECK_RESULT(xsock_close(presence), 0);
}

static void connect_by_the_book(struct side *side)
{
	char word[24];

	for (size_t at = 0; at < CASES; at++) {
		snprintf(word, sizeof word, "announced-%zu", at);
		meet(side, word);
		FAILS_TO_OPEN(try_connect(side, NULL), cases[at].error, "");
		snprintf(word, sizeof word, "refused-%zu", at);
		meet(side, word);
	}
	for (int lie = 0; lie < PAGE_LIES; lie++) {
		snprintf(word, sizeof word, "lie-%d", lie);
		meet(side, word);
		FAILS_TO_OPEN(try_connect(side, NULL),
			      lie == PAGE_NO_RINGS ? ECONNREFUSED : EPROTO, "");
		snprintf(word, sizeof word, "seen-%d", lie);
		meet(side, word);
	}
}

void hostile_answers(struct side *side)
{
	(side->letter == 'a' ? listen_by_hand : connect_by_the_book)(side);
}

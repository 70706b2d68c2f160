/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/answer.h"

#include "base/error.h"
#include "conn/connection.h"
#include "conn/message.h"
#include "conn/refusal.h"
#include "conn/request.h"

static int refused(const struct connection *connection, uint64_t reason, uint64_t cause)
{
	static const struct {
		int error;
		const char *why;
	} reasons[REFUSED_COUNT] = {
		[REFUSED_ROLE] = { EOPNOTSUPP, "both ends want the same share role" },
		[REFUSED_DIRECTION] = { EOPNOTSUPP, "the ends want directions that do not fit" },
		[REFUSED_VERSION] = { EPROTO, "it speaks another version" },
		[REFUSED_MALFORMED] = { EPROTO, "it does not understand the request" },
		[REFUSED_BUSY] = { ECONNREFUSED, "its backlog is full" },
		[REFUSED_LIMIT] = { EDQUOT, "over its limit of connections or ring size" },
		[REFUSED_RESOURCES] = { ENOSPC,
					"it is out of grants, event channels, descriptors or memory" },
		[REFUSED_PAGES] = { EPROTO, "it could not use the pages or the port" },
	};

	const char *told = cause_told(cause, reason);

	return fail(reasons[reason].error, "the listener '%s' of domain %u refused: %s",
		    connection->service, connection->domain,
		    told != NULL ? told : reasons[reason].why);
}

static int went_away(const struct connection *connection)
{
	return fail(ECONNREFUSED, "the listener '%s' of domain %u went away", connection->service,
		    connection->domain);
}

static ssize_t read_answer(const struct request *request, char text[STORE_VALUE_MAX])
{
	return request->platform->ops->store_read(request->store, request->path, text,
						  STORE_VALUE_MAX);
}

/* What was offered is not there: a listener that closed has taken it back, of one that died the
 * kernel has. A liar looks the same. */
static int offer_failed(const struct connection *connection, int error)
{
	return error == -EINVAL || error == -EFAULT ? went_away(connection) : error;
}

static int take_answer(struct connection *connection, const struct message *answer)
{
	uint64_t reason = answer->value[KEY_ERROR];
	int error;

	if (reason != REFUSED_NONE)
		return refused(connection, reason, answer->value[KEY_WHY]);
	if (request_clashes(connection->request) || connection->terms.grants ||
	    !message_has(answer, KEY_REF) || !message_has(answer, KEY_PORT))
		return fail(EPROTO, "the listener's answer does not fit the request");
	error = connection_take(connection, connection->nonce, (uint32_t)answer->value[KEY_PORT],
				(uint32_t)answer->value[KEY_REF]);
	return error == 0 ? 0 : offer_failed(connection, error);
}

int answer_look(struct connection *connection)
{
	const struct request *request = connection->request;
	struct message message;
	char text[STORE_VALUE_MAX];
	ssize_t length = read_answer(request, text);

	if (length == -ENOENT || length == -EACCES)
		return went_away(connection);
	if (length == -E2BIG)
		return -EPROTO;
	if (length < 0)
		return (int)length;
	if (message_parse(text, &message) != 0)
		return -EPROTO;
	return message_has(&message, KEY_ERROR) ? take_answer(connection, &message) : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/admission.h"

#include "base/error.h"
#include "conn/arrival.h"

static const struct verdict let_in = { REFUSED_NONE, CAUSE_NONE };
static const struct verdict malformed = { REFUSED_MALFORMED, CAUSE_MALFORMED };

static struct verdict check(const struct message *message)
{
	const unsigned needed = 1u << KEY_ROLE | 1u << KEY_DIRECTION | 1u << KEY_SEND |
				1u << KEY_RECV | 1u << KEY_NONCE;

	if (message->value[KEY_VERSION] != MESSAGE_VERSION)
		return (struct verdict){ REFUSED_VERSION, CAUSE_MALFORMED };
	if ((message->present & needed) != needed || message->value[KEY_NONCE] == 0)
		return malformed;
	if (message->value[KEY_SEND] > RING_BYTES_MAX || message->value[KEY_RECV] > RING_BYTES_MAX)
		return (struct verdict){ REFUSED_LIMIT, CAUSE_RING };
	return message_sizes_valid(message) ? let_in : malformed;
}

/* A domain that has nothing under way gets its place whatever others hold, or two could shut out a
 * third. */
static struct verdict check_load(struct listener *listener, unsigned domain, unsigned pending)
{
	const struct listener_limits *limits = &listener->limits;
	enum cause cause;

	if (pending >= limits->domain_backlog)
		cause = CAUSE_DOMAIN_BACKLOG;
	else if (pending > 0 && listener->waiting >= limits->backlog)
		cause = CAUSE_BACKLOG;
	else
		cause = rates_take(&listener->rates, domain, limits->domain_rate, limits->rate);
	if (cause == CAUSE_RESOURCES)
		return (struct verdict){ REFUSED_RESOURCES, cause };
	return cause == CAUSE_NONE ? let_in : (struct verdict){ REFUSED_BUSY, cause };
}

static struct verdict agree(struct listener *listener, unsigned domain,
			    const struct message *message, struct terms *terms)
{
	struct wishes theirs = message_wishes(message, domain);
	enum terms_clash clash = terms_agree(&listener->wishes, &theirs, true, terms);
	uint64_t largest;

	if (clash != CLASH_NONE) {
		/* Told to accept's caller too, being a mistake of whoever set up these two ends. */
		arrival_add_failure(listener, domain, EOPNOTSUPP);
		return (struct verdict){ clash == CLASH_ROLE ? REFUSED_ROLE : REFUSED_DIRECTION,
					 CAUSE_CLASH };
	}
	largest = terms->send > terms->recv ? terms->send : terms->recv;
	if (largest > listener->limits.ring_bytes)
		return (struct verdict){ REFUSED_LIMIT, CAUSE_RING };
	return let_in;
}

struct verdict admit(struct listener *listener, unsigned domain, unsigned pending,
		     const struct message *message, struct terms *terms)
{
	struct verdict verdict = check_load(listener, domain, pending);

	if (verdict.reason == REFUSED_NONE)
		verdict = check(message);
	if (verdict.reason == REFUSED_NONE)
		verdict = agree(listener, domain, message, terms);
	return verdict;
}

struct verdict verdict_of(int error, enum cause over)
{
	if (error == -EDQUOT && over != CAUSE_NONE)
		return (struct verdict){ REFUSED_LIMIT, over };
	if (error == -EPROTO || error == -EINVAL || error == -EFAULT)
		return (struct verdict){ REFUSED_PAGES, CAUSE_PAGES };
	/* Whoever asked has gone: nothing was wanting here, so accept is not told. */
	if (error == -ECONNRESET)
		return (struct verdict){ REFUSED_PAGES, CAUSE_UNFINISHED };
	return (struct verdict){ REFUSED_RESOURCES, CAUSE_RESOURCES };
}

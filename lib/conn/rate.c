/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/rate.h"

#include <stdlib.h>

#include "base/deadline.h"
#include "base/error.h"

#define SECOND 1000000000

static bool is_free(int64_t paid, int64_t now, unsigned limit)
{
	return limit == 0 || paid - now <= SECOND - SECOND / (int64_t)limit;
}

static void charge(int64_t *paid, int64_t now, unsigned limit)
{
	if (limit == 0)
		return;
	*paid = (*paid > now ? *paid : now) + SECOND / (int64_t)limit;
}

/* The domain's, after those were forgotten that say nothing any more. */
static struct rate_of_domain *find(struct rates *rates, unsigned domain, int64_t now)
{
	struct rate_of_domain **at = &rates->domains, *found = NULL;

	while (*at != NULL) {
		struct rate_of_domain *rate = *at;

		if (rate->domain == domain) {
			found = rate;
		} else if (rate->paid <= now) {
			*at = rate->next;
			free(rate);
			continue;
		}
		at = &rate->next;
	}
	return found;
}

static struct rate_of_domain *add(struct rates *rates, unsigned domain)
{
	struct rate_of_domain *rate = calloc(1, sizeof *rate);

	if (rate == NULL)
		return NULL;
	rate->domain = domain;
	rate->next = rates->domains;
	rates->domains = rate;
	return rate;
}

enum cause rates_take(struct rates *rates, unsigned domain, unsigned domain_limit, unsigned limit)
{
	int64_t now = deadline_now();
	struct rate_of_domain *rate = find(rates, domain, now);

	if (rate == NULL)
		rate = add(rates, domain);
	if (rate == NULL) {
		fail(ENOMEM, "no memory for the rate of domain %u", domain);
		return CAUSE_RESOURCES;
	}
	if (!is_free(rate->paid, now, domain_limit))
		return CAUSE_DOMAIN_RATE;
	if (!is_free(rates->all, now, limit))
		return CAUSE_RATE;
	charge(&rate->paid, now, domain_limit);
	charge(&rates->all, now, limit);
	return CAUSE_NONE;
}

void rates_free(struct rates *rates)
{
	while (rates->domains != NULL) {
		struct rate_of_domain *rate = rates->domains;

		rates->domains = rate->next;
		free(rate);
	}
}

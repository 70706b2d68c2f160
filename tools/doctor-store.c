/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "claims.h"
#include "doctor.h"
#include "doctor-quotas.h"
#include "inspect/domain.h"
#include "published.h"
#include "store.h"
#include "verdicts.h"

/* Where a domain's services are, which its toolstack makes. */
static void check_home(struct xs_handle *store, unsigned domain)
{
	char path[STORE_PATH], mend[2 * STORE_PATH + 96];
	struct xs_permissions *permissions;
	unsigned count;

	snprintf(path, sizeof path, "/local/domain/%u/data", domain);
	permissions = xs_get_permissions(store, XBT_NULL, path, &count);
	if (!permissions && errno != ENOENT && errno != EACCES) {
		verdict(VERDICT_PROBLEM, path, NULL, "cannot be looked at: %s", strerror(errno));
		return;
	}
	snprintf(mend, sizeof mend, "in domain 0: xenstore-write %s '' && xenstore-chmod %s n%u",
		 path, path, domain);
	if (permissions && count && (domain == 0 || permissions[0].id == domain))
		verdict(VERDICT_OK, path, NULL, "belongs to this domain");
	else if (domain == 0)
		verdict(VERDICT_OK, path, NULL, "will be made, this is domain 0");
	else
		verdict(VERDICT_PROBLEM, path, mend,
			permissions ? "belongs to another domain"
				    : "is missing: this domain cannot listen or connect");
	free(permissions);
}

static void say_nothing(char sign, const char *address, const char *domain)
{
	(void)sign;
	(void)address;
	(void)domain;
}

static void tell(const struct claim *claim, bool removed)
{
	char text[INET_TEXT];

	if (removed)
		verdict(VERDICT_OK, inet_text(&claim->address, text), NULL,
			"removed: it was published for domain %u, which is gone", claim->domain);
	else
		verdict(VERDICT_PROBLEM, inet_text(&claim->address, text), "xsock publish",
			"is published for domain %u, which is gone", claim->domain);
}

/* Addresses of domains that are gone: a number may come to be another domain's. */
static void check_published(struct xs_handle *store, bool remove)
{
	struct claims claims = { 0 }, kept = { 0 };
	bool good = published_read(store, &claims);

	for (size_t i = 0; i < claims.count && good; i++) {
		const struct claim *claim = &claims.claim[i];

		if (claim->domain == 0 || xs_is_domain_introduced(store, claim->domain))
			good = claims_add(&kept, &claim->address, claim->domain);
		else
			tell(claim, remove);
	}
	if (good && remove && kept.count < claims.count)
		good = published_write(store, &kept, false, say_nothing);
	if (!good)
		verdict(VERDICT_PROBLEM, "published addresses", NULL,
			"cannot be looked at or removed");
	else
		verdict(VERDICT_OK, "published addresses", NULL, "%zu are of domains that live",
			kept.count);
	claims_clear(&claims);
	claims_clear(&kept);
}

void doctor_store(const struct platform *platform, bool remove)
{
	struct xs_handle *store = store_open();

	if (!store) {
		verdict(VERDICT_PROBLEM, "XenStore", NULL, "cannot be reached once more");
		return;
	}
	check_home(store, domain_number(platform));
	if (domain_number(platform) == 0) {
		doctor_guests_quotas(store);
		check_published(store, remove);
	} else {
		doctor_own_quotas(store, platform);
	}
	xs_close(store);
}

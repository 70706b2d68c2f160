/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "inspect/domain.h"
#include "inspect/leftovers.h"
#include "inspect/local.h"
#include "verdicts.h"

static void describe(const struct leftover *leftover, char text[160])
{
	static const char *const things[] = {
		[LEFTOVER_GRANTS] = "granted memory",
		[LEFTOVER_PORTS] = "sockets of event channels",
		[LEFTOVER_WATCHES] = "watches",
	};

	if (leftover->kind == LEFTOVER_PRESENCE)
		snprintf(text, 160,
			 "the domain's nodes are there, %u services among them, and none of its "
			 "processes lives",
			 leftover->count);
	else if (leftover->kind == LEFTOVER_SERVICE)
		snprintf(text, 160, "the listener of service '%s' is dead, %u requests wait for it",
			 leftover->service, leftover->count);
	else
		snprintf(text, 160, "dead processes left %s (%u)", things[leftover->kind],
			 leftover->count);
}

/* Who connects to a dead listener waits in vain; all else goes with the domain's last process. */
static enum verdict harm_of(const struct leftover *leftover)
{
	if (leftover->kind == LEFTOVER_PRESENCE)
		return leftover->count ? VERDICT_PROBLEM : VERDICT_WARNING;
	return leftover->kind == LEFTOVER_SERVICE ? VERDICT_PROBLEM : VERDICT_WARNING;
}

static void tell(const char *platform, const struct leftovers *leftovers, bool removed)
{
	for (unsigned i = 0; i < leftovers->count; i++) {
		const struct leftover *leftover = &leftovers->leftover[i];
		char subject[32], text[160], mend[64];

		snprintf(subject, sizeof subject, "%s domain %u", platform, leftover->domain);
		snprintf(mend, sizeof mend, "xsock doctor --platform=%s --remove", platform);
		describe(leftover, text);
		if (removed)
			verdict(VERDICT_OK, subject, NULL, "removed: %s", text);
		else
			verdict(harm_of(leftover), subject, mend, "%s", text);
	}
	if (leftovers->more)
		verdict(removed ? VERDICT_OK : VERDICT_PROBLEM, platform, NULL,
			"and %u leftovers more", leftovers->more);
}

static bool find(const char *name, struct leftovers *leftovers)
{
	struct platform *platform;
	int found = domain_open(name, &platform);

	if (found == 0)
		return true;
	if (found > 0) {
		found = leftovers_find(platform, leftovers);
		domain_close(platform);
	}
	if (found < 0)
		verdict(VERDICT_PROBLEM, "leftovers", NULL, "%s", inspect_failure());
	return found >= 0;
}

/* In the platform's own domain. False when there is something, or it is not known. */
static bool look(const char *name, bool remove)
{
	struct leftovers before = { 0 }, after = { 0 };
	bool good = find(name, &before);

	if (good && before.count && remove) {
		if (leftovers_remove(name))
			verdict(VERDICT_PROBLEM, "leftovers", NULL, "cannot be removed: %s",
				inspect_failure());
		else if (find(name, &after))
			tell(name, &before, true);
		tell(name, &after, false);
	} else {
		tell(name, &before, false);
	}
	return good && !before.count;
}

/* The processes of all its domains are this user's. */
static bool look_at_all_local(bool remove)
{
	const char *own = getenv("XSOCK_LOCAL_DOMAIN");
	char *kept = own ? strdup(own) : NULL, number[16];
	unsigned *domains;
	bool clean = true;
	size_t count;

	if (local_domains(&domains, &count)) {
		verdict(VERDICT_PROBLEM, "leftovers", NULL, "%s", inspect_failure());
		clean = false;
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(number, sizeof number, "%u", domains[i]);
		setenv("XSOCK_LOCAL_DOMAIN", number, 1);
		clean = look("local", remove) && clean;
	}
	free(domains);
	if (kept)
		setenv("XSOCK_LOCAL_DOMAIN", kept, 1);
	else
		unsetenv("XSOCK_LOCAL_DOMAIN");
	free(kept);
	return clean;
}

void doctor_leftovers(const char *platform, bool remove)
{
	if (!strcmp(platform, "local") ? look_at_all_local(remove) : look(platform, remove))
		verdict(VERDICT_OK, platform, NULL, "dead processes have left nothing");
}

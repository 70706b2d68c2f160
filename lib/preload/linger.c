/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/linger.h"

#include <string.h>

#include "preload/real.h"
#include "preload/record.h"

bool linger_reset(struct record *record, int tcp)
{
	const struct linger at_once = { .l_onoff = 1 };
	socklen_t length = sizeof record->linger;

	if (record->resets)
		return true;
	record->resets = real.getsockopt(tcp, SOL_SOCKET, SO_LINGER, &record->linger, &length) == 0 &&
			 real.setsockopt(tcp, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0;
	return record->resets;
}

void linger_as_wanted(struct record *record, int tcp)
{
	if (record->resets)
		real.setsockopt(tcp, SOL_SOCKET, SO_LINGER, &record->linger, sizeof record->linger);
	record->resets = false;
}

bool linger_set(struct record *record, const void *value, socklen_t length)
{
	if (!record->resets || value == NULL || length < sizeof record->linger)
		return false;
	memcpy(&record->linger, value, sizeof record->linger);
	return true;
}

bool linger_get(const struct record *record, void *value, socklen_t *length)
{
	if (!record->resets)
		return false;
	if (*length > sizeof record->linger)
		*length = sizeof record->linger;
	memcpy(value, &record->linger, *length);
	return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much domains use of what xenstored lets them have. */
#ifndef TOOLS_DOCTOR_QUOTAS_H
#define TOOLS_DOCTOR_QUOTAS_H

struct platform;
struct xs_handle;

/* In domain 0: of each guest, as xenstored counts. */
void doctor_guests_quotas(struct xs_handle *store);
/* In a guest: of its own, as far as it can count. */
void doctor_own_quotas(struct xs_handle *store, const struct platform *platform);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses have a known owner; prints them. */
#ifndef TOOLS_KNOWN_H
#define TOOLS_KNOWN_H

/* What the hosts file says; whether it is well-formed. */
void known_by_file(void);

/* What domain 0 published. */
void known_by_store(void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener that is killed and started again amid its clients' attempts. */
#ifndef TESTS_CRASH_RESTART_H
#define TESTS_CRASH_RESTART_H

#include "account.h"

#include <stdbool.h>

/* So many deaths; then a last listener must serve every client, which all end well, and nothing be
 * left. */
bool restart_many(uint64_t seed, unsigned deaths, struct account *account);

#endif

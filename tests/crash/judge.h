/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a death may let the other end see, and how late. A check that fails ends the process. */
#ifndef TESTS_CRASH_JUDGE_H
#define TESTS_CRASH_JUDGE_H

#include "life.h"

/* us, from a death until a call tells of it: on a machine that is full; mostly it is less than
 * 1000. */
#define JUDGE_BOUND 10000000

/* Of a connection whose life is over. */
void judge_life(const struct life *life, struct account *account);
/* What its victim had published came, and nothing that it had not given to a call. Only while no
 * other victim fills the account. */
void judge_bytes(const struct life *life, const struct account *account);
/* Of a connect with a limit in ms that began then and failed with this errno. */
void judge_refusal(int error, int64_t began, int limit, struct account *account);

#endif

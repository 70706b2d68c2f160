/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_PRELOAD_SOAK_SHRINK_H
#define TESTS_PRELOAD_SOAK_SHRINK_H

#include "match.h"

/* Leaves out of the script that differed what it differs without too; prints what is left. */
void shrink(struct match *match, uint64_t seed, FILE *out);

#endif

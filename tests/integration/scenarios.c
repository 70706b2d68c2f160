/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenarios.h"

#define SCENARIO_ENTRY(name, function) { name, function, function },

const struct scenario scenarios[] = { SCENARIOS(SCENARIO_ENTRY){ 0 } };

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_FAULTS_LAYER_H
#define TESTS_FAULTS_LAYER_H

#include <stdbool.h>

/* A peer's domain is watched in the store, as on Xen, where channels do not tell of its end. */
void layer_watches_peers(bool watches);

#endif

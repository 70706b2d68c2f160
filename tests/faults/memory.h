/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's blocks of memory that are allocated. */
#ifndef TESTS_FAULTS_MEMORY_H
#define TESTS_FAULTS_MEMORY_H

#include <stdbool.h>

/* What is there now is meant to stay: noted as such for later runs. */
void memory_allow(void);
/* Notes a defect if there is a block from a place from which none was allowed to stay. */
void memory_check(void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Survivor and victims in two domains that share nothing else: each prints what the other cannot
 * know, for tests/lab/suites/crash to compare. */
#ifndef TESTS_CRASH_APART_H
#define TESTS_CRASH_APART_H

#define APART_USAGE                                                                                      \
	"       crash survivor PEER SEED PAIR         until it reads an e\n"                             \
	"       crash victims PEER SEED PAIR COUNT    PAIR: 1 the victim listens, 2 it grants, 3 both\n" \
	"       crash victim PEER SEED PAIR           lives on; says once that bytes move\n"

/* The status of what the arguments ask for; -1 when that is neither. */
int apart_run(int argc, char **argv);

#endif

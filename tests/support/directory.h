/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory of the local platform that a test's two domains share. */
#ifndef TESTS_SUPPORT_DIRECTORY_H
#define TESTS_SUPPORT_DIRECTORY_H

#include <stdbool.h>
#include <stdio.h>

/* Made anew, and named in the environment; `directory` is a template as mkdtemp takes. */
bool directory_make(char *directory);
/* Which domain this process, and what it forks, plays from now on. */
void directory_play(unsigned domain);
/* All that the platform's processes had is gone with them: grants, ports, nodes and watches; 
 * "# left over: ..." lines say what is not. */
bool directory_is_clean(const char *directory, FILE *out);
void directory_remove(const char *directory);

#endif

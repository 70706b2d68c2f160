/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A library that says that it was loaded, for tests of who loads what. */
#include <stdio.h>

__attribute__((constructor)) static void say(void)
{
	fputs("marker: loaded\n", stderr);
}

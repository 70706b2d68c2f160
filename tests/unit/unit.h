/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every unit test includes: CMocka with its prerequisites, and main(). */
#ifndef XSOCK_TESTS_UNIT_UNIT_H
#define XSOCK_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST(name) cmocka_unit_test(name)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A wait that lasts this long failed: no test comes near it when all is well. */
#define PATIENCE 20000 /* ms */

#define RUN(...)                                                                                   \
	int main(void)                                                                             \
	{                                                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ };                                 \
		return cmocka_run_group_tests(tests, NULL, NULL);                                  \
	}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON by jansson, with what it would refuse: texts and numbers that are another process's word. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Each byte that is no part of a character of UTF-8 becomes U+FFFD. NULL without memory. */
json_t *json_text(const char *text);

/* What is above INT64_MAX becomes INT64_MAX. NULL without memory. */
json_t *json_count(uint64_t number);

/* To standard output, with jansson's flags. Takes the value, where NULL stands for memory that ran
 * out; false after a complaint. */
bool json_put(json_t *value, size_t flags);

#endif

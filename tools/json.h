/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON on standard output, one value a line. Names are the program's own, texts anybody's. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>

/* A name in an object; NULL in a list, or outermost. */
void json_object_begin(const char *name);
void json_object_end(void);
void json_list_begin(const char *name);
void json_list_end(void);
void json_text(const char *name, const char *text);
void json_number(const char *name, unsigned long long number);
void json_real(const char *name, double number);
void json_truth(const char *name, bool truth);

#endif

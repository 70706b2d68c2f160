/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One flat JSON object on standard output. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

void json_begin(void);
void json_text(const char *name, const char *value); /* without characters that need an escape */
void json_number(const char *name, double value);
void json_end(void);

#endif

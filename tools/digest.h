/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-256 by libcrypto. Adding to NULL and freeing it do nothing: no digest was asked for. */
#ifndef TOOLS_DIGEST_H
#define TOOLS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_BYTES 32

struct evp_md_ctx_st;

/* All complain when libcrypto fails: then NULL or false. */
struct evp_md_ctx_st *digest_begin(void);
bool digest_add(struct evp_md_ctx_st *digest, const void *bytes, size_t length);
bool digest_result(struct evp_md_ctx_st *digest, unsigned char result[DIGEST_BYTES]);
void digest_free(struct evp_md_ctx_st *digest);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "digest.h"

#include <openssl/evp.h>

#include "report.h"

static bool checked(int result)
{
	if (result != 1)
		complain(NULL, "libcrypto cannot compute SHA-256 digests");
	return result == 1;
}

EVP_MD_CTX *digest_begin(void)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (!checked(digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL))) {
		EVP_MD_CTX_free(digest);
		return NULL;
	}
	return digest;
}

bool digest_add(EVP_MD_CTX *digest, const void *bytes, size_t length)
{
	return !digest || checked(EVP_DigestUpdate(digest, bytes, length));
}

bool digest_result(EVP_MD_CTX *digest, unsigned char result[DIGEST_BYTES])
{
	return checked(EVP_DigestFinal_ex(digest, result, NULL));
}

void digest_free(EVP_MD_CTX *digest)
{
	EVP_MD_CTX_free(digest);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include "contract/side.h"

#include <errno.h>
#include <stdio.h>

static void note_time(struct account *account)
{
	int64_t took = now_us() - atomic_load(&account->killed);

	CHECK_RESULT(took < JUDGE_BOUND ? 0 : took, 0);
	if (took > account->slowest)
		account->slowest = took;
}

static void judge_error(const struct life *life, struct account *account, int error)
{
	if (error == 0 || (error == EPIPE && life->plan->early))
		return;
	CHECK_RESULT(error == ECONNRESET || error == EPIPE ? 0 : error, 0);
	if (account->elsewhere)
		return;
	CHECK(atomic_load(&account->killed) != 0);
	note_time(account);
}

void judge_life(const struct life *life, struct account *account)
{
	judge_error(life, account, life->out_error);
	judge_error(life, account, life->in_error);
	CHECK(life->in_error == 0 || life->in_error == ECONNRESET);
	account->bytes += life->in.at;
	if (life->in_error != 0 || life->out_error != 0)
		account->reset++;
	else
		account->whole++;
}

void judge_bytes(const struct life *life, const struct account *account)
{
	if (life->in_error == 0)
		return;
	if (account->elsewhere) {
		fprintf(stderr, "reset %llu %llu\n", (unsigned long long)life->in.tag,
			(unsigned long long)life->in.at);
		return;
	}
	if (life->in.at >= 8)
		CHECK(life->in.tag == atomic_load(&account->tag));
	CHECK(life->in.at >= atomic_load(&account->done));
	CHECK(life->in.at <= atomic_load(&account->begun));
}

static bool is_refusal(int error)
{
	return error == ECONNREFUSED || error == ECONNRESET || error == EHOSTUNREACH ||
	       error == ETIMEDOUT;
}

void judge_refusal(int error, int64_t began, int limit, struct account *account)
{
	CHECK_RESULT(is_refusal(error) ? 0 : -error, 0);
	CHECK(now_us() - began < limit * 1000 + JUDGE_BOUND);
	account->turned++;
}

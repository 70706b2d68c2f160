/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One side of a contract scenario. A and B run in two domains and keep in step through nodes below
 * their own /local/domain/<own>/data/xsock-contract, so they can be started in any order. Every
 * wait ends: each side has a time limit, and a failed check ends the process.
 */
#ifndef TESTS_CONTRACT_SIDE_H
#define TESTS_CONTRACT_SIDE_H

#include "platform/platform.h"

#include <stdarg.h>

struct leaks;

struct side {
	const struct platform_ops *ops;
	struct platform *platform;
	struct store *store; /* the test's own; meeting has another */
	struct store *meeting;
	const struct leaks *before; /* what the process held at its start */
	const char *scenario;
	char letter; /* 'a' or 'b' */
	unsigned self, peer;
	bool brief; /* less is enough: Xen may be emulated, or all is run a thousand times */
	char nonce[24], peer_nonce[24];
};

struct scenario {
	const char *name;
	void (*a)(struct side *side);
	void (*b)(struct side *side);
};

extern const struct scenario scenarios[];

#define WAIT_LIMIT 20000  /* ms */
#define SCENARIO_LIMIT 60 /* seconds */
/* The other side may have to wait for the end of a scenario that failed here. */
#define BEGIN_LIMIT (SCENARIO_LIMIT + 5) /* seconds */

/* Ends the process with a message when `truth` is false; `what` is what should have been true. */
void check_at(bool truth, const char *what, const char *file, int line);
#define CHECK(truth) check_at((truth), #truth, __FILE__, __LINE__)
/* The same for results: both equal, else the sentence of the failure is shown. */
void check_result_at(long result, long expected, const char *what, const char *file, int line);
#define CHECK_RESULT(result, expected)                                                             \
	check_result_at((result), (expected), #result, __FILE__, __LINE__)

/* Leaves a word for the other side, and waits for the other side's. */
void say(struct side *side, const char *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hear(struct side *side, const char *word, char *value, size_t size);
unsigned long hear_number(struct side *side, const char *word);
/* Both sides get here before either goes on. */
void meet(struct side *side, const char *word);

/* A path in one's own, or in the other side's, part of the store. */
const char *own_path(const struct side *side, const char *name);
const char *peer_path(const struct side *side, const char *name);

/* Waits for an event of the channel, and takes it. */
void await_channel(struct side *side, struct channel *channel);
/* Is one of the channel's descriptors readable right now? */
bool channel_is_ready(struct side *side, struct channel *channel);
int64_t now_us(void);

/* Starts and ends: begin meets the other side in the scenario, end parts and cleans up. */
void begin(struct side *side);
void end(struct side *side);

#endif

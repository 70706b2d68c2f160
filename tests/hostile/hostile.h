/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Three parts that run in three domains: a server as anybody would write it, an honest visitor of
 * it, and an attacker that breaks the protocol. Attackers use the library's inside, bent, or write
 * into the store by hand.
 */
#ifndef TESTS_HOSTILE_HOSTILE_H
#define TESTS_HOSTILE_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xsock/xsock.h>

#include "platform/platform.h"

#define RING ((size_t)4096)

struct attacker {
	const char *address; /* "DOMAIN/SERVICE"; for one that poses as a listener its service */
	unsigned domain;     /* the victim's */
	const char *service;
	struct xsock_options options; /* with the attacker's role */
	unsigned round;
};

/* One round; the caller repeats it until the attack is over. */
struct attack {
	const char *name;
	void (*round)(struct attacker *attacker);
	bool poses;   /* as a listener; else it connects */
	bool by_hand; /* in the store, without a socket of its own */
	bool no_role; /* the same in both */
};

extern const struct attack attacks[];

/* -- lies.c: on a connection that stands ----------------------------------------------------- */

void attack_index_jump(struct attacker *attacker);
void attack_index_back(struct attacker *attacker);
void attack_sizes(struct attacker *attacker);
void attack_growth(struct attacker *attacker);
void attack_scribble(struct attacker *attacker);
void attack_storm(struct attacker *attacker);
void pose_liar(struct attacker *attacker);

/* -- holds.c: that takes what it can get and gives nothing back ------------------------------ */

void attack_never_reads(struct attacker *attacker);
void attack_never_closes(struct attacker *attacker);
void attack_leaves(struct attacker *attacker);

/* -- requests.c: in the store only ----------------------------------------------------------- */

void attack_requests(struct attacker *attacker);
void attack_half_requests(struct attacker *attacker);
void attack_churn(struct attacker *attacker);
void attack_remove(struct attacker *attacker);
void pose_nonsense(struct attacker *attacker);
void pose_silent(struct attacker *attacker);

/* -- steps.c: that dies, or goes no further, at one step after the other --------------------- */

void attack_dies(struct attacker *attacker);
void attack_stops(struct attacker *attacker);
void pose_dying(struct attacker *attacker);
void pose_stopping(struct attacker *attacker);

/* -- the honest ones -------------------------------------------------------------------------- */

int serve(const char *service);
/* `count` visits, or with `seconds` as many as there is time for. */
int visit(const char *address, enum xsock_role role, unsigned count, unsigned seconds);
/* Connects to one that poses: each call ends in time, with an errno that the header names. */
int suffer(const char *address, enum xsock_role role, unsigned count);

/* -- common.c -------------------------------------------------------------------------------- */

/* Pseudo-random, the same in each run. */
uint32_t dice(uint32_t sides);
int64_t now_ms(void);
void doze(unsigned ms);
/* A limit between processes of one machine, or between domains, which may be emulated. */
int limit_here(int local, int domains);
/* NULL, after a moment, when the victim refuses. */
struct xsock *attacker_connect(struct attacker *attacker);
/* The attacker's platform, and a store on it, for the whole process. */
struct platform *attacker_platform(void);
struct store *attacker_store(void);
/* Says so once: whoever waits for the attack to have begun goes on. */
void attacker_began(void);

#endif

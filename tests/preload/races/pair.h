/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both ends of one TCP connection, in this process, and the bytes that go through it. */
#ifndef TESTS_PRELOAD_RACES_PAIR_H
#define TESTS_PRELOAD_RACES_PAIR_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* How the connection may end for a thread. */
enum ending { WHOLE, CUT_SHORT };

struct pair {
	int end[2];
	uint64_t key[2]; /* of what each end sends */
	enum ending ending;
	uint64_t total;       /* bytes to be sent by each end; 0: without an end */
	uint64_t received[2]; /* so far, by each end; atomic */
};

/* Prints what, and errno, and ends the process. */
void die(const char *what) __attribute__((noreturn));

int listener_make(struct sockaddr_in *address);
int connect_to(const struct sockaddr_in *address);
void pair_make(struct pair *pair, enum ending ending, uint64_t total);

/* `end` sends its bytes, then shuts down its side; receives the other's to the end, and checks
 * them. */
void pair_send(struct pair *pair, int end);
void pair_receive(struct pair *pair, int end);
/* Until each end has received so much. */
void pair_await(struct pair *pair, uint64_t count);

#endif

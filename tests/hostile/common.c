/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hostile.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t dice(uint32_t sides)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % sides;
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void doze(unsigned ms)
{
	const struct timespec moment = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&moment, NULL);
}

int limit_here(int local, int domains)
{
	return strcmp(attacker_platform()->ops->name, "local") ? domains : local;
}

struct xsock *attacker_connect(struct attacker *attacker)
{
	struct xsock *socket = xsock_connect(attacker->address, &attacker->options);

	if (!socket)
		doze(1);
	return socket;
}

struct platform *attacker_platform(void)
{
	static struct platform *platform;

	if (!platform && platform_get(NULL, &platform) != 0) {
		fprintf(stderr, "hostile: %s\n", last_failure());
		exit(1);
	}
	return platform;
}

struct store *attacker_store(void)
{
	static struct store *store;

	if (!store && attacker_platform()->ops->store_open(attacker_platform(), &store) != 0) {
		fprintf(stderr, "hostile: %s\n", last_failure());
		exit(1);
	}
	return store;
}

void attacker_began(void)
{
	static bool said;

	if (!said) {
		puts("attacking");
		fflush(stdout);
	}
	said = true;
}

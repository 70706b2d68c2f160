/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks who owns addresses: a line "ADDRESS DOMAIN", or "ADDRESS ERRNO: sentence", for each. With
 * --count N each is asked for N times, and the time that took is told on standard error.
 *
 * usage: lookup [--count N] ADDRESS...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xsock/xsock.h>

static socklen_t parse(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		return sizeof *v6;
	}
	fprintf(stderr, "lookup: '%s' is no address\n", text);
	exit(2);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ask(const char *text, unsigned long count)
{
	struct sockaddr_storage address;
	socklen_t length = parse(text, &address);
	double start = now();
	unsigned domain;
	int result = -1;

	for (unsigned long at = 0; at < count; at++)
		result = xsock_lookup((struct sockaddr *)&address, length, NULL, &domain);
	if (result == 0)
		printf("%s %u\n", text, domain);
	else
		printf("%s %s: %s\n", text, strerrorname_np(errno), xsock_last_error());
	if (count > 1)
		fprintf(stderr, "lookup: %lu times %s: %.3f s\n", count, text, now() - start);
}

int main(int argc, char **argv)
{
	unsigned long count = 1;
	int at = 1;

	if (argc > 2 && strcmp(argv[1], "--count") == 0) {
		count = strtoul(argv[2], NULL, 10);
		at = 3;
	}
	if (at == argc || count == 0) {
		fprintf(stderr, "usage: lookup [--count N] ADDRESS...\n");
		return 2;
	}
	for (; at < argc; at++)
		ask(argv[at], count);
	return 0;
}

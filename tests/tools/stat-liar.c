/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process that xsock stat looks at, and whose memory says nonsense: it has the file that it is
 * given open, prints "ready", and ends with its input.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn/registry.h"

#define OBJECT 4096

static char object[OBJECT];
static const uint32_t generation = 7;
static struct registry_slot slots[4];
static struct registry_field fields[REGISTRY_KINDS][64];

/* Of good form, and in the data, as all those beside it. */
static struct registry honest __attribute__((aligned(64), used)) = { .magic = { REGISTRY_MAGIC } };
static struct registry lies[15]
	__attribute__((aligned(64), used)) = { { .magic = { REGISTRY_MAGIC } } };
static char flood[1 << 20] __attribute__((aligned(64), used)) = REGISTRY_MAGIC;

/* As many tables of as many sockets as are looked at. */
#define FULL 65536u
static struct registry_slot many[FULL];
static struct {
	struct registry registry __attribute__((aligned(128)));
} full[16] __attribute__((used)) = { { .registry = { .magic = { REGISTRY_MAGIC } } } };

_Static_assert(sizeof(struct registry) > 64, "aligned places in the flood");

/* Its one listener has a name that no terminal should see. */
static void fill(struct registry *registry)
{
	*registry = (struct registry){
		.magic = { REGISTRY_MAGIC },
		.bytes = sizeof *registry,
		.slot_count = 4,
		.slot_bytes = sizeof slots[0],
		.object_bytes = { OBJECT, OBJECT },
		.field_count = { 64, 64 },
		.fields = { fields[0], fields[1] },
		.slots = slots,
		.generation = &generation,
	};
}

static void fill_slots(unsigned domain)
{
	fields[REGISTRY_LISTENER][LISTENER_SERVICE] = (struct registry_field){ OBJECT - 8, 8 };
	fields[REGISTRY_LISTENER][LISTENER_ACCEPTED] = (struct registry_field){ OBJECT, 8 };
	fields[REGISTRY_LISTENER][LISTENER_REFUSED] = (struct registry_field){ 0xfffffff8, 8 };
	fields[REGISTRY_LISTENER][LISTENER_WAITING] = (struct registry_field){ 0, 0xffffffff };
	memcpy(object + OBJECT - 8, "\033[2J\"li\n", 8);
	fields[REGISTRY_LISTENER][LISTENER_REFUSED_BY] = (struct registry_field){ 8, 8 * 400 };
	for (unsigned at = 0; at < 4; at++) {
		slots[at] = (struct registry_slot){ .serial = at + 1,
						    .object = (uintptr_t)object,
						    .generation = generation,
						    .domain = domain,
						    .kind = REGISTRY_LISTENER };
		memcpy(slots[at].platform, "local", 6);
	}
	slots[1].kind = 77;
	slots[2].object = UINT64_MAX - 100;
	slots[3].object = 8;
}

/* Each wrong in one place. */
static void fill_lies(void)
{
	for (unsigned at = 0; at < 15; at++)
		fill(&lies[at]);
	lies[0].slots = NULL;
	lies[1].slots = (const void *)UINTPTR_MAX;
	lies[2].slot_count = UINT32_MAX;
	lies[3].slot_count = 0;
	lies[4].slot_bytes = 0;
	lies[5].field_count[0] = UINT32_MAX;
	lies[6].field_count[1] = 65;
	lies[7].fields[0] = NULL;
	lies[8].fields[1] = (const void *)(UINTPTR_MAX / 2);
	lies[9].object_bytes[0] = UINT32_MAX;
	lies[10].object_bytes[1] = OBJECT + 1;
	lies[11].generation = NULL;
	lies[12].bytes = 0;
	lies[13].slot_count = 65536; /* of which the end is not there, or is not slots */
	lies[14].bytes = sizeof lies[14] - 1;
}

static void fill_full(void)
{
	for (unsigned at = 0; at < FULL; at++) {
		many[at] = slots[0];
		many[at].serial = at + 1;
		many[at].kind = at % 2 ? REGISTRY_CONNECTION : REGISTRY_LISTENER;
	}
	for (unsigned at = 0; at < 16; at++) {
		fill(&full[at].registry);
		full[at].registry.slots = many;
		full[at].registry.slot_count = FULL;
	}
}

int main(int argc, char **argv)
{
	char byte;

	if (argc != 3 || open(argv[1], O_RDONLY) < 0)
		return fprintf(stderr, "usage: stat-liar FILE honest|lies|full|flood\n"), 2;
	fill_slots(1);
	if (!strcmp(argv[2], "honest"))
		fill(&honest);
	else if (!strcmp(argv[2], "lies"))
		fill_lies();
	else if (!strcmp(argv[2], "full"))
		fill_full();
	else
		for (size_t at = 0; at + sizeof(struct registry) <= sizeof flood; at += 128)
			fill((struct registry *)(flood + at));
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

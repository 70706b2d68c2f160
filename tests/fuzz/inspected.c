/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another process's memory, as xsock stat finds sockets in it: honest at first, and each look may
 * find other bytes. */
#include "target.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#include "inspect/holders.h"
#include "inspect/memory.h"
#include "inspect/sockets.h"
#include "platform/platform.h"
#include "world/input.h"
#include "world/world.h"

#define PLACE 0x10000u /* of the image, in that process */
#define OBJECT_BYTES 512u
#define SLOTS 6u

static struct {
	struct registry registry;
	struct registry_field fields[REGISTRY_KINDS][CONNECTION_FIELDS];
	struct registry_slot slots[SLOTS];
	uint32_t generation;
	uint8_t object[OBJECT_BYTES];
} image;

#define ADDRESS(part) (PLACE + (uintptr_t)((uint8_t *)&(part) - (uint8_t *)&image))

static void draw(unsigned domain)
{
	image.registry = (struct registry){
		.magic = { REGISTRY_MAGIC },
		.bytes = sizeof image.registry,
		.slot_count = SLOTS,
		.slot_bytes = sizeof image.slots[0],
		.object_bytes = { OBJECT_BYTES, OBJECT_BYTES },
		.field_count = { CONNECTION_FIELDS, LISTENER_FIELDS },
		.fields = { (const void *)ADDRESS(image.fields[0]),
			    (const void *)ADDRESS(image.fields[1]) },
		.slots = (const void *)ADDRESS(image.slots),
		.generation = (const void *)ADDRESS(image.generation),
	};
	for (unsigned at = 0; at < CONNECTION_FIELDS; at++)
		image.fields[0][at] = image.fields[1][at] = (struct registry_field){ at * 8, 8 };
	image.fields[0][CONNECTION_SERVICE].size = 64;
	image.fields[1][LISTENER_SERVICE].size = 64;
	image.fields[1][LISTENER_REFUSED_BY] = (struct registry_field){ 200, 16 * 8 };
	for (unsigned at = 0; at < SLOTS; at++)
		image.slots[at] = (struct registry_slot){ .serial = at + 1,
							  .object = ADDRESS(image.object),
							  .domain = domain,
							  .kind = at % 2,
							  .platform = "local" };
	memset(image.object, 'a', sizeof image.object);
}

/* ------------------------------------------------------------------ what it is asked through */

int memory_open(const struct holder *holder)
{
	(void)holder;
	return input_below(8) == 7 ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool memory_read(int memory_fd, uint64_t address, void *bytes, size_t size)
{
	uint64_t from = address - PLACE;

	EXPECT(memory_fd >= 0);
	if (from > sizeof image || size > sizeof image - from)
		return false;
	memcpy(bytes, (const uint8_t *)&image + from, size);
	for (unsigned lies = input_below(4); lies > 0 && size > 0; lies--)
		((uint8_t *)bytes)[input_16() % size] = input_byte();
	return true;
}

bool memory_search(const struct holder *holder, int memory_fd, const char pattern[16],
		   memory_found *found, void *context)
{
	unsigned places = 1 + input_below(4);

	(void)holder, (void)memory_fd;
	EXPECT(memcmp(pattern, REGISTRY_MAGIC, 16) == 0);
	while (places-- > 0 && found(PLACE + (input_below(8) == 7 ? input_16() : 0), context))
		;
	return true;
}

int holders_find(const struct platform *platform, bool all, holder_found *found, void *context,
		 unsigned *hidden)
{
	struct holder holder = { .command = "liar" };

	(void)platform, (void)all, (void)hidden;
	for (unsigned left = 1 + input_below(2); left > 0; left--) {
		holder.process = 100 + (int)left;
		if (!found(&holder, context))
			break;
	}
	return 0;
}

/* ------------------------------------------------------------------ what came of it */

static void check(const struct sockets *sockets, const struct socket_view *view)
{
	const struct socket_view *found = sockets_find(sockets, view);

	EXPECT(found != NULL && found->process == view->process && found->serial == view->serial);
	EXPECT(view->serial != 0 && view->kind < REGISTRY_KINDS);
	EXPECT(memchr(view->service, '\0', sizeof view->service) != NULL);
	for (const char *at = view->service; *at != '\0'; at++)
		EXPECT(isalnum((unsigned char)*at) || strchr("-_?", *at) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct platform_ops ops = { .name = "local" };
	const struct platform platform = { .ops = &ops, .self = 1, .lock_fd = -1 };
	struct sockets sockets = { 0 };

	input_begin(data, size);
	draw(platform.self);
	EXPECT(sockets_collect(&platform, input_below(2), &sockets) == 0);
	for (size_t at = 0; at < sockets.count; at++)
		check(&sockets, &sockets.view[at]);
	sockets_clear(&sockets);
	return 0;
}

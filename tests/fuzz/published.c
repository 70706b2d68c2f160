/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What domain 0 published of addresses' owners, or somebody else in its place. */
#include "target.h"

#include <string.h>

#include "conn/published.h"
#include "world/input.h"
#include "world/platform.h"
#include "world/world.h"

#define STEPS_MOST 50

static const char *const texts[] = { "10.77.0.1", "10.77.0.2", "fd00::1" };

/* As `xsock publish` does, in domain 0. */
static void publish(struct store *store, const char *text)
{
	struct store_permissions permissions = { .owner = 0, .others = ACCESS_READ };
	char path[STORE_PATH_MAX] = PUBLISHED_PATH "/", value[20];
	struct ip ip;

	EXPECT(ip_from_text(text, &ip) > 0);
	ip_node_name(&ip, path + strlen(path));
	input_text(value, sizeof value);
	fake_store_put(store, PUBLISHED_PATH, "", &permissions);
	fake_store_put(store, path, value, &permissions);
}

static void look_up(const char *text)
{
	unsigned domain = DOMAIN_MAX + 9;
	struct ip ip;

	EXPECT(ip_from_text(text, &ip) > 0);
	if (published_find("a", &ip, &domain) == 0)
		EXPECT(domain <= DOMAIN_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store;

	world_begin(data, size);
	fake_store_open(fake_platform(SIDE_A), &store);
	for (int made = 0; made < STEPS_MOST && !input_is_empty(); made++) {
		uint8_t code = input_byte();
		const char *text = texts[code / 4 % 3];

		world_call(0);
		if (code % 4 == 0)
			publish(store, text);
		else if (code % 4 == 1)
			world_pause((int64_t)input_byte() * 20000000);
		else
			look_up(text);
		world_called();
	}
	fake_store_close(store);
	world_end();
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A hosts file. */
#include "target.h"

#include <string.h>

#include "conn/hosts.h"
#include "world/world.h"

static void look_up(const struct hosts *hosts, const char *text)
{
	struct ip ip;
	unsigned owner = 0;

	EXPECT(ip_from_text(text, &ip) > 0);
	if (hosts_find(hosts, &ip, &owner) == 0)
		EXPECT(owner <= OWNER_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct hosts *hosts;

	EXPECT(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (hosts_parse(text, size, "hosts", &hosts) == 0) {
		look_up(hosts, "10.77.0.1");
		look_up(hosts, "fd00::1");
		look_up(hosts, "::ffff:10.77.0.2");
		free(hosts);
	}
	free(text);
	return 0;
}

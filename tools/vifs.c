/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vifs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "report.h"
#include "store.h"

static bool add(struct vifs *vifs, const struct vif *vif)
{
	size_t room = vifs->room ? vifs->room * 2 : 16;
	struct vif *larger;

	if (vifs->count == vifs->room) {
		larger = realloc(vifs->vif, room * sizeof *larger);
		if (!larger)
			return complain(NULL, "out of memory"), false;
		vifs->vif = larger;
		vifs->room = room;
	}
	vifs->vif[vifs->count++] = *vif;
	return true;
}

static bool collect_device(struct xs_handle *store, unsigned backend, unsigned domain,
			   unsigned device, struct vifs *vifs)
{
	struct vif vif = { .domain = domain };
	char above[STORE_PATH / 2], node[STORE_PATH];
	char *name;

	snprintf(above, sizeof above, "/local/domain/%u/backend/vif/%u/%u", backend, domain,
		 device);
	snprintf(node, sizeof node, "%s/vifname", above);
	if (!store_read(store, node, &name))
		return false;
	if (name)
		snprintf(vif.interface, sizeof vif.interface, "%s", name);
	else
		snprintf(vif.interface, sizeof vif.interface, "vif%u.%u", domain, device);
	free(name);
	snprintf(node, sizeof node, "%s/ip", above);
	if (!store_read(store, node, &vif.addresses))
		return false;
	if (add(vifs, &vif))
		return true;
	free(vif.addresses);
	return false;
}

static bool collect_domain(struct xs_handle *store, unsigned backend, unsigned domain,
			   struct vifs *vifs)
{
	char path[STORE_PATH];
	unsigned count, device;
	bool good = true;
	char **devices;

	/* A domain that is gone may have left its devices behind. */
	if (!xs_is_domain_introduced(store, domain))
		return true;
	snprintf(path, sizeof path, "/local/domain/%u/backend/vif/%u", backend, domain);
	if (!store_list(store, path, &devices, &count))
		return false;
	for (unsigned i = 0; good && i < count; i++)
		if (store_number(devices[i], &device))
			good = collect_device(store, backend, domain, device, vifs);
	free(devices);
	return good;
}

bool vifs_collect(struct xs_handle *store, unsigned backend, struct vifs *vifs)
{
	char path[STORE_PATH];
	unsigned count, domain;
	bool good = true;
	char **domains;

	snprintf(path, sizeof path, "/local/domain/%u/backend/vif", backend);
	if (!store_list(store, path, &domains, &count))
		return false;
	for (unsigned i = 0; good && i < count; i++)
		if (store_number(domains[i], &domain))
			good = collect_domain(store, backend, domain, vifs);
	free(domains);
	return good;
}

bool vifs_have_interface(const struct vifs *vifs, const char *interface)
{
	for (size_t i = 0; i < vifs->count; i++)
		if (!strcmp(vifs->vif[i].interface, interface))
			return true;
	return false;
}

void vifs_clear(struct vifs *vifs)
{
	for (size_t i = 0; i < vifs->count; i++)
		free(vifs->vif[i].addresses);
	free(vifs->vif);
	*vifs = (struct vifs){ 0 };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bridges.h"

#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* Linux lists a bridge's ports in this directory, which other interfaces do not have. */
static bool has_vif(const char *interface, const struct vifs *vifs)
{
	char path[64];
	struct dirent *port;
	bool found = false;
	DIR *ports;

	snprintf(path, sizeof path, "/sys/class/net/%s/brif", interface);
	ports = opendir(path);
	if (!ports)
		return false;
	while (!found && (port = readdir(ports)))
		found = vifs_have_interface(vifs, port->d_name);
	closedir(ports);
	return found;
}

bool bridges_collect(const struct vifs *vifs, unsigned own_domain, struct claims *claims)
{
	struct ifaddrs *all;
	struct inet inet;
	bool good = true;

	if (getifaddrs(&all)) {
		complain(NULL, "cannot list this domain's addresses: %s", strerror(errno));
		return false;
	}
	for (struct ifaddrs *at = all; at && good; at = at->ifa_next)
		if (inet_from_sockaddr(at->ifa_addr, &inet) && !inet_unfit(&inet) &&
		    has_vif(at->ifa_name, vifs))
			good = claims_add(claims, &inet, own_domain);
	freeifaddrs(all);
	return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/socket.h"
#include "base/error.h"
#include "conn/hostsfile.h"
#include "conn/published.h"

static int own_domain(const char *name, unsigned *domain)
{
	struct platform *platform;
	int error = platform_get(name, &platform);

	if (error != 0)
		return error;
	*domain = platform->self;
	platform_put(platform);
	return 0;
}

/* The file goes first: it is this domain's administrator's, and needs no XenStore. */
static int find_owner(const struct ip *ip, const char *platform, unsigned *domain)
{
	unsigned owner;
	int error = hostsfile_find(ip, &owner);

	if (error == -ENOENT)
		return published_find(platform, ip, domain);
	if (error != 0)
		return error;
	if (owner == OWNER_NONE)
		return fail(ENOENT, "the hosts file says that no domain of this host owns it");
	if (owner == OWNER_SELF)
		return own_domain(platform, domain);
	*domain = owner;
	return 0;
}

PUBLIC int xsock_lookup(const struct sockaddr *address, socklen_t length, const char *platform,
			unsigned *domain)
{
	struct ip ip;
	int error = 0;

	if (address == NULL || domain == NULL)
		error = fail(EINVAL, "an address, and a place for the domain's number, are needed");
	if (error == 0)
		error = ip_from_sockaddr(address, length, &ip);
	if (error == 0)
		error = find_owner(&ip, platform, domain);
	return (int)socket_result(error);
}

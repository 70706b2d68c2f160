/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "findings.h"
#include "inet.h"
#include "known.h"

static bool explain_program(const char *path, const char *library)
{
	static struct findings findings;

	findings_collect(path, library, &findings);
	printf("program: %s\n", path);
	for (unsigned i = 0; i < findings.count; i++)
		printf("  %s%s\n", findings.finding[i].against ? "no: " : "",
		       findings.finding[i].sentence);
	printf("  %s\n", findings.against ? "it cannot be carried" : "it can be carried");
	if (library)
		printf("library: %s\n", library);
	return !findings.against;
}

/* Only who listens knows that it works: devices, XenStore, permissions. */
static bool explain_platform(struct xsock_info *info)
{
	struct xsock *listener;
	char service[32];

	snprintf(service, sizeof service, "explain-%d", (int)getpid());
	listener = xsock_listen(service, NULL);
	if (!listener || xsock_get_info(listener, info, sizeof *info)) {
		printf("platform: none works here: %s\n", xsock_last_error());
		xsock_close(listener);
		return false;
	}
	printf("platform: %s, this is domain %u\n", info->platform, info->own_domain);
	xsock_close(listener);
	return true;
}

static socklen_t length_of(const struct sockaddr *address)
{
	if (address && address->sa_family == AF_INET)
		return sizeof(struct sockaddr_in);
	if (address && address->sa_family == AF_INET6)
		return sizeof(struct sockaddr_in6);
	return 0;
}

static void explain_own(const struct ifaddrs *interface, unsigned own_domain)
{
	char text[INET_TEXT];
	struct inet inet;
	unsigned domain;

	if (!inet_from_sockaddr(interface->ifa_addr, &inet) || inet_unfit(&inet))
		return;
	printf("  %s %s: ", interface->ifa_name, inet_text(&inet, text));
	if (xsock_lookup(interface->ifa_addr, length_of(interface->ifa_addr), NULL, &domain))
		printf("%s\n", errno == ENOENT ? "nobody says whose it is" : xsock_last_error());
	else if (domain == own_domain)
		printf("this domain's\n");
	else
		printf("said to be domain %u's, not this one's\n", domain);
}

static void explain_own_addresses(unsigned own_domain)
{
	struct ifaddrs *all;

	printf("addresses of this domain:\n");
	if (getifaddrs(&all)) {
		printf("  they cannot be listed: %s\n", strerror(errno));
		return;
	}
	for (struct ifaddrs *at = all; at; at = at->ifa_next)
		explain_own(at, own_domain);
	freeifaddrs(all);
}

bool explain(const char *path, const char *library)
{
	bool good = explain_program(path, library);
	struct xsock_info info;
	bool works = explain_platform(&info);

	known_by_file();
	if (!works)
		return false;
	if (!strcmp(info.platform, "xen"))
		known_by_store();
	explain_own_addresses(info.own_domain);
	return good;
}

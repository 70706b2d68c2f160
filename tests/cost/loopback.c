/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loopback.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "path.h"

static struct sockaddr_in address(in_addr_t host)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(host) };
}

void loopback_open(int ends[2])
{
	struct sockaddr_in here = address(INADDR_LOOPBACK), there = address(INADDR_LOOPBACK + 1);
	socklen_t length = sizeof there;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	must(bind(listener, (struct sockaddr *)&there, sizeof there) == 0 &&
		     listen(listener, 1) == 0 &&
		     getsockname(listener, (struct sockaddr *)&there, &length) == 0,
	     "listening on the loopback device");
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	must(bind(ends[0], (struct sockaddr *)&here, sizeof here) == 0 &&
		     connect(ends[0], (struct sockaddr *)&there, sizeof there) == 0,
	     "connecting over the loopback device");
	ends[1] = accept(listener, NULL, NULL);
	must(ends[1] >= 0, "accepting");
	close(listener);
}

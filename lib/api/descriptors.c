/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For libraries that live in programs which do not know of this one. */
#include "api/socket.h"

#include "base/error.h"
#include "base/owned.h"

PUBLIC int xsock_set_descriptor_floor(int lowest)
{
	if (lowest < 0)
		return (int)socket_result(fail(EINVAL, "%d is no descriptor's number", lowest));
	set_descriptor_floor(lowest);
	return 0;
}

PUBLIC int xsock_owns_descriptor(int fd)
{
	return is_own_descriptor(fd);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "verdicts.h"

struct device {
	const char *path, *module;
	const char *lack; /* what cannot be without it */
};

static const struct device events = { "/dev/xen/evtchn", "xen-evtchn", "connect or listen" };
static const struct device share = { "/dev/xen/gntalloc", "xen-gntalloc",
				     "grant pages (it can map those of others)" };
static const struct device table = { "/dev/xen/gntdev", "xen-gntdev",
				     "map pages (it can grant its own)" };
static const struct device store = { "/dev/xen/xenbus", "xenfs", "reach XenStore" };

bool doctor_on_xen(void)
{
	char type[8] = "";
	FILE *file = fopen("/sys/hypervisor/type", "re");

	if (file && fscanf(file, "%7s", type) != 1)
		type[0] = '\0';
	if (file)
		fclose(file);
	return !strcmp(type, "xen") || !access("/proc/xen/capabilities", F_OK);
}

static int error_of(const struct device *device)
{
	int fd = open(device->path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void tell_forbidden(const struct device *device, enum verdict level, int error)
{
	char mend[200];

	snprintf(mend, sizeof mend, "sudo chgrp %u %s && sudo chmod g+rw %s", (unsigned)getegid(),
		 device->path, device->path);
	verdict(level, device->path, geteuid() ? mend : "give the container this device",
		"this user may not open it: %s; without it xsock cannot %s", strerror(error),
		device->lack);
}

/* False, with that verdict, when it cannot be used. */
static bool check(const struct device *device, enum verdict level)
{
	int error = error_of(device);
	char mend[64];

	if (error == 0) {
		verdict(VERDICT_OK, device->path, NULL, "can be opened");
	} else if (error == EACCES || error == EPERM) {
		tell_forbidden(device, level, error);
	} else {
		snprintf(mend, sizeof mend, "sudo modprobe %s", device->module);
		verdict(level, device->path, mend, "%s; without it xsock cannot %s",
			error == ENOENT ? "is missing" : strerror(error), device->lack);
	}
	return error == 0;
}

/* With a socket XenStore lives in this domain. */
static bool has_store_socket(void)
{
	return !access("/run/xenstored/socket", F_OK) || !access("/var/run/xenstored/socket", F_OK);
}

void doctor_devices(void)
{
	bool shares = error_of(&share) == 0, maps = error_of(&table) == 0;

	check(&events, VERDICT_PROBLEM);
	/* One of the two will do. */
	check(&share, maps ? VERDICT_WARNING : VERDICT_PROBLEM);
	check(&table, shares ? VERDICT_WARNING : VERDICT_PROBLEM);
	if (!has_store_socket())
		check(&store, VERDICT_PROBLEM);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "inspect/domain.h"
#include "inspect/local.h"
#include "verdicts.h"

/* What the file of nodes and the like may need. */
#define SPACE_FEW ((uint64_t)16 << 20)
#define FILES_FEW 100u

/* False when the platform cannot work there. */
static bool check_directory(const char *path)
{
	char mend[PATH_MAX + 64];
	struct stat status;

	if (lstat(path, &status)) {
		if (errno == ENOENT)
			verdict(VERDICT_OK, path, NULL,
				"is not there: this user has not used the platform local yet");
		else
			verdict(VERDICT_PROBLEM, path, "export XSOCK_LOCAL_DIR=$HOME/.xsock",
				"cannot be looked at: %s", strerror(errno));
		return false;
	}
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid()) {
		verdict(VERDICT_PROBLEM, path, "export XSOCK_LOCAL_DIR=$HOME/.xsock",
			"is no directory of this user's own");
		return false;
	}
	if (status.st_mode & 077 || (status.st_mode & 0700) != 0700) {
		snprintf(mend, sizeof mend, "chmod 700 %s", path);
		verdict(VERDICT_PROBLEM, path, mend, "has mode %03o: it must be this user's only",
			(unsigned)status.st_mode & 0777);
		return false;
	}
	verdict(VERDICT_OK, path, NULL, "is this user's, and nobody else's");
	return true;
}

static void check_space(const char *path)
{
	struct statvfs space;
	uint64_t bytes;

	if (statvfs(path, &space))
		return;
	bytes = (uint64_t)space.f_bavail * space.f_frsize;
	if (bytes < SPACE_FEW || (space.f_files > 0 && space.f_favail < FILES_FEW))
		verdict(bytes ? VERDICT_WARNING : VERDICT_PROBLEM, path,
			"export XSOCK_LOCAL_DIR=$HOME/.xsock",
			"its file system has %" PRIu64 " KiB and %llu files left", bytes >> 10,
			(unsigned long long)space.f_favail);
	else
		verdict(VERDICT_OK, path, NULL, "its file system has %" PRIu64 " MiB left",
			bytes >> 20);
}

static void check_use(struct platform *platform, const char *path)
{
	struct local_usage usage;
	char mend[PATH_MAX + 32];

	if (local_usage(platform, &usage)) {
		snprintf(mend, sizeof mend, "rm %s/nodes", path);
		verdict(VERDICT_PROBLEM, "local store", mend, "%s", inspect_failure());
		return;
	}
	verdict(usage.nodes >= usage.most / 4 * 3 || usage.watches >= usage.most / 4 * 3
			? VERDICT_WARNING
			: VERDICT_OK,
		"local store", NULL, "%u nodes and %u watches, of %u each, are in use", usage.nodes,
		usage.watches, usage.most);
}

bool doctor_local(void)
{
	struct platform *platform;
	char path[PATH_MAX];
	int found;

	if (local_directory(path)) {
		verdict(VERDICT_WARNING, "local", NULL, "%s", inspect_failure());
		return false;
	}
	if (!check_directory(path))
		return false;
	check_space(path);
	found = domain_open("local", &platform);
	if (found < 0)
		verdict(VERDICT_PROBLEM, "local",
			found == -EINVAL ? "export XSOCK_LOCAL_DOMAIN=0"
					 : "export XSOCK_LOCAL_DIR=$HOME/.xsock",
			"%s", inspect_failure());
	if (found <= 0)
		return false;
	check_use(platform, path);
	domain_close(platform);
	return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "inspect/domain.h"
#include "inspect/holders.h"
#include "inspect/local.h"
#include "shell.h"
#include "verdicts.h"

/* What the file of nodes and the like may need. */
#define SPACE_FEW ((uint64_t)16 << 20)
#define FILES_FEW 100u

static const char elsewhere[] = "export XSOCK_LOCAL_DIR=\"$HOME/.xsock\"";

/* The platform makes the directory, but nothing above it. */
static void check_above(const char *path)
{
	char *copy = strdup(path);
	const char *above = copy != NULL ? dirname(copy) : NULL;

	if (above != NULL && access(above, W_OK | X_OK))
		verdict(VERDICT_PROBLEM, path, elsewhere,
			"is not there, and cannot be made in %s: %s", above, strerror(errno));
	else
		verdict(VERDICT_OK, path, NULL,
			"is not there: this user has not used the platform local yet");
	free(copy);
}

/* False when the platform cannot work there. */
static bool check_directory(const char *path)
{
	struct stat status;
	char *mend;

	if (lstat(path, &status)) {
		if (errno == ENOENT)
			check_above(path);
		else
			verdict(VERDICT_PROBLEM, path, elsewhere, "cannot be looked at: %s",
				strerror(errno));
		return false;
	}
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid()) {
		verdict(VERDICT_PROBLEM, path, elsewhere, "is no directory of this user's own");
		return false;
	}
	if (status.st_mode & 077 || (status.st_mode & 0700) != 0700) {
		mend = shell_command("chmod 700 --", path);
		verdict(VERDICT_PROBLEM, path, mend, "has mode %03o: it must be this user's only",
			(unsigned)status.st_mode & 0777);
		free(mend);
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
		verdict(bytes ? VERDICT_WARNING : VERDICT_PROBLEM, path, elsewhere,
			"its file system has %" PRIu64 " KiB and %llu files left", bytes >> 10,
			(unsigned long long)space.f_favail);
	else
		verdict(VERDICT_OK, path, NULL, "its file system has %" PRIu64 " MiB left",
			bytes >> 20);
}

static bool count(const struct holder *holder, void *context)
{
	(void)holder;
	++*(unsigned *)context;
	return true;
}

/* Those who use it have the file, not its name. One of another version of xsock looks damaged,
 * too, and may be in good use. */
static void tell_damaged(struct platform *platform, const char *path)
{
	char reason[300], file[PATH_MAX + sizeof "/nodes"];
	unsigned users = 0, hidden = 0;
	char *mend;

	snprintf(reason, sizeof reason, "%s", inspect_failure());
	snprintf(file, sizeof file, "%s/nodes", path);
	mend = shell_command("rm --", file);
	if (holders_find(platform, true, count, &users, &hidden) != 0)
		verdict(VERDICT_PROBLEM, "local store", mend,
			"%s, which ends the meetings of all that use it; how many do is not known: "
			"%s",
			reason, inspect_failure());
	else if (users == 0)
		verdict(VERDICT_PROBLEM, "local store", mend, "%s", reason);
	else
		verdict(VERDICT_PROBLEM, "local store", mend,
			"%s, which ends the meetings of all that use it: %u processes of this "
			"user, which find nobody after that, and are found by nobody, until they "
			"are begun anew",
			reason, users);
	free(mend);
}

/* False when there is nothing to be read. */
static bool check_use(struct platform *platform, const char *path)
{
	struct local_usage usage;
	int error = local_usage(platform, &usage);

	if (error == -EIO)
		tell_damaged(platform, path);
	else if (error)
		verdict(VERDICT_PROBLEM, "local store", NULL, "%s", inspect_failure());
	if (error)
		return false;
	verdict(usage.nodes >= usage.most / 4 * 3 || usage.watches >= usage.most / 4 * 3
			? VERDICT_WARNING
			: VERDICT_OK,
		"local store", NULL, "%u nodes and %u watches, of %u each, are in use", usage.nodes,
		usage.watches, usage.most);
	return true;
}

bool doctor_local(void)
{
	struct platform *platform;
	char path[PATH_MAX];
	bool good;
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
			found == -EINVAL ? "export XSOCK_LOCAL_DOMAIN=0" : elsewhere, "%s",
			inspect_failure());
	if (found <= 0)
		return false;
	good = check_use(platform, path);
	domain_close(platform);
	return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "findings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "executable.h"
#include "program.h"

#define SCRIPTS_MAX 5 /* the kernel follows no more */

__attribute__((format(printf, 3, 4))) static void find(struct findings *findings, bool against,
						       const char *format, ...)
{
	va_list arguments;

	if (findings->count == FINDINGS_MAX)
		return;
	findings->against |= against;
	findings->finding[findings->count].against = against;
	va_start(arguments, format);
	vsnprintf(findings->finding[findings->count++].sentence, FINDING_SIZE, format, arguments);
	va_end(arguments);
}

/* Where a program gets rights that its caller has not, the loader takes no libraries from the
 * caller. For root the kernel sees no such case in file capabilities. */
static void check_rights(const char *path, struct findings *findings)
{
	struct stat status;

	if (stat(path, &status)) {
		find(findings, true, "it cannot be looked at: %s", strerror(errno));
		return;
	}
	if ((status.st_mode & S_ISUID) && status.st_uid != getuid())
		find(findings, true,
		     "it is setuid, to user %u: the loader ignores LD_PRELOAD when a program gets "
		     "rights that its caller lacks",
		     (unsigned)status.st_uid);
	if ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getgid())
		find(findings, true,
		     "it is setgid, to group %u: the loader ignores LD_PRELOAD when a program gets "
		     "rights that its caller lacks",
		     (unsigned)status.st_gid);
	if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		find(findings, true,
		     "it has file capabilities: the loader ignores LD_PRELOAD when a program gets "
		     "rights that its caller lacks");
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void check_library(const struct executable *program, const char *library,
			  struct findings *findings)
{
	struct executable facts, own;

	if (!library) {
		find(findings, true, "libxsock-preload.so, which would carry it, is not installed");
		return;
	}
	if (executable_read(library, &facts)) {
		find(findings, true, "%s is not a library", library);
		return;
	}
	if (facts.class != program->class || facts.machine != program->machine)
		find(findings, true,
		     "it is made for another processor or word size than %s (ELF machine %d, "
		     "class %d; not %d, %d)",
		     library, program->machine, program->class, facts.machine, facts.class);
	/* This command and the library are made with the same C library. */
	else if (program->interpreter[0] && !executable_read("/proc/self/exe", &own) &&
		 strcmp(last_part(program->interpreter), last_part(own.interpreter)))
		find(findings, true, "it is made with another C library: its loader is %s, not %s",
		     program->interpreter, own.interpreter);
}

static void check_elf(const char *path, const char *library, struct findings *findings)
{
	struct executable facts;
	int result = executable_read(path, &facts);

	if (result) {
		find(findings, true, result < 0 ? "it cannot be read" : "it is not an ELF file");
		return;
	}
	if (facts.go)
		find(findings, true,
		     "it is a Go program, which calls the kernel without the C library");
	if (!facts.interpreter[0])
		find(findings, true, "it is statically linked: no loader reads LD_PRELOAD for it");
	if (facts.io_uring)
		find(findings, true,
		     "it uses io_uring (liburing), which calls the kernel without the C library");
	check_library(&facts, library, findings);
	if (facts.calls[0])
		find(findings, false,
		     "it can call %s: a connection that is used so goes on over TCP", facts.calls);
}

void findings_collect(const char *program, const char *library, struct findings *findings)
{
	char path[PATH_MAX], behind[PATH_MAX];
	int script = 1;

	*findings = (struct findings){ 0 };
	snprintf(path, sizeof path, "%s", program);
	for (int i = 0; script > 0 && i < SCRIPTS_MAX; i++) {
		script = program_behind(path, behind);
		if (script > 0) {
			find(findings, false, "it is a script that %s runs", behind);
			memcpy(path, behind, sizeof path);
		}
	}
	if (script) {
		find(findings, true, "it is a script that nothing can run");
		return;
	}
	check_rights(path, findings);
	check_elf(path, library, findings);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define LINE_MAX_READ 256 /* the kernel reads no more of a script */
#define BLANKS " \t"

/* 0 or errno. */
static int check(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return errno;
	if (!S_ISREG(status.st_mode) || access(path, X_OK))
		return EACCES;
	return 0;
}

/* As execvp does, a place that has the name but does not let one run it is passed over, and told of
 * when no other has it. */
static int find_along(const char *places, const char *name, char path[PATH_MAX])
{
	int worst = ENOENT;

	while (*places) {
		int length = (int)strcspn(places, ":");
		int error = ENAMETOOLONG;

		if (snprintf(path, PATH_MAX, "%.*s%s%s", length, places, length ? "/" : "./",
			     name) < PATH_MAX)
			error = check(path);
		if (!error)
			return 0;
		if (error == EACCES)
			worst = error;
		places += length + (places[length] == ':');
	}
	return worst;
}

int program_find(const char *name, char path[PATH_MAX])
{
	char standard[PATH_MAX] = "";
	const char *places = getenv("PATH");

	if (!*name)
		return ENOENT;
	if (strchr(name, '/')) {
		if (snprintf(path, PATH_MAX, "%s", name) >= PATH_MAX)
			return ENAMETOOLONG;
		return check(path);
	}
	if (!places) {
		confstr(_CS_PATH, standard, sizeof standard);
		places = standard;
	}
	return find_along(places, name, path);
}

/* The first line behind "#!", without it; "" for what is no script. */
static int read_line(const char *path, char line[LINE_MAX_READ + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	line[0] = '\0';
	if (fd < 0)
		return complain(path, "%s", strerror(errno)), -1;
	length = read(fd, line, LINE_MAX_READ);
	close(fd);
	if (length < 0)
		return complain(path, "%s", strerror(errno)), -1;
	line[length] = '\0';
	if (strncmp(line, "#!", 2)) {
		line[0] = '\0';
		return 0;
	}
	line[strcspn(line, "\n")] = '\0';
	memmove(line, line + 2, strlen(line + 2) + 1);
	return 1;
}

/* The first word of env's that is neither an option nor NAME=VALUE. */
static const char *command_of_env(char **rest)
{
	char *word;

	do
		word = strtok_r(NULL, BLANKS, rest);
	while (word && (word[0] == '-' || strchr(word, '=')));
	return word;
}

int program_behind(const char *path, char interpreter[PATH_MAX])
{
	char line[LINE_MAX_READ + 1], *rest;
	const char *command, *name;
	int script = read_line(path, line);
	int error;

	if (script <= 0)
		return script;
	command = strtok_r(line, BLANKS, &rest);
	if (!command)
		return complain(path, "nothing stands behind its #!"), -1;
	name = strrchr(command, '/');
	if (!strcmp(name ? name + 1 : command, "env"))
		command = command_of_env(&rest);
	if (!command)
		return complain(path, "its #! line does not say which program env is to run"), -1;
	error = program_find(command, interpreter);
	if (error)
		return complain(path, "its interpreter, %s: %s", command, strerror(error)), -1;
	return 1;
}

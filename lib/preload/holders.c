/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/holders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 544
#define LINK_SIZE 64

/* 1 it has the socket, 0 it has not, -1 it may not be read. */
static int process_holds(const char *pid, const char *socket)
{
	char path[PATH_SIZE], link[LINK_SIZE];
	struct dirent *entry;
	DIR *directory;
	int holds = 0;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	directory = opendir(path);
	if (directory == NULL)
		return errno == EACCES ? -1 : 0;
	while (holds == 0 && (entry = readdir(directory)) != NULL) {
		ssize_t length;

		snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, entry->d_name);
		length = readlink(path, link, sizeof link - 1);
		if (length <= 0)
			continue;
		link[length] = '\0';
		holds = strcmp(link, socket) == 0;
	}
	closedir(directory);
	return holds;
}

bool held_elsewhere(int fd)
{
	DIR *directory = opendir("/proc");
	char socket[LINK_SIZE];
	struct dirent *entry;
	struct stat status;
	bool held = false;

	if (directory == NULL || fstat(fd, &status) != 0) {
		if (directory != NULL)
			closedir(directory);
		return true;
	}
	snprintf(socket, sizeof socket, "socket:[%llu]", (unsigned long long)status.st_ino);
	while (!held && (entry = readdir(directory)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);
		int holds;

		if (pid <= 0 || pid == getpid())
			continue;
		holds = process_holds(entry->d_name, socket);
		held = holds > 0 || (holds < 0 && pid == getppid());
	}
	closedir(directory);
	return held;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A subcommand is one entry in main.c's table and one file with a function that runs it. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

struct command {
	const char *name;
	const char *summary;
	/* As main(), argv[0] being the subcommand's name; returns the exit status. */
	int (*run)(int argc, char **argv);
};

int send_command(int argc, char **argv);
int recv_command(int argc, char **argv);
int doctor_command(int argc, char **argv);
int stat_command(int argc, char **argv);
int publish_command(int argc, char **argv); /* in builds with Xen */

#endif

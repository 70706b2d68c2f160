/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that a user pastes into a shell, any that POSIX knows. */
#ifndef TOOLS_SHELL_H
#define TOOLS_SHELL_H

/* The command with this path as its last argument, whatever bytes are in it: quoted, and what a
 * terminal or a line's editor would act on written as a number. For free(); NULL without memory. */
char *shell_command(const char *command, const char *path);

#endif

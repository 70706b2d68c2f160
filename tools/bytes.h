/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of bytes for people. */
#ifndef TOOLS_BYTES_H
#define TOOLS_BYTES_H

/* "1.5 MiB" */
void format_bytes(char text[16], double bytes);

#endif

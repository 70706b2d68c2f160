/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct board *board;
struct part *part;

void board_make(void)
{
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (board == MAP_FAILED)
		abort();
}

void board_clear(void)
{
	atomic_store(&board->gives_up, false);
	atomic_store(&board->child_stopped, false);
	for (unsigned side = 0; side < SIDES; side++) {
		struct part *at = &board->parts[side];

		memset(at, 0, offsetof(struct part, places));
	}
}

void board_defect(const char *format, ...)
{
	va_list arguments;

	if (part->defect[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(part->defect, sizeof part->defect, format, arguments);
	va_end(arguments);
}

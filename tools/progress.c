/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "report.h"

#define INTERVAL 0.2 /* seconds between two lines */
#define SMOOTHING 0.3
#define BAR_MAX 40
#define LINE_MAX_BYTES 256

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void progress_begin(struct progress *progress, uint64_t total, bool quiet, bool forced)
{
	memset(progress, 0, sizeof *progress);
	progress->shown = forced || (!quiet && isatty(STDERR_FILENO));
	progress->total = total;
	progress->started = now();
	progress->last_shown = progress->started;
}

static int terminal_columns(void)
{
	struct winsize window;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) || window.ws_col < 20)
		return 80;
	return window.ws_col < LINE_MAX_BYTES ? window.ws_col : LINE_MAX_BYTES;
}

static void format_time(char text[24], double seconds)
{
	unsigned long whole = seconds < 3599999 ? (unsigned long)(seconds + 0.5) : 3599999;

	if (whole < 3600)
		snprintf(text, 24, "%lu:%02lu", whole / 60, whole % 60);
	else
		snprintf(text, 24, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
}

static void format_bar(char *text, int width, double share)
{
	int filled = (int)(share * width);

	text[0] = '[';
	memset(text + 1, ' ', (size_t)width);
	memset(text + 1, '=', (size_t)filled);
	if (filled < width)
		text[1 + filled] = '>';
	text[1 + width] = ']';
	text[2 + width] = '\0';
}

/* "2.0 MiB / 10.0 MiB  20% [==>     ]  5.1 MiB/s  0:02 left", the bar as long as there is room. */
static void show(const struct progress *progress, double rate, const char *when)
{
	char line[LINE_MAX_BYTES + 128], bar[BAR_MAX + 3] = "", done[16], total[16], speed[16];
	int room, length;
	double share;

	format_bytes(done, (double)progress->done);
	format_bytes(speed, rate);
	if (progress->total == SIZE_UNKNOWN || progress->total < progress->done) {
		length = snprintf(line, sizeof line, "%s  %s/s  %s", done, speed, when);
	} else {
		share = progress->total ? (double)progress->done / (double)progress->total : 1;
		format_bytes(total, (double)progress->total);
		room = terminal_columns() - 21 -
		       (int)(strlen(done) + strlen(total) + strlen(speed) + strlen(when));
		if (room > 4)
			format_bar(bar, room < BAR_MAX ? room : BAR_MAX, share);
		length = snprintf(line, sizeof line, "%s / %s  %3d%% %s  %s/s  %s", done, total,
				  (int)(share * 100), bar, speed, when);
	}
	if (length >= terminal_columns())
		line[terminal_columns() - 1] = '\0';
	report_line(line);
}

static void show_running(struct progress *progress, double time)
{
	double recent =
		(double)(progress->done - progress->last_done) / (time - progress->last_shown);
	char clock[24], when[40];

	progress->rate = progress->rate > 0 ? progress->rate + SMOOTHING * (recent - progress->rate)
					    : recent;
	progress->last_shown = time;
	progress->last_done = progress->done;
	if (progress->total == SIZE_UNKNOWN || progress->total < progress->done) {
		format_time(clock, time - progress->started);
		snprintf(when, sizeof when, "%s so far", clock);
	} else {
		format_time(clock, (double)(progress->total - progress->done) / progress->rate);
		snprintf(when, sizeof when, "%s left", clock);
	}
	show(progress, progress->rate, when);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	double time;

	progress->done += bytes;
	if (!progress->shown)
		return;
	time = now();
	if (time - progress->last_shown >= INTERVAL && progress->done > progress->last_done)
		show_running(progress, time);
}

void progress_end(struct progress *progress)
{
	double seconds = now() - progress->started;
	char clock[24], when[40];

	if (!progress->shown)
		return;
	format_time(clock, seconds);
	snprintf(when, sizeof when, "in %s", clock);
	show(progress, seconds > 0 ? (double)progress->done / seconds : 0, when);
	report_line_end();
	progress->shown = false;
}

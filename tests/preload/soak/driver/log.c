/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <stdlib.h>
#include <string.h>

static void add_line(struct log_sums *sums, const char *line)
{
	const char *closed = strstr(line, ": closed: ");
	unsigned long long sent, received, sent_tcp, received_tcp;

	if (closed && sscanf(closed,
			     ": closed: %llu bytes sent and %llu received over the ring, %llu and "
			     "%llu over TCP",
			     &sent, &received, &sent_tcp, &received_tcp) == 4) {
		sums->connections++;
		sums->ring += sent + received;
		sums->tcp += sent_tcp + received_tcp;
	} else if (strstr(line, ": on the ring")) {
		sums->on_ring++;
	} else if (strstr(line, ": back to TCP: ")) {
		sums->back++;
	} else if (strstr(line, ": TCP: ")) {
		sums->never++;
	}
}

bool log_read(const char *path, struct log_sums *sums)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	*sums = (struct log_sums){ 0 };
	if (!file) {
		perror(path);
		return false;
	}
	while (getline(&line, &size, file) > 0)
		add_line(sums, line);
	free(line);
	fclose(file);
	return true;
}

uint64_t log_count(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	uint64_t count = 0;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		count += strstr(line, text) != NULL;
	free(line);
	if (file)
		fclose(file);
	return count;
}

/* -- reasons ---------------------------------------------------------------------------------- */

#define REASONS 40

struct reason {
	char text[100];
	uint64_t count;
};

static void count_reason(struct reason reasons[REASONS], const char *text)
{
	for (int at = 0; at < REASONS; at++) {
		if (reasons[at].count == 0)
			snprintf(reasons[at].text, sizeof reasons[at].text, "%s", text);
		else if (strncmp(reasons[at].text, text, sizeof reasons[at].text - 1) != 0)
			continue;
		reasons[at].count++;
		return;
	}
}

void log_print_reasons(const char *path, FILE *out)
{
	struct reason reasons[REASONS] = { 0 };
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		const char *text = strstr(line, ": back to TCP: ");

		line[strcspn(line, "\n")] = '\0';
		text = text ? text : strstr(line, ": TCP: ");
		if (text)
			count_reason(reasons, text + 2);
	}
	for (int at = 0; at < REASONS && reasons[at].count; at++)
		fprintf(out, "  %llu times %s\n", (unsigned long long)reasons[at].count,
			reasons[at].text);
	free(line);
	if (file)
		fclose(file);
}

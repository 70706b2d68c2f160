/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock send: the command line and the transfer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "arguments.h"
#include "commands.h"
#include "connect.h"
#include "dialogue.h"
#include "digest.h"
#include "progress.h"
#include "report.h"
#include "status.h"

#define READ_BYTES 65536 /* worth waiting for so much space in the ring */

struct sending {
	struct transfer_options options;
	bool wait;
	const char *address;
	const char *input_name;
	int input;
	uint64_t total;
	struct xsock *socket;
	struct evp_md_ctx_st *digest;
	struct progress progress;
};

static int print_help(void)
{
	printf("Usage: xsock send [OPTION]... DOMAIN/SERVICE [FILE]\n"
	       "Sends FILE, or standard input without FILE or when it is '-', to the xsock recv\n"
	       "(or any program of the library) that listens on SERVICE in domain DOMAIN.\n\n"
	       "      --timeout=SECONDS    for connecting; 0: no limit (default: 5, with --wait none)\n"
	       "  -w, --wait               wait for the domain and the listener to come\n"
	       "%s%s\n"
	       "A directory goes through a pipe: tar c DIR | xsock send 0/backup\n",
	       transfer_options_help, status_help);
	return STATUS_OK;
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct sending *sending, int argc, char **argv)
{
	static const struct option known[] = {
		{ "wait", no_argument, NULL, 'w' },
		TRANSFER_LONG_OPTIONS,
		{ 0 },
	};
	static const char letters[] = "w" TRANSFER_SHORT_OPTIONS;
	int letter;

	while ((letter = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		if (letter == 'w')
			sending->wait = true;
		else if (!take_transfer_option(&sending->options, letter, optarg))
			return wrong_usage("xsock send");
	}
	if (optind == argc || argc - optind > 2) {
		complain(NULL, optind == argc ? "no DOMAIN/SERVICE given" : "too many arguments");
		return wrong_usage("xsock send");
	}
	sending->address = argv[optind];
	sending->input_name = argv[optind + 1] ? argv[optind + 1] : "-";
	report_verbose(sending->options.verbose);
	return -1;
}

static enum status local_failure(const char *subject)
{
	complain(subject, "%s", strerror(errno));
	return STATUS_LOCAL;
}

static enum status open_input(struct sending *sending)
{
	struct stat what;
	off_t at;

	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): without --version it was set */
	if (!strcmp(sending->input_name, "-")) {
		sending->input_name = "standard input";
		sending->input = STDIN_FILENO;
	} else {
		sending->input = open(sending->input_name, O_RDONLY | O_CLOEXEC);
	}
	if (sending->input < 0 || fstat(sending->input, &what))
		return local_failure(sending->input_name);
	if (S_ISDIR(what.st_mode)) {
		complain(sending->input_name, "is a directory: tar c DIR | xsock send %s",
			 sending->address);
		return STATUS_LOCAL;
	}
	sending->total = SIZE_UNKNOWN;
	if (S_ISREG(what.st_mode) && (at = lseek(sending->input, 0, SEEK_CUR)) >= 0)
		sending->total = what.st_size > at ? (uint64_t)(what.st_size - at) : 0;
	return STATUS_OK;
}

static void tell_about_connection(const struct sending *sending)
{
	struct xsock_info info;

	if (!xsock_get_info(sending->socket, &info, sizeof info))
		note(sending->address,
		     "connected from domain %u, platform %s, this end %s, ring %zu",
		     info.own_domain, info.platform,
		     info.role == XSOCK_ROLE_GRANT ? "grants" : "maps", info.send_ring);
}

static enum status send_failed(const struct sending *sending)
{
	enum status status = status_of_transfer(errno);

	complain(sending->address, "%s", xsock_last_error());
	return status;
}

static ssize_t read_some(int fd, const struct iovec pieces[2])
{
	ssize_t got;

	do
		got = readv(fd, pieces, pieces[1].iov_len ? 2 : 1);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool add_to_digest(struct sending *sending, const struct iovec pieces[2], size_t length)
{
	size_t first = length < pieces[0].iov_len ? length : pieces[0].iov_len;

	return digest_add(sending->digest, pieces[0].iov_base, first) &&
	       digest_add(sending->digest, pieces[1].iov_base, length - first);
}

/* Reads straight into the ring until the input ends. */
static enum status send_data(struct sending *sending, size_t ring)
{
	size_t want = ring / 2 < READ_BYTES ? ring / 2 : READ_BYTES;
	struct iovec pieces[2];
	ssize_t got;

	for (;;) {
		got = xsock_send_reserve(sending->socket, pieces, want, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return send_failed(sending);
		got = read_some(sending->input, pieces);
		if (got < 0)
			return local_failure(sending->input_name);
		if (got == 0)
			return STATUS_OK;
		if (!add_to_digest(sending, pieces, (size_t)got))
			return STATUS_LOCAL;
		if (xsock_send_commit(sending->socket, (size_t)got))
			return send_failed(sending);
		progress_add(&sending->progress, (uint64_t)got);
	}
}

/* Space for a whole ring is there when the other end has taken every byte. */
static enum status wait_until_taken(struct sending *sending, size_t ring)
{
	struct iovec pieces[2];
	ssize_t space;

	do
		space = xsock_send_reserve(sending->socket, pieces, ring, 0);
	while (space < 0 && errno == EINTR);
	return space < 0 ? send_failed(sending) : STATUS_OK;
}

static enum status finish_with_digest(struct sending *sending)
{
	unsigned char result[DIGEST_BYTES];
	enum status status;

	if (!digest_result(sending->digest, result))
		return STATUS_LOCAL;
	status = send_all(sending->socket, sending->address, result, sizeof result);
	if (status != STATUS_OK)
		return status;
	if (xsock_shutdown(sending->socket, SHUT_WR))
		return send_failed(sending);
	return receive_verdict(sending->socket, sending->address);
}

static enum status begin_with_greeting(struct sending *sending)
{
	int limit = sending->options.timeout;
	enum status status;

	sending->digest = digest_begin();
	if (!sending->digest)
		return STATUS_LOCAL;
	if (limit == NO_TIME_GIVEN)
		limit = CONNECT_DEFAULT;
	else if (limit < 0)
		limit = 0;
	xsock_set_timeouts(sending->socket, limit, limit);
	status = receive_greeting(sending->socket, sending->address);
	if (status != STATUS_OK)
		return status;
	return send_header(sending->socket, sending->address, sending->total);
}

static enum status transfer(struct sending *sending)
{
	const struct transfer_options *options = &sending->options;
	enum status status = STATUS_OK;
	struct xsock_info info;

	if (options->sha256)
		status = begin_with_greeting(sending);
	if (status != STATUS_OK)
		return status;
	xsock_set_timeouts(sending->socket, options->idle_timeout, options->idle_timeout);
	xsock_get_info(sending->socket, &info, sizeof info);
	progress_begin(&sending->progress, sending->total, options->quiet, options->progress);
	status = send_data(sending, info.send_ring);
	if (status == STATUS_OK)
		status = options->sha256 ? finish_with_digest(sending)
					 : wait_until_taken(sending, info.send_ring);
	if (status == STATUS_OK)
		progress_end(&sending->progress);
	/* A receiver that gave up said why before it closed. */
	if (status == STATUS_BROKEN && options->sha256)
		return verdict_after(status, sending->socket, sending->address);
	return status;
}

int send_command(int argc, char **argv)
{
	static struct sending sending = { .options.timeout = NO_TIME_GIVEN };
	int parsed = parse(&sending, argc, argv);
	enum status status;

	if (parsed >= 0)
		return parsed;
	status = open_input(&sending);
	if (status == STATUS_OK)
		status = connect_to(&sending.socket, sending.address, &sending.options,
				    sending.wait);
	if (status != STATUS_OK)
		return status;
	tell_about_connection(&sending);
	status = transfer(&sending);
	/* Closing would tell the receiver that this was all; death tells that it was not. */
	if (status != STATUS_OK)
		_exit(status);
	digest_free(sending.digest);
	xsock_close(sending.socket);
	close(sending.input);
	return STATUS_OK;
}

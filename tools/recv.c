/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock recv: the command line, and the connections it takes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <xsock/xsock.h>

#include "arguments.h"
#include "commands.h"
#include "deadline.h"
#include "dialogue.h"
#include "output.h"
#include "receive.h"
#include "report.h"
#include "status.h"

#define MAX_RING_DEFAULT ((size_t)16 << 20) /* the library's limit on what a peer asks for */

struct serving {
	struct transfer_options options;
	bool keep;
	unsigned *allow;
	size_t allow_count;
	const char *service;
	const char *path;
	struct output output;
};

static int print_help(void)
{
	printf("Usage: xsock recv [OPTION]... SERVICE [FILE]\n"
	       "Listens on SERVICE in this domain, takes one connection and writes what xsock send\n"
	       "(or any program of the library) sends to FILE, or to standard output without FILE\n"
	       "or when it is '-'. FILE appears, or is replaced, when all of it has come.\n\n"
	       "  -a, --allow=DOMAIN[,DOMAIN]...  take connections from these domains only\n"
	       "  -k, --keep               take one connection after another, until killed\n"
	       "      --timeout=SECONDS    for the wait for a connection (default: no limit)\n"
	       "%s%s\n"
	       "A directory goes through a pipe: xsock recv backup | tar x\n",
	       transfer_options_help, status_help);
	return STATUS_OK;
}

/* Returns the exit status, or -1 to go on. */
static int parse(struct serving *serving, int argc, char **argv)
{
	static const struct option known[] = {
		{ "allow", required_argument, NULL, 'a' },
		{ "keep", no_argument, NULL, 'k' },
		TRANSFER_LONG_OPTIONS,
		{ 0 },
	};
	static const char letters[] = "a:k" TRANSFER_SHORT_OPTIONS;
	int letter;
	bool good = true;

	while ((letter = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return print_version();
		if (letter == 'k')
			serving->keep = true;
		else if (letter == 'a')
			good = parse_domains(optarg, &serving->allow, &serving->allow_count);
		else
			good = take_transfer_option(&serving->options, letter, optarg);
		if (!good)
			return wrong_usage("xsock recv");
	}
	if (optind == argc || argc - optind > 2) {
		complain(NULL, optind == argc ? "no SERVICE given" : "too many arguments");
		return wrong_usage("xsock recv");
	}
	serving->service = argv[optind];
	serving->path = argv[optind + 1];
	report_verbose(serving->options.verbose);
	return -1;
}

static enum status connect_failed(const struct serving *serving, int error)
{
	const char *hint = "";

	if (error == EOPNOTSUPP)
		hint = "; do both ends agree on --role and --sha256?";
	/* With a time-out of 0 left the library does not wait, and says so. */
	if (error == EAGAIN)
		error = ETIMEDOUT;
	complain(serving->service, "%s%s", xsock_last_error(), hint);
	return status_of_connect(error);
}

static struct xsock *start_listening(const struct serving *serving)
{
	const struct transfer_options *given = &serving->options;
	struct xsock_options options = {
		.role = given->role,
		.direction = given->sha256 ? XSOCK_DIR_TWO_WAY : XSOCK_DIR_RECV,
		.send_ring = given->sha256 ? DIALOGUE_RING : 0,
		.recv_ring = given->ring,
		.send_timeout = given->idle_timeout,
		.recv_timeout = given->idle_timeout,
		.allow = serving->allow,
		.allow_count = serving->allow_count,
		.max_ring = given->ring > MAX_RING_DEFAULT ? given->ring : 0,
		.platform = given->platform,
	};

	struct xsock *listener = xsock_listen(serving->service, &options);

	if (listener)
		note(serving->service, "listening");
	return listener;
}

/*
 * Set-ups that fail half-way are told and not the end. A connector that was turned away is, unless
 * there is more than one to come: the other end was started to match this one, and does not.
 */
static enum status wait_for_connection(const struct serving *serving, struct xsock *listener,
				       struct xsock **socket)
{
	int timeout = serving->options.timeout;
	long long deadline = time_limit_in(timeout == NO_TIME_GIVEN ? -1 : timeout);
	int error;

	for (;;) {
		*socket = xsock_accept(listener, time_left(deadline));
		if (*socket)
			return STATUS_OK;
		error = errno;
		if (error == EINTR)
			continue;
		if (error != ECONNABORTED && !(error == EOPNOTSUPP && serving->keep))
			return connect_failed(serving, error);
		connect_failed(serving, error);
	}
}

static void tell_about_connection(const struct serving *serving, struct xsock *socket)
{
	struct xsock_info info;

	if (!xsock_get_info(socket, &info, sizeof info))
		note(serving->service,
		     "connection from domain %u, platform %s, this end %s, ring %zu",
		     info.peer_domain, info.platform,
		     info.role == XSOCK_ROLE_GRANT ? "grants" : "maps", info.recv_ring);
}

/* Takes one connection into the output that is open. */
static enum status serve_one(struct serving *serving, struct xsock *listener, bool *another)
{
	struct xsock *socket;
	enum status status = wait_for_connection(serving, listener, &socket);

	if (status != STATUS_OK) {
		output_discard(&serving->output);
		return status;
	}
	tell_about_connection(serving, socket);
	status = receive(socket, serving->service, &serving->output, &serving->options);
	xsock_close(socket);
	/* What a sender does wrong is no reason to turn the next away; trouble on this side is. */
	*another = serving->keep && status != STATUS_LOCAL;
	return status;
}

static enum status serve(struct serving *serving)
{
	struct xsock *listener = NULL;
	bool another = false;
	enum status status;

	do {
		/* Before anybody sends: an output that can't be opened costs the sender nothing. */
		if (!output_open(&serving->output, serving->path)) {
			status = STATUS_LOCAL;
			break;
		}
		if (!listener)
			listener = start_listening(serving);
		if (!listener) {
			status = connect_failed(serving, errno);
			output_discard(&serving->output);
			break;
		}
		another = false;
		status = serve_one(serving, listener, &another);
	} while (another);
	xsock_close(listener);
	return status;
}

int recv_command(int argc, char **argv)
{
	struct serving serving = { .options.timeout = NO_TIME_GIVEN };
	int status = parse(&serving, argc, argv);

	if (status < 0)
		status = serve(&serving);
	free(serving.allow);
	return status;
}

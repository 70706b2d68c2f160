/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/socket.h"

#include "base/error.h"

#define DEFAULT_CONNECT_TIMEOUT 5000
#define DEFAULT_BACKLOG 128
#define BACKLOG_MAX 65536u
/* Five descriptors each, where all have a public one, of the usual 1024. */
#define DEFAULT_DOMAIN_CONNECTIONS 128u
#define DEFAULT_MAX_RING (16u << 20)
#define DEFAULT_CONNECTIONS 4096u
#define DEFAULT_DOMAIN_BYTES ((size_t)1 << 30)
#define DEFAULT_BYTES ((uint64_t)4 << 30)
#define DEFAULT_DOMAIN_RATE 2000u
#define DEFAULT_RATE 8000u

/* The numbers go over the wire as they are. */
static_assert((int)XSOCK_ROLE_GRANT == (int)ROLE_GRANT, "role");
static_assert((int)XSOCK_ROLE_MAP == (int)ROLE_MAP, "role");
static_assert((int)XSOCK_DIR_TWO_WAY == (int)DIRECTION_TWO_WAY, "direction");
static_assert((int)XSOCK_DIR_ONE_WAY == (int)DIRECTION_ONE_WAY, "direction");
static_assert((int)XSOCK_DIR_SEND == (int)DIRECTION_SEND, "direction");
static_assert((int)XSOCK_DIR_RECV == (int)DIRECTION_RECV, "direction");
static_assert(XSOCK_RING_MIN == RING_BYTES_MIN, "ring size");
static_assert(XSOCK_RING_DEFAULT == RING_BYTES_DEFAULT, "ring size");
static_assert(XSOCK_RING_MAX == RING_BYTES_MAX, "ring size");
static_assert(XSOCK_RING_START == RING_BYTES_START, "ring size");
static_assert(XSOCK_SERVICE_MAX == SERVICE_SIZE - 1, "service name");
static_assert(sizeof(void *) != 8 || sizeof(struct xsock_options) == 144,
	      "new options take reserved places");

static unsigned or_default(unsigned value, unsigned fallback)
{
	return value != 0 ? value : fallback;
}

static int check(const struct xsock_options *options)
{
	if ((unsigned)options->role > XSOCK_ROLE_MAP)
		return fail(EINVAL, "role %d is none of XSOCK_ROLE_*", (int)options->role);
	if ((unsigned)options->direction > XSOCK_DIR_RECV)
		return fail(EINVAL, "direction %d is none of XSOCK_DIR_*", (int)options->direction);
	if ((options->flags & ~(XSOCK_NONBLOCK | XSOCK_AWAIT | XSOCK_NOSPIN)) != 0)
		return fail(
			EINVAL,
			"flags 0x%x: only XSOCK_NONBLOCK, XSOCK_AWAIT and XSOCK_NOSPIN are known",
			options->flags);
	if (options->connect_timeout < -1 || options->send_timeout < -1 ||
	    options->recv_timeout < -1)
		return fail(EINVAL, "a time-out is -1 (no limit), 0 (the default) or milliseconds");
	if (options->allow == NULL && options->allow_count > 0)
		return fail(EINVAL, "allow_count is %zu without a list", options->allow_count);
	if (options->max_ring > 0 && options->max_ring < XSOCK_RING_MIN)
		return fail(EINVAL, "max_ring %zu: no ring is smaller than %zu", options->max_ring,
			    XSOCK_RING_MIN);
	if (options->max_domain_bytes > 0 && options->max_domain_bytes < PAGE_BYTES)
		return fail(EINVAL, "max_domain_bytes %zu is less than a page",
			    options->max_domain_bytes);
	if (options->max_bytes > 0 && options->max_bytes < PAGE_BYTES)
		return fail(EINVAL, "max_bytes %llu is less than a page",
			    (unsigned long long)options->max_bytes);
	if (options->backlog > BACKLOG_MAX)
		return fail(EINVAL, "a backlog of %u is over the limit, %u", options->backlog,
			    BACKLOG_MAX);
	for (size_t at = 0; at < sizeof options->reserved / sizeof options->reserved[0]; at++)
		if (options->reserved[at] != 0)
			return fail(EINVAL, "a reserved option is not zero: initialise with {0}");
	return 0;
}

static int growth_from(const struct xsock_options *options, struct wishes *wishes)
{
	wishes->grows = true;
	wishes->grow = wishes->max < XSOCK_RING_GROWN ? wishes->max : XSOCK_RING_GROWN;
	return ring_bytes_round(options->ring_start, &wishes->start);
}

/* One domain's part is never more than the whole by default. */
static unsigned whole_or_default(unsigned whole, unsigned fallback, unsigned part)
{
	return or_default(whole, part > fallback ? part : fallback);
}

static struct listener_limits limits_from(const struct xsock_options *options)
{
	unsigned backlog = or_default(options->backlog, DEFAULT_BACKLOG);
	unsigned rate = or_default(options->max_domain_rate, DEFAULT_DOMAIN_RATE);

	return (struct listener_limits){
		.backlog = backlog,
		.domain_backlog = or_default(options->max_domain_backlog,
					     backlog < 16 ? backlog : backlog - backlog / 4),
		.rate = whole_or_default(options->max_rate, DEFAULT_RATE, rate),
		.domain_rate = rate,
	};
}

static struct peer_limits shared_from(const struct xsock_options *options)
{
	uint64_t of_domain =
		options->max_domain_bytes != 0 ? options->max_domain_bytes : DEFAULT_DOMAIN_BYTES;
	uint64_t bytes = of_domain > DEFAULT_BYTES ? of_domain : DEFAULT_BYTES;

	if (options->max_bytes != 0)
		bytes = options->max_bytes;
	return (struct peer_limits){ .domain_pages = of_domain / PAGE_BYTES,
				     .pages = bytes / PAGE_BYTES };
}

static void limit_connections(const struct xsock_options *options, struct peer_limits *limits)
{
	limits->domain_connections =
		or_default(options->max_domain_connections, DEFAULT_DOMAIN_CONNECTIONS);
	limits->connections = whole_or_default(options->max_connections, DEFAULT_CONNECTIONS,
					       limits->domain_connections);
}

int settings_from(const struct xsock_options *options, struct settings *settings)
{
	static const struct xsock_options defaults = { 0 };
	uint64_t largest;
	int error;

	if (options == NULL)
		options = &defaults;
	error = check(options);
	if (error != 0)
		return error;
	*settings = (struct settings){
		.wishes = { .role = (enum role_wish)options->role,
			    .direction = (enum direction_wish)options->direction },
		.limits = limits_from(options),
		.shared = shared_from(options),
		.connect_timeout = options->connect_timeout != 0 ? options->connect_timeout
								 : DEFAULT_CONNECT_TIMEOUT,
		.send_timeout = options->send_timeout,
		.recv_timeout = options->recv_timeout,
		.nonblocking = (options->flags & XSOCK_NONBLOCK) != 0,
		.spins = (options->flags & XSOCK_NOSPIN) == 0,
		.await = (options->flags & XSOCK_AWAIT) != 0,
		.allow = options->allow,
		.allow_count = options->allow_count,
		.platform = options->platform,
	};
	settings->limits.shared = settings->shared;
	limit_connections(options, &settings->limits.shared);
	largest = options->max_ring != 0 ? options->max_ring : DEFAULT_MAX_RING;
	error = ring_bytes_round(options->send_ring, &settings->wishes.send);
	if (error == 0)
		error = ring_bytes_round(options->recv_ring, &settings->wishes.recv);
	if (error == 0)
		error = ring_bytes_round(largest, &settings->limits.ring_bytes);
	/* A limit is not rounded up. */
	if (error == 0 && settings->limits.ring_bytes > largest)
		settings->limits.ring_bytes /= 2;
	settings->wishes.max = settings->limits.ring_bytes;
	if (error == 0)
		error = growth_from(options, &settings->wishes);
	return error;
}

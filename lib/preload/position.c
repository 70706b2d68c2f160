/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/position.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>

#include "preload/real.h"

/* From linux/net/tcp_states.h, as in TCP_INFO. */
enum { STATE_ESTABLISHED = 1, STATE_FIN_WAIT1 = 4, STATE_FIN_WAIT2 = 5, STATE_CLOSE = 7 };

/* The counters are as old as Linux 4.2; tcpi_bytes_retrans as 4.19. */
static bool get_info(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof *info;

	memset(info, 0, sizeof *info);
	return real.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 &&
	       length >= offsetof(struct tcp_info, tcpi_bytes_received) +
				 sizeof info->tcpi_bytes_received;
}

/* The queue and the counter are two system calls, and packets come in between: until both looks agree. */
#define LOOKS_MAX 1000

static bool read_pair(int fd, unsigned long queue, struct tcp_info *info, int *queued)
{
	struct tcp_info before;

	for (int look = 0; look < LOOKS_MAX; look++) {
		if (!get_info(fd, &before) || real.ioctl(fd, queue, queued) != 0 ||
		    !get_info(fd, info))
			return false;
		if (before.tcpi_bytes_acked == info->tcpi_bytes_acked &&
		    before.tcpi_bytes_received == info->tcpi_bytes_received &&
		    before.tcpi_state == info->tcpi_state)
			return true;
	}
	return false;
}

/* An own SHUT_RD, of which TCP tells nobody, shows as the other end's FIN does. */
static bool is_whole(int fd, const struct tcp_info *info)
{
	struct pollfd entry = { .fd = fd, .events = POLLRDHUP };

	return info->tcpi_state == STATE_ESTABLISHED && real.poll(&entry, 1, 0) == 0;
}

bool position_established(int fd)
{
	struct tcp_info info;

	return get_info(fd, &info) && is_whole(fd, &info);
}

static bool has_ended(const struct tcp_info *info)
{
	return info->tcpi_state != STATE_ESTABLISHED && info->tcpi_state != STATE_FIN_WAIT1 &&
	       info->tcpi_state != STATE_FIN_WAIT2;
}

bool position_peer_ended(int fd)
{
	struct tcp_info info;

	return get_info(fd, &info) && has_ended(&info);
}

uint64_t position_missing(int fd, uint64_t position)
{
	struct tcp_info info;
	uint64_t come;

	if (position == 0 || !get_info(fd, &info))
		return 0;
	come = info.tcpi_bytes_received;
	/* The FIN is counted, too. A closed connection may have ended without. */
	if (has_ended(&info) && info.tcpi_state != STATE_CLOSE && come > 0)
		come--;
	return position > come ? position - come : 0;
}

bool position_written(int fd, bool connector, uint64_t *position)
{
	struct tcp_info info;
	int queued;

	if (!read_pair(fd, SIOCOUTQ, &info, &queued) || info.tcpi_bytes_acked < connector)
		return false;
	*position = info.tcpi_bytes_acked - connector + (uint64_t)queued;
	return true;
}

/* A FIN would be counted as a byte, so only while the peer has not sent one. */
bool position_read(int fd, uint64_t *position)
{
	struct tcp_info info;
	int queued;

	if (!read_pair(fd, SIOCINQ, &info, &queued) || !is_whole(fd, &info) ||
	    info.tcpi_bytes_received < (uint64_t)queued)
		return false;
	*position = info.tcpi_bytes_received - (uint64_t)queued;
	return true;
}

bool position_connector(int fd, bool *connector)
{
	struct tcp_info info;
	int queued;
	uint64_t counted, carried;

	if (!read_pair(fd, SIOCOUTQ, &info, &queued))
		return false;
	counted = info.tcpi_bytes_acked + (uint64_t)queued;
	carried = info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes;
	*connector = counted == carried + 1;
	return *connector || counted == carried;
}

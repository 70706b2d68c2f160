/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program's TCP connection that meets a peer which says in the ring, and over TCP, what it likes:
 * no hello, half a word, positions that cannot be, bytes and ends on either way at any moment; with
 * the library below it, to whose words in shared memory it lies too.
 */
#include "target.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "preload/record.h"
#include "preload/ring.h"
#include "preload/ready.h"
#include "preload/stream.h"
#include "preload/table.h"
#include "preload/transfer.h"
#include "preload/pair.h"
#include "preload/tcp.h"
#include "world/input.h"
#include "world/world.h"

#define HELLO 0x58534b48u
#define SWITCH 0x58534b53u
#define STEPS_MOST 300
/* ms: a send's, or a receive's, is 20 from the first wait on, and may be put off by 100. */
#define TIME_LIMIT 140
#define BYTES 8192

static void start_once(void)
{
	static bool started;

	if (!started)
		EXPECT(records_start() && table_start());
	started = true;
}

/* True when the stream has said hello. */
static bool greet(struct stream *stream, struct xsock *ring)
{
	const char *why;
	bool greeted;

	EXPECT(stream != NULL && table_put(TCP_NUMBER, stream));
	stream->stage = STAGE_MEETING;
	stream->meeting_until = INT64_MAX;
	stream_lock(stream);
	greeted = ring_greet(stream, ring, &why);
	stream_unlock(stream);
	if (!greeted)
		xsock_close(ring);
	return greeted;
}

static void forget(struct stream *stream)
{
	bool last;

	table_remove(TCP_NUMBER, &last);
	stream_done(stream);
}

/* ------------------------------------------------------------------ the peer */

static void say(struct xsock *peer, uint8_t code)
{
	struct {
		uint32_t magic, version;
		uint64_t position;
	} word = { .magic = htole32(code & 1 ? SWITCH : HELLO), .version = htole32(1) };
	size_t length = sizeof word;

	if (code & 1)
		word.position = htole64(tcp_position() + (code & 2 ? input_16() : 0));
	if (code & 4)
		word.position = htole64(input_64());
	if (code & 8)
		length = input_below(sizeof word);
	xsock_send(peer, &word, length, MSG_DONTWAIT);
}

static void say_bytes(struct xsock *peer)
{
	char bytes[256];

	xsock_send(peer, bytes, input_bytes(bytes, input_byte()), MSG_DONTWAIT);
}

static void hear(struct xsock *peer)
{
	char bytes[BYTES];

	xsock_recv(peer, bytes, 1 + input_16() % sizeof bytes, MSG_DONTWAIT);
}

static void close_now(struct xsock **peer)
{
	xsock_close(*peer);
	*peer = NULL;
}

static void peer_step(struct xsock **peer, uint8_t code)
{
	static const int ways[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	if (*peer == NULL)
		return;
	switch (code % 8) {
	case 0:
	case 1:
	case 2:
		say(*peer, code / 8);
		break;
	case 3:
		say_bytes(*peer);
		break;
	case 4:
	case 5:
		hear(*peer);
		break;
	case 6:
		xsock_shutdown(*peer, ways[code / 8 % 3]);
		break;
	default:
		if (code / 8 % 4 == 0)
			close_now(peer);
	}
}

/* ------------------------------------------------------------------ the program */

static void receive(struct stream *stream, uint8_t code)
{
	static char bytes[BYTES];
	size_t length = input_16() % sizeof bytes;
	struct iovec pieces[2] = { { bytes, length / 2 }, { bytes + length / 2, length / 2 } };
	int flags = (code & 1 ? MSG_DONTWAIT : 0) | (code & 2 ? MSG_PEEK : 0) |
		    (code & 4 ? MSG_WAITALL : 0) | (code & 8 ? MSG_TRUNC : 0);
	ssize_t count = transfer_receive(stream, TCP_NUMBER, pieces, 2, flags);

	EXPECT(count <= (ssize_t)length);
	EXPECT(count >= 0 || errno == EAGAIN || errno == ECONNRESET || errno == EPIPE ||
	       errno == EINTR);
}

static void send_some(struct stream *stream, uint8_t code)
{
	static char bytes[BYTES];
	struct iovec piece = { bytes, input_16() % sizeof bytes };
	ssize_t count = transfer_send(stream, TCP_NUMBER, &piece, 1, code & 1 ? MSG_DONTWAIT : 0);

	EXPECT(count <= (ssize_t)piece.iov_len);
	EXPECT(count >= 0 || errno == EAGAIN || errno == ECONNRESET || errno == EPIPE);
}

static void program_step(struct stream *stream, uint8_t code)
{
	static const int ways[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	switch (code % 8) {
	case 0:
	case 1:
		receive(stream, code / 8);
		break;
	case 2:
		send_some(stream, code / 8);
		break;
	case 3:
	case 4:
		ready_update(stream, code & 8);
		break;
	case 5:
		ready_look(stream);
		EXPECT(transfer_queued_in(stream, TCP_NUMBER) >= 0);
		EXPECT(transfer_queued_out(stream, TCP_NUMBER) >= 0);
		break;
	case 6:
		if (code / 8 % 4 == 0)
			transfer_shutdown(stream, TCP_NUMBER, ways[code / 32 % 3]);
		break;
	default:
		stream_lock(stream);
		if (code / 8 % 8 == 0)
			ring_leave(stream, "the program wants it");
		else if (code / 8 % 8 == 1)
			ring_look_for_bytes(stream);
		else if (code / 8 % 8 == 2 && stream_stage(stream) == STAGE_RING)
			ring_hand_over(stream);
		stream_unlock(stream);
	}
}

static void play(struct stream *stream, struct xsock **peer)
{
	for (int made = 0; made < STEPS_MOST && !input_is_empty(); made++) {
		uint8_t who = input_byte();

		world_call(TIME_LIMIT);
		if (who % 4 == 0)
			tcp_come(input_byte());
		else if (who == 255)
			tcp_end();
		else if (who == 254)
			world_pause((int64_t)input_byte() * 20000000);
		else if (who % 4 == 1)
			peer_step(peer, input_byte());
		else
			program_step(stream, input_byte());
		world_called();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xsock *program, *peer;
	struct stream *stream;

	start_once();
	world_begin(data, size);
	tcp_begin();
	if (pair_open(&program, &peer)) {
		stream = stream_new();
		/* It has the program's end from now on. */
		if (greet(stream, program))
			play(stream, &peer);
		world_call(TIME_LIMIT);
		forget(stream);
	} else {
		xsock_close(program);
	}
	xsock_close(peer);
	world_end();
	return 0;
}

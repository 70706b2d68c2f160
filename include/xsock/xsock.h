/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xsock - sockets over memory shared between two Xen domains of one host.
 *
 * Conventions, for every call unless it says otherwise:
 *
 *   Errors    -1 or NULL with errno set; xsock_last_error() then has a sentence for a human.
 *             EBADF for a socket made before a fork() in this process's parent, EINVAL for NULL
 *             where an object is needed, EFAULT for NULL where bytes are. ENOMEM from a call
 *             that has to wait, when the system has no memory for that; ENOMEM, EMFILE, ENFILE or
 *             EIO also for good, when a connection's event channel could not go on here.
 *   Units     sizes in bytes, times in milliseconds; a time-out of 0 in the options means the
 *             default; of xsock_accept and xsock_poll, negative means no limit, 0 do not wait.
 *   Signals   none is ever raised: a send to an end that reads no more is EPIPE, without SIGPIPE
 *             (unlike POSIX). A signal caught while waiting ends the wait with EINTR when nothing
 *             was moved yet, whatever SA_RESTART says.
 *   Threads   every call may be made from any thread, on the same socket too: one thread can send
 *             while another receives and others poll or shut down. Two threads that send, or
 *             receive, at once both succeed, but long transfers may interleave, as with TCP. A
 *             reserve and its commit, a peek and its consume belong to one thread. Nobody may use
 *             a socket that is being closed: shut it down first, which wakes all who wait.
 *   fork      a child must not use the sockets it inherits (the shared pages are not there); every
 *             call on one fails with EBADF except xsock_close, which frees the child's copy
 *             without a sign to the peer. The child can open sockets of its own. A child made by
 *             _Fork() or clone() does not learn that it is one, and must not use the library.
 *   exec      descriptors are close-on-exec; to the peer, exec is the death of the process.
 *   Peers     may be dead, slow or hostile. What they write in shared memory is read once and
 *             checked: nonsense ends the connection with EPROTO, a dead process or a destroyed
 *             domain with ECONNRESET after what it had published was read. A peer can always stop
 *             reading or writing; time-outs are the cure for that.
 *   Restore   when a domain is saved and restored, or moves, its connections end with ECONNRESET at
 *             both ends; its listeners go on under its new number, once in a call; new connections
 *             come to be. It must not map others' pages then: see xsock(7).
 *
 * Origin of the rules: POSIX.1 sockets; XenSocket (Zhang, McIntosh, Rohatgi, Griffin, Middleware
 * 2007) for one-way sockets; Xen's xenstore.txt, gntalloc.h and event_channel.h for what can fail.
 */
#ifndef XSOCK_XSOCK_H
#define XSOCK_XSOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h> /* MSG_*, SHUT_* */
#include <sys/types.h>
#include <sys/uio.h>
#include <poll.h> /* POLLIN, POLLOUT, POLLHUP, POLLERR */

#include <xsock/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A listening or a connected end. */
struct xsock;

/* Who provides the pages: the less trusted domain should grant, the more trusted one map.
 * Two ends that insist on the same role both get EOPNOTSUPP. */
enum xsock_role {
	XSOCK_ROLE_AUTO = 0, /* domain 0 maps; between two others the listener grants (XenSocket) */
	XSOCK_ROLE_GRANT = 1, /* this end grants: /dev/xen/gntalloc */
	XSOCK_ROLE_MAP = 2    /* this end maps: /dev/xen/gntdev */
};

/* Which way bytes go. Ends that cannot agree both get EOPNOTSUPP. */
enum xsock_direction {
	XSOCK_DIR_AUTO = 0,    /* both ways, unless the other end wants one way */
	XSOCK_DIR_TWO_WAY = 1, /* both ways, insisted on */
	XSOCK_DIR_ONE_WAY = 2, /* one ring; the first send or receive settles its direction */
	XSOCK_DIR_SEND = 3,    /* one ring; this end sends */
	XSOCK_DIR_RECV = 4     /* one ring; this end receives */
};

#define XSOCK_RING_MIN ((size_t)4096)
#define XSOCK_RING_DEFAULT ((size_t)65536)
#define XSOCK_RING_MAX ((size_t)64 << 20)
#define XSOCK_RING_START ((size_t)16384) /* of rings that grow, see ring_start */
#define XSOCK_RING_GROWN ((size_t)1 << 20)
#define XSOCK_SERVICE_MAX 63 /* characters in a service's name: letters, digits, - and _ */

/* options.flags */
#define XSOCK_NONBLOCK 0x1u /* every call behaves as with MSG_DONTWAIT */
#define XSOCK_AWAIT 0x2u    /* connector: while nobody listens, wait for a listener to appear */

/* Blocking calls sleep at once. Without it they first ask, for about as long as a wake-up costs (50
 * us to 1 ms; now and then four times that), whether that is needed, and give that up by themselves
 * where it does not pay, as with both ends on one processor. A signal that is caught while a call
 * asks does not end it, as if it had come just before. */
#define XSOCK_NOSPIN 0x4u

/*
 * Options of a listener or connector; NULL or all zero gives the defaults. A listener's options
 * are those of each socket it accepts. Initialise with = {0} or designated initialisers: fields
 * may be added in place of the reserved ones, which must be zero (EINVAL).
 */
struct xsock_options {
	enum xsock_role role;
	enum xsock_direction direction;
	/*
	 * Bytes this end can send, and receive, ahead of the other: rounded up to a power of two
	 * and at least one page. 0 leaves it to the other end; where both ends name a size the
	 * smaller one is taken, where none does XSOCK_RING_GROWN (or max_ring, if that is less),
	 * to which the ring grows: see ring_start. Over XSOCK_RING_MAX: EINVAL.
	 */
	size_t send_ring;
	size_t recv_ring;
	int connect_timeout; /* connector: until connected; default 5000; -1 no limit */
	int send_timeout;    /* blocking sends: default no limit; on expiry ETIMEDOUT */
	int recv_timeout;    /* blocking receives: default no limit; on expiry ETIMEDOUT */
	unsigned flags;      /* XSOCK_NONBLOCK, XSOCK_AWAIT, XSOCK_NOSPIN */
	/* Listener: the domains that may connect; NULL lets every domain of the host try, a list
	 * of none lets nobody. */
	const unsigned *allow;
	size_t allow_count;
	/* Listener: limits against greedy peers; 0 takes the default. */
	unsigned backlog;                /* set-ups under way, or not accepted yet; 128. A domain
					  * without any may begin one all the same */
	unsigned max_domain_connections; /* open connections of one peer domain; 128: with up to
					  * five descriptors each, most of the usual 1024 */
	/* Bytes of one ring, whoever grants it; 16 MiB. For a connector: where only the listener
	 * names a size. */
	size_t max_ring;
	/* "xen" or "local"; NULL takes $XSOCK_PLATFORM, else xen where /dev/xen works, else local.
	 */
	const char *platform;
	/*
	 * Bytes that each ring has at first, rounded up as above; over XSOCK_RING_MAX: EINVAL. A
	 * ring that starts smaller than its size grows up to it, by four each time, while its
	 * sender keeps finding it full, and at once for a reserve or peek that wants more than half
	 * of it. When nothing has gone through it for a while and a call looks at the connection,
	 * it goes back to what it had at first. Whoever is at the other end must call in for that,
	 * too.
	 *
	 * 0: a ring whose size this end names has that size from the start; others start with
	 * XSOCK_RING_START. Where the two ends differ the larger start is taken, so XSOCK_RING_MAX
	 * makes rings of fixed size. Fixed they are too, with XSOCK_RING_DEFAULT where nobody names
	 * a size, on one-way connections that the first send settles, and with an end that knows no
	 * growth.
	 */
	size_t ring_start;
	/*
	 * Bytes of the control pages and rings, as large as they are at the time, of all
	 * connections of this process with one peer domain; 1 GiB; less than a page: EINVAL. What
	 * goes over it is neither granted nor mapped: a set-up ends with EDQUOT, a ring does not
	 * grow.
	 */
	size_t max_domain_bytes;
	/* The same with all domains; 4 GiB, or max_domain_bytes if that is more. */
	uint64_t max_bytes;
	/*
	 * Listener: more limits against greedy peers; 0 takes the default. Who is over one is told
	 * which (EDQUOT for connections; ECONNREFUSED for backlog and rates: later it may do), and
	 * xsock_info counts it.
	 */
	unsigned max_connections;    /* open connections of this process with all domains; 4096, or
				      * max_domain_connections if that is more */
	unsigned max_domain_backlog; /* of the backlog, for one domain; three quarters, of a backlog
				      * below 16 all */
	unsigned max_rate;           /* set-ups a second, and as many at once; 8000, or
				      * max_domain_rate if that is more */
	unsigned max_domain_rate;    /* those of one domain; 2000 */
	uint64_t reserved[3];
};

/* ------------------------------------------------------------------ set-up and teardown */

/*
 * Opens a listener named `service` in this domain. Until it is closed others can connect to
 * "THIS-DOMAIN/service". Connections come to be while some thread is in xsock_accept or
 * xsock_poll, or calls xsock_accept when xsock_fd is readable; nothing runs behind the caller's
 * back.
 *
 * EINVAL       a bad name or option
 * EADDRINUSE   a live listener of this domain has the name (a dead one's leftovers are replaced)
 * EACCES       no permission for the devices or for XenStore
 * ENOSPC       a XenStore quota is used up (nodes, watches)
 * ENODEV       the platform asked for is not there
 * ETIMEDOUT    another process of this domain stopped while it came or went, or in the local
 *              platform's store
 * EIO          XenStore, or the local platform's files, could not be read or written
 * EMFILE, ENFILE, ENOMEM
 */
struct xsock *xsock_listen(const char *service, const struct xsock_options *options);

/*
 * Takes the next connection; waits up to `timeout` ms (-1: no limit, 0: not at all; a listener
 * with XSOCK_NONBLOCK never waits). The connection is established when this returns.
 * Which domain it comes from is XenStore's word, not the peer's: see xsock_get_info.
 *
 * EAGAIN       not waiting, and there is none
 * ETIMEDOUT    none came in time
 * EINTR        a signal was caught
 * EOPNOTSUPP   a connector was turned away: its role or direction clashes with this listener's
 *              (it got the same error). The listener lives on: call again
 * ECONNABORTED a set-up failed half-way; xsock_last_error says why. The listener lives on
 * EINVAL       not a listener, or it was shut down
 * ENOMEM
 * Requests that are malformed, over a limit or from a wrong owner are dropped and counted
 * (xsock_info.refused, and refused_by why), without ending the wait.
 */
struct xsock *xsock_accept(struct xsock *listener, int timeout);

/*
 * Connects to `address`, "DOMAIN/SERVICE" with the domain's number, as in "0/log". Waits until
 * connected or connect_timeout. With XSOCK_NONBLOCK it returns a socket under way at once (or
 * NULL, when it is clear at once that nothing will come of it): poll for POLLOUT, then
 * xsock_connect_finish tells how it ended.
 *
 * With XSOCK_AWAIT a name that nobody listens to is no error: the call waits, told by XenStore and
 * not by trying again, until a listener of that name appears, then connects; connect_timeout is
 * the limit of both together. What the listener says is as final as without the flag, and so is a
 * listener that goes away meanwhile (ECONNREFUSED). A domain that does not exist is EHOSTUNREACH
 * at once, one that ends during the wait ECONNRESET, within a second or so. While nobody listens a
 * wait holds a XenStore watch of this domain.
 *
 * EINVAL       a bad address or option
 * EHOSTUNREACH no such domain
 * ECONNREFUSED no listener of that name in that domain (not with XSOCK_AWAIT), or it went away (so
 *              looks one, too, whose offer does not work); or it has too many set-ups under way, or
 *              began too many within the last second
 * EACCES       not on the listener's allow-list; or no permission for the devices here
 * EOPNOTSUPP   roles or directions clash; or the domain is this one, which Xen cannot share with
 * ETIMEDOUT    no answer in time (a listener whose process died and was not replaced looks so);
 *              with XSOCK_AWAIT also: no listener in time
 * EDQUOT       over a limit of the listener: connections or bytes, of this domain or of all, ring
 *              size; or over max_domain_bytes or max_bytes here
 * ENOSPC       out of grants (gntalloc's limit), event channels or XenStore quota, here or there
 * EPROTO       the listener answered nonsense, or speaks another version
 * ECONNRESET   the domain was destroyed meanwhile, or this one saved and restored
 * EIO          XenStore, or the local platform's files, could not be read or written
 * EINTR, ENODEV, EMFILE, ENFILE, ENOMEM
 */
struct xsock *xsock_connect(const char *address, const struct xsock_options *options);

/*
 * How a non-blocking connect ended: 0, or -1 with EINPROGRESS or one of xsock_connect's errors. 0
 * for any connected socket; ENOTCONN for a listener. Where it failed, every other call that would
 * move bytes fails in the same way.
 */
int xsock_connect_finish(struct xsock *socket);

/*
 * SHUT_WR: the peer reads what was sent, then end of stream. SHUT_RD: the peer's sends fail with
 * EPIPE, own receives return what has come already, then 0 (but see xsock_send_withdraw); the peer
 * is always woken. SHUT_RDWR: both. Threads that wait in this socket wake up.
 *
 * EINVAL       `how` is none of these
 * ENOTCONN     not connected yet
 *
 * A listener: whatever `how`, xsock_accept ends and fails with EINVAL from then on.
 */
int xsock_shutdown(struct xsock *socket, int how);

/*
 * Ends the socket and frees it, whatever it returns; NULL is allowed. Loses nothing: the peer can
 * still read all that was sent, however late, and never waits for the peer. Closing a listener
 * turns away those not accepted yet; accepted sockets stay.
 */
int xsock_close(struct xsock *socket);

/* Blocking time limits from now on (0, -1: no limit). EINVAL below -1; ENOTCONN for a listener. */
int xsock_set_timeouts(struct xsock *socket, int send_timeout, int recv_timeout);

/* ------------------------------------------------------------------ copying I/O */

/*
 * Sends up to `length` bytes and returns how many. A blocking socket sends them all, unless a
 * signal, a time-out or the end of the connection comes between: then the count so far, and the
 * error with the next call. Flags: MSG_DONTWAIT; MSG_MORE (the bytes may stay unpublished until a
 * send without it, a shutdown, or the ring is full); MSG_NOSIGNAL is accepted and changes nothing.
 *
 * EAGAIN       not waiting, and the ring is full
 * ETIMEDOUT    send_timeout passed, nothing was sent
 * EINTR        a signal came before anything was sent
 * EPIPE        the peer reads no more (closed or SHUT_RD), or this end was shut down
 * ECONNRESET   the peer's process died or its domain is gone
 * EPROTO       the peer corrupted the connection
 * EOPNOTSUPP   an unknown flag; or this end of a one-way connection receives
 * ENOTCONN     a listener, or not connected yet (EAGAIN while a non-blocking connect is under way)
 */
ssize_t xsock_send(struct xsock *socket, const void *buffer, size_t length, int flags);

/*
 * Receives up to `length` bytes and returns how many: at least one, unless 0 says end of stream
 * (or length was 0). Flags: MSG_DONTWAIT; MSG_PEEK (the bytes stay); MSG_WAITALL (waits for all of
 * `length`: less only at the end, an error, a signal or a time-out; with MSG_PEEK at most the
 * ring). After SHUT_RD it goes on with what had come; a peer that breaks the rules may add to it.
 *
 * EAGAIN       not waiting, and nothing is there
 * ETIMEDOUT    recv_timeout passed, nothing came
 * EINTR        a signal came before any byte
 * ECONNRESET   the peer's process died or its domain is gone; all it had published was received
 * EPROTO       the peer corrupted the connection
 * EOPNOTSUPP   an unknown flag; or this end of a one-way connection sends
 * ENOTCONN     as for xsock_send
 */
ssize_t xsock_recv(struct xsock *socket, void *buffer, size_t length, int flags);

/*
 * The same from, and into, `count` pieces (0 to 1024, EINVAL beyond; for what is received also when
 * their lengths add up to more than a size_t), in order, as one.
 */
ssize_t xsock_sendv(struct xsock *socket, const struct iovec *pieces, int count, int flags);
ssize_t xsock_recvv(struct xsock *socket, const struct iovec *pieces, int count, int flags);

/*
 * Takes back what was sent and will never be received, to send it another way: copies up to
 * `length` bytes, the oldest first, published or not, that the peer had not received when it
 * stopped reading, and returns how many; calls go on where the last one ended, 0 says that nothing
 * is left. Possible once sends fail for good because of the peer: it did SHUT_RD, closed (EPIPE)
 * or died (ECONNRESET); also after an own SHUT_WR. The first call that succeeds, even with length
 * 0, ends sending here: every later send is EPIPE. bytes_sent of xsock_get_info still counts what
 * was withdrawn. Never waits.
 *
 * The peer's part: what it had received at its SHUT_RD is where the withdrawn bytes begin. An end
 * that wants the rest another way must have no receive under way then, and receive nothing after
 * it, though xsock_recv would still return what had come: else it gets those bytes twice.
 *
 * The bytes lie in memory that the peer shares: a hostile one can have changed them, up to this
 * very copy, and can claim to have received any part of them. So give them to nobody but the peer.
 *
 * EBUSY        the peer still reads: nothing was changed
 * EFAULT       NULL for more than 0 bytes
 * EPROTO       the peer corrupted the connection: it claims to have received what was never sent
 * EOPNOTSUPP   this end of a one-way connection receives
 * ENOTCONN     as for xsock_send
 */
ssize_t xsock_send_withdraw(struct xsock *socket, void *buffer, size_t length);

/* ------------------------------------------------------------------ in place, without a copy */

/*
 * Waits until at least `want` bytes (0 counts as 1) can be written in the ring itself and points
 * span[0], then span[1] (length 0 unless the free space wraps), at all that is free; returns its
 * size, at least `want`. Write there, then xsock_send_commit says how many bytes to publish, from
 * the start. Nothing is held: a reservation without a commit costs nothing, the next reserve ends
 * it. The peer can see and change these bytes at any time, before the commit too. Flags and errors
 * as for xsock_send; EMSGSIZE when `want` is more than the ring, or than it grows to, or when it
 * cannot grow: the sentence says which. A ring grows only while the other end calls in.
 */
ssize_t xsock_send_reserve(struct xsock *socket, struct iovec span[2], size_t want, int flags);

/*
 * Publishes the next `length` bytes of the reservation: several commits may follow one. EINVAL for
 * more than is left of it, the errors of xsock_send when the connection ended meanwhile (nothing is
 * published); a send in between ends it.
 */
int xsock_send_commit(struct xsock *socket, size_t length);

/*
 * Waits until at least `want` bytes (0 counts as 1) are there, or no more will come, and points
 * span[] at all that is there; returns its size: less than `want` only when that is the rest,
 * before the end of stream or before the error that the next call reports; 0 at the end. A hostile
 * peer can change these bytes while they are looked at: copy what must not change, then check it.
 * They stay where they are until they were given back; in a ring that grows, until the next peek,
 * of which xsock_recv's MSG_PEEK is one.
 * Flags (MSG_DONTWAIT) and errors as for xsock_recv; EMSGSIZE as above.
 */
ssize_t xsock_recv_peek(struct xsock *socket, struct iovec span[2], size_t want, int flags);

/* Gives the next `length` bytes peeked at back; EINVAL for more than is left of them. */
int xsock_recv_consume(struct xsock *socket, size_t length);

/* ------------------------------------------------------------------ waiting */

struct xsock_pollfd {
	struct xsock *socket; /* NULL: ignored, revents 0 */
	short events;         /* POLLIN, POLLOUT, POLLERR */
	short revents;        /* those, POLLHUP, POLLERR */
};

/*
 * poll(2) for sockets: waits until one is ready or `timeout` ms passed (-1: no limit) and returns
 * how many are ready, 0 on time-out. Listener: POLLIN when xsock_accept would return something.
 * Connecting: POLLOUT when xsock_connect_finish has an answer. Connected: POLLIN when a receive
 * would not wait (data, end or error), POLLOUT when a send of up to a third of the ring would not
 * (as with TCP; a sleeper on a full ring is woken once half of it is free); POLLHUP when both
 * directions ended; POLLERR after death or corruption.
 *
 * POLLERR may also be asked for, and then says that sends fail for good because of the peer: it
 * reads no more (SHUT_RD), closed or died, or the connection is broken, as with the writing end of
 * a pipe whose reader is gone. Not for an own SHUT_WR, and at an end that only receives not for an
 * orderly close. Other events are ignored.
 *
 * EINTR; EINVAL for more than 1048576 entries, or more descriptors (three a socket) than
 * RLIMIT_NOFILE; EMFILE, ENFILE, ENOMEM.
 */
int xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout);

/*
 * The socket's descriptor for poll, select, epoll or any event loop: it shows POLLIN, level
 * triggered, while one of the events set with xsock_set_events is ready (POLLIN at first,
 * whichever event is meant), and also in between when the library has work to do: so call with
 * MSG_DONTWAIT, or xsock_poll with time-out 0, and expect EAGAIN. Only poll it; it belongs to the
 * socket and is closed with it. While this descriptor is in use each call that empties or fills a
 * ring costs a little more. EMFILE, ENFILE, ENOMEM; ENOSPC: fs.epoll.max_user_watches.
 */
int xsock_fd(struct xsock *socket);

/*
 * For event loops that ask for a moment before they sleep, as blocking calls do by themselves: 1
 * when a receive would return bytes, an end or an error at once, else 0. A look at memory: no lock,
 * no system call, and nobody is asked to wake anyone, so before a sleep comes xsock_poll or
 * xsock_fd. A death may show later than there. 0 while a connection is under way. ENOTCONN for a
 * listener.
 */
int xsock_recv_ready(struct xsock *socket);

/*
 * Which events make xsock_fd's descriptor readable: POLLIN and POLLOUT, and with either POLLHUP
 * and POLLERR; POLLERR alone, with its meaning in xsock_poll; or none (0). EINVAL for others.
 *
 * Without POLLIN and POLLOUT the descriptor is quiet while bytes flow, and sends and receives cost
 * nothing more for it. A wake-up that an earlier POLLIN or POLLOUT asked for may still come, once;
 * and while a connection is under way, when the peer shuts a direction down, and for a listener,
 * there is work to do. xsock_poll with time-out 0 does it, and the descriptor is quiet when there
 * is no more; sends and receives do it only while POLLIN or POLLOUT is set. With none set nothing
 * but such work shows: the death of the peer is shown once at most.
 */
int xsock_set_events(struct xsock *socket, short events);

/* ------------------------------------------------------------------ Internet addresses */

/*
 * Which domain of this host owns an IPv4 or IPv6 address, as its administrators say: 0 and *domain,
 * which may be this domain. The port is ignored; an IPv4 address mapped into IPv6 is that IPv4
 * address. First the hosts file of this domain is asked, $XSOCK_HOSTS or /etc/xsock/hosts (the
 * variable counts for nothing in a setuid program; a file that is missing says nothing; see
 * xsock-hosts(5)), then what domain 0 published in XenStore (xsock publish). Guests can write
 * neither, so none can claim another's address.
 *
 * `platform` as in xsock_options; *domain is left alone on failure. Cheap enough for each new
 * connection: the file is read again only when it changed; XenStore is asked for the list of
 * published addresses at most once in two seconds, so what was published or withdrawn may show
 * that much later; for an address on the list there is one more question. Nothing is kept open, no
 * thread is started, and where no xsock was ever used on the local platform nothing is made there.
 *
 * ENOENT       no domain of this host, as far as anybody said
 * EINVAL       the hosts file is malformed (the sentence says in which line); or length is too
 *              small, a pointer NULL, or there is no platform of that name
 * EAFNOSUPPORT neither AF_INET nor AF_INET6
 * EACCES       no permission for the hosts file, for XenStore or for the devices
 * ENODEV       the platform asked for, or any, is not there, and the hosts file did not decide
 * EMFILE, ENFILE, ENOMEM, EIO, and what else open(2) says of the hosts file
 */
int xsock_lookup(const struct sockaddr *address, socklen_t length, const char *platform,
		 unsigned *domain);

/* ------------------------------------------------------------------ descriptors out of the way */

/*
 * For libraries inside programs that count on low descriptor numbers (select, close then open):
 * from now on each descriptor that the library opens in this process is moved to a free number of
 * `lowest` or more as soon as it is there; it stays where it is when none is free below
 * RLIMIT_NOFILE. 0, as at first: nothing is moved. What is open already stays, and so do the few
 * that Xen's own libraries open for themselves (two a process for pages; for XenStore up to three
 * for each listener, each set-up under way and the process). A forked child inherits the setting.
 * Also holds for xsock_fd's descriptor, which select(2) cannot take from 1024 on. EINVAL below 0.
 */
int xsock_set_descriptor_floor(int lowest);

/*
 * 1 when the library has this descriptor open in this process, its own and those inside Xen's
 * libraries, else 0. For wrappers of close(2) and the like: takes no lock, is async-signal-safe,
 * costs one look in memory, leaves errno alone. While the library closes a descriptor, by close(2),
 * the answer is 0 already. In a forked child it holds for what the child still has of its parent's
 * sockets too. Numbers from 1048576 on are never known.
 */
int xsock_owns_descriptor(int fd);

/* ------------------------------------------------------------------ information */

/*
 * Who was the first to end one direction, for protocols that go on with it elsewhere: the sender,
 * by SHUT_WR or close, and all it sent is the receiver's; or the receiver, by SHUT_RD or close, and
 * what it had not received by then is the sender's again (xsock_send_withdraw). Both ends get the
 * same answer, however close the race was, from their own shutdown on. A peer that died without
 * either leaves it at NONE.
 */
enum xsock_cut { XSOCK_CUT_NONE = 0, XSOCK_CUT_BY_SENDER = 1, XSOCK_CUT_BY_RECEIVER = 2 };

/* Why a listener turned a request away. */
enum xsock_refusal {
	XSOCK_REFUSED_NONE = 0,
	XSOCK_REFUSED_CLASH = 1,      /* roles or directions that do not fit */
	XSOCK_REFUSED_MALFORMED = 2,  /* nonsense, another version, or never completed */
	XSOCK_REFUSED_PAGES = 3,      /* what the connector granted could not be used */
	XSOCK_REFUSED_RESOURCES = 4,  /* no grants, channels, descriptors or memory here */
	XSOCK_REFUSED_UNFINISHED = 5, /* the connector gave up, died or did not answer in time */
	XSOCK_REFUSED_REQUESTS = 6,   /* more nodes than a listener lets be: of one domain twice
				       * the backlog, on Xen 40 of those that anybody may make,
				       * in all four times the backlog */
	XSOCK_REFUSED_DOMAIN_BACKLOG = 7, /* from here on: over this limit in the options */
	XSOCK_REFUSED_BACKLOG = 8,
	XSOCK_REFUSED_DOMAIN_RATE = 9,
	XSOCK_REFUSED_RATE = 10,
	XSOCK_REFUSED_DOMAIN_CONNECTIONS = 11,
	XSOCK_REFUSED_CONNECTIONS = 12,
	XSOCK_REFUSED_DOMAIN_BYTES = 13,
	XSOCK_REFUSED_BYTES = 14,
	XSOCK_REFUSED_RING = 15
};
#define XSOCK_REFUSALS 24 /* with room for more */

struct xsock_info {
	const char *platform; /* "xen", "local" */
	unsigned own_domain;
	unsigned peer_domain;           /* vouched for by XenStore; own_domain for a listener */
	enum xsock_role role;           /* GRANT or MAP once connected */
	enum xsock_direction direction; /* TWO_WAY, ONE_WAY (not settled yet), SEND or RECV */
	size_t send_ring, recv_ring;    /* bytes, right now; 0 where there is none */
	uint64_t bytes_sent, bytes_received;
	uint64_t notifications_sent; /* wake-ups of the peer */
	uint64_t waits;              /* times this end slept */
	size_t bytes_to_receive;     /* ready for a receive now */
	size_t bytes_to_send;        /* free for a send now */
	uint64_t accepted, refused;  /* listener: connections accepted, requests turned away */
	char service[XSOCK_SERVICE_MAX + 1];
	enum xsock_cut send_cut, recv_cut;
	/* What the rings can grow to, and how often each was changed for a larger or smaller one.
	 */
	size_t send_ring_most, recv_ring_most;
	uint64_t send_ring_changes, recv_ring_changes;
	/* How often a larger or smaller ring was wished for in vain, by either end's limits. */
	uint64_t send_ring_refusals, recv_ring_refusals;
	/* Listener: what `refused` is the sum of; the last one, its domain, and a sentence. */
	uint64_t refused_by[XSOCK_REFUSALS]; /* by enum xsock_refusal */
	enum xsock_refusal last_refusal;
	unsigned last_refused_domain;
	char last_refusal_text[256];
};

/*
 * Fills `info`, of which the caller knows `size` bytes (sizeof *info): fields of a newer library
 * are left out, those an older one lacks are zero. EINVAL for size 0 or more than 4096.
 */
int xsock_get_info(struct xsock *socket, struct xsock_info *info, size_t size);

/*
 * A sentence about the last failure of this thread: which limit, what raises it, who said no. Never
 * NULL; valid until the thread's next call into the library. Survives calls that succeed.
 */
const char *xsock_last_error(void);

/* The library's version as run, "MAJOR.MINOR.PATCH"; XSOCK_VERSION is the one compiled against. */
const char *xsock_version(void);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/helper.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/numbers.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/sharing.h"
#include "preload/signals.h"
#include "preload/stream.h"
#include "preload/streams.h"

/* A program's own thread that waits does the work first, if it is scheduled within this time; which
 * grows as long as it is. */
#define PATIENCE_LEAST 2000000L /* ns */
#define PATIENCE_MOST 16000000L
#define EVENTS_AT_A_TIME 64
#define MEETINGS_INTERVAL 1000 /* ms */
/* How long a look waits for a thread that has taken an event and does not run. */
#define CATCH_UP_TURNS 100
#define CATCH_UP_MOMENT 50000L /* ns */

/* Labels of events: what is no stream; and, on streams, which have even addresses, that it is of
 * the TCP socket. */
#define SUMMONED ((uint64_t)0)
#define OF_TCP ((uint64_t)1)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool running;
static int bell = -1, kick = -1;
/* Made at the first fork, and never read: each write is an edge for every process's bell. */
static int summons = -1;
/* There are none, or they cannot be heard: this process looks from time to time. */
static bool deaf;
static struct stream *first, **last = &first;
static unsigned meetings; /* under way: no patience */
static unsigned workers;  /* threads that have taken events */
static int64_t look_at;   /* 0: no such time */

int helper_bell(void)
{
	return __atomic_load_n(&bell, __ATOMIC_ACQUIRE);
}

void helper_summon(void)
{
	eventfd_write(summons, 1);
}

/* ------------------------------------------------------------------ the queue */

static struct stream *take(void)
{
	struct stream *stream;

	helper_lock();
	stream = first;
	if (stream != NULL) {
		first = stream->next;
		stream->queued = false;
	}
	if (first == NULL)
		last = &first;
	helper_unlock();
	return stream;
}

static void start_meetings(void)
{
	struct stream *stream;

	while ((stream = take()) != NULL) {
		meeting_start(stream);
		stream_done(stream);
	}
}

/* ------------------------------------------------------------------ the thread */

static void be_patient(long patience)
{
	struct timespec time = { .tv_nsec = patience };

	if (__atomic_load_n(&meetings, __ATOMIC_ACQUIRE) == 0)
		nanosleep(&time, NULL);
}

static long new_patience(long patience, bool needed)
{
	if (needed)
		return PATIENCE_LEAST;
	return patience < PATIENCE_MOST ? 2 * patience : PATIENCE_MOST;
}

static bool is_deaf(void)
{
	return __atomic_load_n(&deaf, __ATOMIC_ACQUIRE) && sharing_is_possible();
}

/* What a summons would have led to. */
static void look_unsummoned(void)
{
	streams_answer_wanted();
	nudge_everybody();
}

/* Nobody may come to a meeting, ever. */
static int time_to_check_meetings(void)
{
	int64_t when = __atomic_exchange_n(&look_at, 0, __ATOMIC_ACQ_REL);
	int64_t left = when - now_ms();

	if (when == 0 || left > MEETINGS_INTERVAL)
		return MEETINGS_INTERVAL;
	return left > 0 ? (int)left : 0;
}

/* In ms, for poll. */
static int time_to_look(void)
{
	int time = -1;

	if (__atomic_load_n(&meetings, __ATOMIC_ACQUIRE) != 0)
		time = time_to_check_meetings();
	if (is_deaf() && (time < 0 || time > SHARING_SLICE))
		time = SHARING_SLICE;
	return time;
}

static void *run(void *nothing)
{
	struct pollfd entries[2] = { { .fd = bell, .events = POLLIN },
				     { .fd = kick, .events = POLLIN } };
	long patience = PATIENCE_LEAST;
	eventfd_t count;

	(void)nothing;
	for (;;) {
		bool waiting = __atomic_load_n(&meetings, __ATOMIC_ACQUIRE) != 0;

		real.poll(entries, 2, time_to_look());
		if ((entries[1].revents & POLLIN) != 0) {
			eventfd_read(kick, &count);
			start_meetings();
			streams_answer_wanted();
		} else if (entries[0].revents != 0) {
			be_patient(patience);
		}
		if (is_deaf())
			look_unsummoned();
		patience = new_patience(patience, helper_work());
		if (waiting)
			streams_check_meetings();
	}
	return NULL;
}

static bool start_thread(void)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 256 << 10);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0;
}

/* Or it is there already. */
static bool add(int fd, struct epoll_event *event)
{
	return fd >= 0 && (real.epoll_ctl(bell, EPOLL_CTL_ADD, fd, event) == 0 || errno == EEXIST);
}

static void watch_summons(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = SUMMONED };

	if (bell >= 0 && summons >= 0 && !add(summons, &event))
		__atomic_store_n(&deaf, true, __ATOMIC_RELEASE);
}

/* With the lock held. */
static bool start(void)
{
	if (running)
		return true;
	if (bell < 0)
		bell = number_raise(real.epoll_create1(EPOLL_CLOEXEC));
	watch_summons();
	if (kick < 0)
		kick = number_raise(real.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	running = bell >= 0 && kick >= 0 && start_thread();
	return running;
}

bool helper_start(void)
{
	bool started;

	helper_lock();
	started = start();
	helper_unlock();
	return started;
}

void helper_queue(struct stream *stream)
{
	bool started;

	helper_lock();
	started = start();
	if (started && !stream->queued) {
		stream_use_this(stream);
		stream->queued = true;
		stream->next = NULL;
		*last = stream;
		last = &stream->next;
		eventfd_write(kick, 1);
	}
	helper_unlock();
	if (!started)
		meeting_give_up(stream, NO_HELP);
}

/* ------------------------------------------------------------------ what is watched */

static struct epoll_event event_of(struct stream *stream, uint32_t events, uint64_t of_tcp)
{
	return (struct epoll_event){ .events = events | EPOLLET,
				     .data.u64 = (uint64_t)(uintptr_t)stream | of_tcp };
}

/* As another stream's, if its number was that before. */
static bool watch_socket(struct stream *stream, int fd)
{
	struct epoll_event event = event_of(stream, EPOLLIN, 0);

	return fd >= 0 && (real.epoll_ctl(bell, EPOLL_CTL_ADD, fd, &event) == 0 ||
			   real.epoll_ctl(bell, EPOLL_CTL_MOD, fd, &event) == 0);
}

bool helper_watch_meeting(struct stream *stream)
{
	struct xsock *socket = stream->listener != NULL ? stream->listener : stream->ring;

	if (stream->listener == NULL)
		xsock_set_events(socket, POLLOUT);
	return watch_socket(stream, xsock_fd(socket));
}

bool helper_watch_greeted(struct stream *stream)
{
	xsock_set_events(stream->ring, POLLIN | POLLERR);
	return watch_socket(stream, xsock_fd(stream->ring));
}

void helper_count_meetings(int change)
{
	if (change != 0)
		__atomic_add_fetch(&meetings, (unsigned)change, __ATOMIC_ACQ_REL);
}

void helper_look_at(int64_t when)
{
	int64_t before = __atomic_load_n(&look_at, __ATOMIC_ACQUIRE);

	while ((before == 0 || when < before) &&
	       !__atomic_compare_exchange_n(&look_at, &before, when, true, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE))
		;
}

void helper_unwatch(int fd)
{
	struct epoll_event none = { 0 };

	if (bell >= 0)
		real.epoll_ctl(bell, EPOLL_CTL_DEL, fd, &none);
}

bool helper_watch_ring(struct stream *stream)
{
	struct epoll_event event = event_of(stream, EPOLLIN | EPOLLOUT | EPOLLRDHUP, OF_TCP);

	/* Where it is watched already, to modify that would be an event, and each event comes to
	 * here. */
	return add(stream->parked, &event);
}

void helper_ask_for_space(struct stream *stream, bool ask)
{
	if (stream->space_asked == ask)
		return;
	stream->space_asked = ask;
	xsock_set_events(stream->ring, (short)(POLLIN | POLLERR | (ask ? POLLOUT : 0)));
}

/* ------------------------------------------------------------------ the work */

static void answer_summons(void)
{
	/* To leave a ring may take long: it is for the thread. */
	eventfd_write(kick, 1);
	/* Who waits for a connection may find that another process has its ring now. */
	nudge_everybody();
}

/* How many events there were. */
static int work_once(bool *done)
{
	struct epoll_event events[EVENTS_AT_A_TIME];
	int count = real.epoll_wait(bell, events, EVENTS_AT_A_TIME, 0);

	for (int at = 0; at < count; at++) {
		uint64_t label = events[at].data.u64;
		struct stream *stream = (struct stream *)(uintptr_t)(label & ~OF_TCP);

		if (label == SUMMONED)
			answer_summons();
		if (label == SUMMONED || !stream_try_use(stream))
			continue;
		ready_update(stream, (label & OF_TCP) != 0);
		stream_done(stream);
		*done = true;
	}
	return count;
}

bool helper_work(void)
{
	int count = helper_bell() < 0 ? 0 : EVENTS_AT_A_TIME, error = errno, cancel;
	bool done = false;

	while (count == EVENTS_AT_A_TIME) {
		signals_hold();
		/* A thread that ended in here would be waited for, and had taken events that nobody
		 * else gets. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		__atomic_add_fetch(&workers, 1, __ATOMIC_ACQ_REL);
		count = work_once(&done);
		__atomic_sub_fetch(&workers, 1, __ATOMIC_ACQ_REL);
		pthread_setcancelstate(cancel, NULL);
		signals_release();
	}
	errno = error;
	return done;
}

void helper_catch_up(void)
{
	const struct timespec moment = { .tv_nsec = CATCH_UP_MOMENT };
	int error = errno;

	helper_work();
	for (int turn = 0; turn < CATCH_UP_TURNS; turn++) {
		if (__atomic_load_n(&workers, __ATOMIC_ACQUIRE) == 0)
			break;
		nanosleep(&moment, NULL);
	}
	errno = error;
}

/* ------------------------------------------------------------------ fork */

void helper_before_fork(void)
{
	helper_lock();
	if (summons >= 0)
		return;
	summons = number_raise(real.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	watch_summons();
	if (summons < 0)
		__atomic_store_n(&deaf, true, __ATOMIC_RELEASE);
	/* It may be asleep without a limit. */
	if (deaf && kick >= 0)
		eventfd_write(kick, 1);
}

void helper_lock(void)
{
	signals_hold();
	pthread_mutex_lock(&lock);
}

void helper_unlock(void)
{
	pthread_mutex_unlock(&lock);
	signals_release();
}

/* The parent's thread has work of its own, not this process's. */
static void empty_queue(void)
{
	for (struct stream *stream = first; stream != NULL; stream = stream->next) {
		stream->queued = false;
		/* Nothing can be destroyed in a fork handler: then some memory is lost. */
		if (stream->users > 1)
			stream->users--;
	}
	first = NULL;
	last = &first;
}

void helper_forked(void)
{
	pthread_mutex_init(&lock, NULL);
	running = false;
	if (bell >= 0)
		number_close(bell);
	if (kick >= 0)
		number_close(kick);
	bell = kick = -1;
	empty_queue();
	meetings = workers = 0;
	signals_release();
}

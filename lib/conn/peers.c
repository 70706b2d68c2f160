/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/peers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fork.h"
#include "conn/address.h"
#include "conn/presence.h"

struct peer {
	struct peer *next;
	struct watcher *watcher;
	unsigned domain;
	unsigned connections;
	size_t pages;
	struct deadline alarm_again;
	bool gone;
	bool due;    /* its node changed: to be looked at */
	bool unread; /* and could not be read yet */
	struct peer_link *links;
};

/* One for each platform in use. */
struct watcher {
	struct watcher *next;
	struct platform *platform;
	struct store *store; /* NULL where channels tell all */
	bool restored;       /* this domain was: nothing of before is left */
	bool due;            /* its own node could not be read */
	struct peer *peers;
	unsigned connections;
	size_t pages;
};

static struct watcher *watchers;
static unsigned generation;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_peers(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_peers(void)
{
	pthread_mutex_unlock(&mutex);
}

static void guard_forks(void)
{
	pthread_atfork(lock_peers, unlock_peers, unlock_peers);
}

/* ------------------------------------------------------------------ watchers */

/* With this domain's own node among what it watches: when the domain is restored from a save, all
 * that it shared is gone, and nobody is told but by the kernel's watches, which fire once again. */
static int open_store(struct watcher *watcher)
{
	struct platform *platform = watcher->platform;
	char path[STORE_PATH_MAX];
	int error;

	if (platform->ops->channels_tell_all)
		return 0;
	error = platform->ops->store_open(platform, &watcher->store);
	if (error != 0)
		return error;
	path_alive(path, platform->self);
	error = platform->ops->store_watch(watcher->store, path);
	if (error != 0)
		platform->ops->store_close(watcher->store);
	return error;
}

static int watcher_get(struct platform *platform, struct watcher **found)
{
	struct watcher *watcher;
	int error;

	/* A forked child leaves its parent's alone; the sockets that used them are unusable there.
	 */
	if (generation != fork_generation()) {
		watchers = NULL;
		generation = fork_generation();
	}
	for (watcher = watchers; watcher != NULL; watcher = watcher->next)
		if (watcher->platform == platform) {
			*found = watcher;
			return 0;
		}
	watcher = calloc(1, sizeof *watcher);
	if (watcher == NULL)
		return fail(ENOMEM, "no memory for a peer domain's entry");
	watcher->platform = platform;
	error = open_store(watcher);
	if (error != 0) {
		free(watcher);
		return error;
	}
	watcher->next = watchers;
	watchers = watcher;
	*found = watcher;
	return 0;
}

/* The last peer takes its watcher along. */
static void watcher_put(struct watcher *watcher)
{
	struct watcher **at = &watchers;

	if (watcher->peers != NULL)
		return;
	while (*at != watcher)
		at = &(*at)->next;
	*at = watcher->next;
	if (watcher->store != NULL)
		watcher->platform->ops->store_close(watcher->store);
	free(watcher);
}

/* ------------------------------------------------------------------ peers */

/* 0, -ECONNRESET when the domain is gone, or why that is not known. */
static int check_alive(const struct watcher *watcher, unsigned domain)
{
	char path[STORE_PATH_MAX], value[8];
	ssize_t length;

	path_alive(path, domain);
	length = watcher->platform->ops->store_read(watcher->store, path, value, sizeof value);
	if (length == -ENOENT || length == -EACCES)
		return fail(ECONNRESET, "domain %u is gone", domain);
	return length < 0 && length != -E2BIG ? (int)length : 0;
}

static int peer_watch(struct peer *peer)
{
	const struct platform_ops *ops = peer->watcher->platform->ops;
	char path[STORE_PATH_MAX];
	int error;

	if (peer->watcher->store == NULL)
		return 0;
	path_alive(path, peer->domain);
	error = ops->store_watch(peer->watcher->store, path);
	if (error != 0)
		return error;
	error = check_alive(peer->watcher, peer->domain);
	if (error != 0) {
		failure_hold();
		ops->store_unwatch(peer->watcher->store, path);
		failure_release();
	}
	return error;
}

static int peer_get(struct watcher *watcher, unsigned domain, struct peer **found)
{
	struct peer *peer;
	int error;

	if (watcher->restored)
		return fail(ECONNRESET, "this domain was restored from a save meanwhile");
	for (peer = watcher->peers; peer != NULL; peer = peer->next)
		if (peer->domain == domain && !peer->gone) {
			*found = peer;
			return 0;
		}
	peer = calloc(1, sizeof *peer);
	if (peer == NULL)
		return fail(ENOMEM, "no memory for a peer domain's entry");
	*peer = (struct peer){ .watcher = watcher, .domain = domain };
	error = peer_watch(peer);
	if (error != 0) {
		free(peer);
		return error;
	}
	peer->next = watcher->peers;
	watcher->peers = peer;
	*found = peer;
	return 0;
}

static void peer_put(struct peer *peer)
{
	struct watcher *watcher = peer->watcher;
	struct peer **at = &watcher->peers;
	char path[STORE_PATH_MAX];

	if (peer->connections > 0)
		return;
	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	if (watcher->store != NULL && !peer->gone) {
		path_alive(path, peer->domain);
		watcher->platform->ops->store_unwatch(watcher->store, path);
	}
	free(peer);
	watcher_put(watcher);
}

struct holding {
	unsigned connections;
	size_t pages;
};

/* Also from before its sign of life went and came again, which a domain can do at will. */
static struct holding holding_of(const struct peer *peer)
{
	struct holding all = { 0 };

	for (const struct peer *at = peer->watcher->peers; at != NULL; at = at->next) {
		if (at->domain != peer->domain)
			continue;
		all.connections += at->connections;
		all.pages += at->pages;
	}
	return all;
}

static int check_connections(const struct peer *peer, struct peer_link *link)
{
	const struct peer_limits *limits = &link->limits;
	unsigned held = holding_of(peer).connections;

	if (limits->domain_connections > 0 && held >= limits->domain_connections) {
		link->over = CAUSE_DOMAIN_CONNECTIONS;
		return fail(
			EDQUOT,
			"domain %u has %u connections here, its limit (the option max_domain_connections)",
			peer->domain, held);
	}
	if (limits->connections > 0 && peer->watcher->connections >= limits->connections) {
		link->over = CAUSE_CONNECTIONS;
		return fail(EDQUOT,
			    "there are %u connections here, the limit (the option max_connections)",
			    peer->watcher->connections);
	}
	return 0;
}

static int join_counted(struct peer *peer, struct peer_link *link)
{
	int error = check_connections(peer, link);

	if (error != 0) {
		peer_put(peer);
		return error;
	}
	peer->connections++;
	peer->watcher->connections++;
	link->peer = peer;
	link->next = peer->links;
	peer->links = link;
	return 0;
}

int peer_join(struct platform *platform, unsigned domain, const struct peer_limits *limits,
	      struct peer_link *link, struct endpoint *endpoint)
{
	struct watcher *watcher = NULL;
	struct peer *peer = NULL;
	int error;

	*link = (struct peer_link){ .endpoint = endpoint, .limits = *limits };
	pthread_once(&once, guard_forks);
	lock_peers();
	error = watcher_get(platform, &watcher);
	if (error == 0) {
		error = peer_get(watcher, domain, &peer);
		if (error == 0)
			error = join_counted(peer, link);
		else
			watcher_put(watcher);
	}
	unlock_peers();
	return error;
}

static void give_back(struct peer_link *link, size_t pages)
{
	link->peer->pages -= pages;
	link->peer->watcher->pages -= pages;
	link->pages -= pages;
}

void peer_leave(struct peer_link *link)
{
	struct peer_link **at;

	if (link->peer == NULL)
		return;
	lock_peers();
	at = &link->peer->links;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	link->peer->connections--;
	link->peer->watcher->connections--;
	give_back(link, link->pages);
	peer_put(link->peer);
	link->peer = NULL;
	unlock_peers();
}

/* How often connections are alarmed for want of pages, at most. */
#define ALARM_AGAIN 10000 /* ms */

static void alarm_links(const struct peer *peer)
{
	for (struct peer_link *link = peer->links; link != NULL; link = link->next)
		endpoint_alarm(link->endpoint);
}

static void alarm_all(struct peer *peer)
{
	if (!deadline_passed(peer->alarm_again))
		return;
	peer->alarm_again = deadline_in(ALARM_AGAIN);
	alarm_links(peer);
}

static void alarm_everybody(const struct watcher *watcher)
{
	for (struct peer *peer = watcher->peers; peer != NULL; peer = peer->next)
		alarm_all(peer);
}

static bool has_room(size_t held, size_t more, size_t limit)
{
	return limit == 0 || (held <= limit && limit - held >= more);
}

static int check_pages(struct peer_link *link, size_t pages)
{
	struct peer *peer = link->peer;
	const struct watcher *watcher = peer->watcher;
	const struct peer_limits *limits = &link->limits;
	size_t held = holding_of(peer).pages;

	if (!has_room(held, pages, limits->domain_pages)) {
		link->over = CAUSE_DOMAIN_BYTES;
		alarm_all(peer);
		return fail(
			EDQUOT,
			"domain %u has %zu pages of rings here, %zu more are over the limit, %zu (the option max_domain_bytes)",
			peer->domain, held, pages, limits->domain_pages);
	}
	if (!has_room(watcher->pages, pages, limits->pages)) {
		link->over = CAUSE_BYTES;
		alarm_everybody(watcher);
		return fail(
			EDQUOT,
			"there are %zu pages of rings here, %zu more are over the limit, %zu (the option max_bytes)",
			watcher->pages, pages, limits->pages);
	}
	return 0;
}

int peer_claim(struct peer_link *link, size_t pages)
{
	int error;

	lock_peers();
	error = check_pages(link, pages);
	if (error == 0) {
		link->peer->pages += pages;
		link->peer->watcher->pages += pages;
		link->pages += pages;
	}
	unlock_peers();
	return error;
}

void peer_unclaim(struct peer_link *link, size_t pages)
{
	lock_peers();
	give_back(link, pages);
	unlock_peers();
}

int peer_fd(const struct peer_link *link)
{
	struct watcher *watcher;

	if (link->peer == NULL)
		return -1;
	watcher = link->peer->watcher;
	return watcher->store == NULL ? -1 : watcher->platform->ops->store_fd(watcher->store);
}

static bool is_of(const char *path, unsigned domain)
{
	char alive[STORE_PATH_MAX];

	path_alive(alive, domain);
	return strncmp(path, alive, strlen(path)) == 0;
}

static void note_gone(struct watcher *watcher, struct peer *peer)
{
	char path[STORE_PATH_MAX];

	path_alive(path, peer->domain);
	watcher->platform->ops->store_unwatch(watcher->store, path);
	peer->gone = true;
	for (struct peer_link *link = peer->links; link != NULL; link = link->next) {
		__atomic_store_n(&link->gone, true, __ATOMIC_RELEASE);
		endpoint_alarm(link->endpoint);
	}
}

/* Bounded: at most so many events at a time, the descriptor stays readable for the rest. */
#define EVENTS_AT_A_TIME 64

/* The path may be that of a node above, removed as a whole; "" is above all. */
static void mark_due(struct watcher *watcher, const char *path)
{
	for (struct peer *peer = watcher->peers; peer != NULL; peer = peer->next)
		if (!peer->gone && is_of(path, peer->domain))
			__atomic_store_n(&peer->due, true, __ATOMIC_RELAXED);
}

static void end_all(struct watcher *watcher)
{
	watcher->restored = true;
	presence_leave_behind(watcher->platform);
	for (struct peer *peer = watcher->peers; peer != NULL; peer = peer->next)
		if (!peer->gone)
			note_gone(watcher, peer);
}

/* What could not be read is looked at again; who sleeps does not know yet when. */
static void look_at_own(struct watcher *watcher)
{
	int lasts = presence_lasts(watcher->platform, watcher->store);
	bool unread = lasts < 0;

	if (lasts == 0)
		end_all(watcher);
	for (struct peer *peer = watcher->peers; unread && !watcher->due && peer != NULL;
	     peer = peer->next)
		alarm_links(peer);
	__atomic_store_n(&watcher->due, unread, __ATOMIC_RELAXED);
}

void peers_restored(const struct platform *platform)
{
	struct watcher *watcher;

	pthread_once(&once, guard_forks);
	lock_peers();
	for (watcher = generation == fork_generation() ? watchers : NULL; watcher != NULL;
	     watcher = watcher->next)
		if (watcher->platform == platform && watcher->store != NULL && !watcher->restored)
			end_all(watcher);
	unlock_peers();
}

bool peer_was_restored(const struct peer_link *link)
{
	struct watcher *watcher;
	bool restored = false;

	lock_peers();
	if (link->peer != NULL) {
		watcher = link->peer->watcher;
		if (watcher->store != NULL && !watcher->restored)
			look_at_own(watcher);
		restored = watcher->restored;
	}
	unlock_peers();
	return restored;
}

#define LOOK_AGAIN 100 /* ms */

static void look_at(struct watcher *watcher, struct peer *peer)
{
	int error = peer->due && !peer->gone ? check_alive(watcher, peer->domain) : 0;
	bool unread = error != 0 && error != -ECONNRESET;

	if (error == -ECONNRESET)
		note_gone(watcher, peer);
	/* It is looked at again, and whoever sleeps without a time to do so has to know, once. */
	__atomic_store_n(&peer->due, unread, __ATOMIC_RELAXED);
	if (unread && !peer->unread)
		alarm_links(peer);
	peer->unread = unread;
}

struct deadline peer_next_look(const struct peer_link *link)
{
	const struct peer *peer = link->peer;
	bool due = peer != NULL && (__atomic_load_n(&peer->due, __ATOMIC_RELAXED) ||
				    __atomic_load_n(&peer->watcher->due, __ATOMIC_RELAXED));

	return due ? deadline_in(LOOK_AGAIN) : (struct deadline){ .never = true };
}

void peer_drain(const struct peer_link *link)
{
	struct watcher *watcher;
	char path[STORE_PATH_MAX];
	bool own_due;

	if (link->peer == NULL || link->peer->watcher->store == NULL)
		return;
	lock_peers();
	watcher = link->peer->watcher;
	own_due = watcher->due;
	for (int count = 0; count < EVENTS_AT_A_TIME; count++) {
		int event = watcher->platform->ops->store_next(watcher->store, path, sizeof path);

		if (event == 0)
			break;
		/* One that could not be read may have been of any. */
		if (event < 0)
			path[0] = '\0';
		mark_due(watcher, path);
		own_due = own_due || is_of(path, watcher->platform->self);
		if (event < 0)
			break;
	}
	if (own_due)
		look_at_own(watcher);
	/* Once each, however often a domain touches its own node. */
	for (struct peer *peer = watcher->peers; peer != NULL; peer = peer->next)
		look_at(watcher, peer);
	unlock_peers();
}

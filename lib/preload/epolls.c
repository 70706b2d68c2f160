/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/epolls.h"

#include <errno.h>
#include <stdlib.h>

#include "preload/armed.h"
#include "preload/real.h"

void registrations_free(struct registrations *registrations)
{
	free(registrations->entries);
	*registrations = (struct registrations){ 0 };
}

static struct registration *find(struct registrations *registrations, int epoll_fd, int fd)
{
	for (size_t at = 0; at < registrations->count; at++)
		if (registrations->entries[at].epoll_fd == epoll_fd &&
		    registrations->entries[at].fd == fd)
			return &registrations->entries[at];
	return NULL;
}

static struct registration *add(struct registrations *registrations)
{
	size_t size = registrations->size == 0 ? 4 : 2 * registrations->size;
	struct registration *entries;

	if (registrations->count == registrations->size) {
		entries = realloc(registrations->entries, size * sizeof *entries);
		if (entries == NULL)
			return NULL;
		registrations->entries = entries;
		registrations->size = size;
	}
	return &registrations->entries[registrations->count++];
}

static void drop(struct registrations *registrations, size_t at)
{
	registrations->entries[at] = registrations->entries[--registrations->count];
}

static bool all_edges;

void registrations_all_edges(void)
{
	all_edges = true;
}

void registrations_want_edges(struct registrations *registrations)
{
	__atomic_store_n(&registrations->edge, true, __ATOMIC_RELAXED);
}

void registrations_note(struct registrations *registrations, int epoll_fd, int operation, int fd,
			const struct epoll_event *event)
{
	struct registration *entry = find(registrations, epoll_fd, fd);

	if (operation == EPOLL_CTL_DEL) {
		if (entry != NULL)
			drop(registrations, (size_t)(entry - registrations->entries));
		return;
	}
	if ((event->events & EPOLLET) != 0 || all_edges)
		registrations_want_edges(registrations);
	if (entry == NULL)
		entry = add(registrations);
	if (entry == NULL) {
		registrations->lost = true;
		return;
	}
	*entry = (struct registration){ .epoll_fd = epoll_fd, .fd = fd, .event = *event };
}

void registrations_forget_number(struct registrations *registrations, int fd)
{
	for (size_t at = registrations->count; at-- > 0;)
		if (registrations->entries[at].fd == fd)
			drop(registrations, at);
}

void registrations_forget_set(struct registrations *registrations, int epoll_fd)
{
	for (size_t at = registrations->count; at-- > 0;)
		if (registrations->entries[at].epoll_fd == epoll_fd)
			drop(registrations, at);
}

void registrations_fired(struct registrations *registrations, int epoll_fd,
			 const struct epoll_event *event)
{
	for (size_t at = 0; at < registrations->count; at++) {
		struct registration *entry = &registrations->entries[at];

		if (entry->epoll_fd == epoll_fd && (entry->event.events & EPOLLONESHOT) != 0 &&
		    entry->event.data.u64 == event->data.u64)
			entry->fired = true;
	}
}

void registrations_share(struct registrations *registrations)
{
	for (size_t at = 0; at < registrations->count; at++)
		registrations->entries[at].shared = true;
}

void registrations_forked(struct registrations *registrations)
{
	registrations_share(registrations);
	for (size_t at = 0; at < registrations->count; at++)
		registrations->entries[at].foreign = true;
}

bool registrations_in(const struct registrations *registrations, int epoll_fd)
{
	for (size_t at = 0; at < registrations->count; at++)
		if (registrations->entries[at].epoll_fd == epoll_fd)
			return true;
	return false;
}

bool registrations_movable(const struct registrations *registrations)
{
	for (size_t at = 0; at < registrations->count; at++)
		if (registrations->entries[at].foreign)
			return false;
	return !registrations->lost;
}

void registrations_ring(const struct registrations *registrations)
{
	for (size_t at = 0; at < registrations->count; at++) {
		struct registration entry = registrations->entries[at];

		if ((entry.event.events & (EPOLLIN | EPOLLRDNORM)) != 0 &&
		    (entry.event.events & (EPOLLET | EPOLLONESHOT)) == EPOLLET && !entry.out)
			real.epoll_ctl(entry.epoll_fd, EPOLL_CTL_MOD, entry.fd, &entry.event);
	}
}

bool registrations_any_out(const struct registrations *registrations)
{
	for (size_t at = 0; at < registrations->count; at++)
		if (registrations->entries[at].out)
			return true;
	return false;
}

bool registrations_is_out(struct registrations *registrations, int epoll_fd, int fd)
{
	const struct registration *entry = find(registrations, epoll_fd, fd);

	return entry != NULL && entry->out;
}

void registrations_take_out(struct registrations *registrations, int fd, bool foreign_too)
{
	struct epoll_event none = { 0 };

	for (size_t at = 0; at < registrations->count; at++) {
		struct registration *entry = &registrations->entries[at];
		bool there;

		if (entry->fd != fd || entry->out)
			continue;
		entry->moved = entry->foreign && !foreign_too;
		if (entry->moved)
			continue;
		if ((entry->event.events & EPOLLONESHOT) != 0 && !entry->fired)
			entry->fired = !registration_is_armed(entry->epoll_fd, fd);
		there = real.epoll_ctl(entry->epoll_fd, EPOLL_CTL_DEL, fd, &none) == 0;
		/* Another process has moved it already, or taken it out for good. */
		entry->moved = entry->shared && !there;
	}
}

/* The place just given back may be taken, or memory be short, for a moment. */
#define ATTEMPTS 10

static bool put(struct registration *entry)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++)
		if (real.epoll_ctl(entry->epoll_fd, EPOLL_CTL_ADD, entry->fd, &entry->event) == 0 ||
		    (errno != ENOSPC && errno != ENOMEM))
			return true;
	return false;
}

bool registrations_put_in(struct registrations *registrations, int fd)
{
	bool all = true;

	for (size_t at = 0; at < registrations->count; at++) {
		struct registration *entry = &registrations->entries[at];

		if (entry->fd != fd || entry->moved)
			continue;
		/* What EPOLLONESHOT has disarmed cannot be put in disarmed: errors would show. */
		entry->out = entry->fired;
		if (!entry->out)
			entry->out = !put(entry);
		all = all && (entry->fired || !entry->out);
	}
	return all;
}

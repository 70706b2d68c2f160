/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/handlers.h"

#include <pthread.h>
#include <stdatomic.h>

#include "preload/real.h"
#include "preload/signals.h"

/* Read in handlers, which wait for nobody: a change fills the half that is not in use, then `turn`
 * says that it is. All accesses in one order, so that who sees a half changed sees `turn` moved. */
struct entry {
	atomic_uint turn;
	struct {
		atomic_uintptr_t function;
		atomic_int flags;
	} half[2];
};

static struct entry entries[NSIG];

/* Among those that change something. Taken with all signals blocked, so that a handler finds it
 * free or with a thread that is about to give it back. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take_lock(sigset_t *mask)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
	pthread_mutex_lock(&lock);
}

static void drop_lock(const sigset_t *mask)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

static struct handler get(int number)
{
	struct entry *entry = &entries[number];
	struct handler handler;
	unsigned turn;

	do {
		turn = atomic_load(&entry->turn);
		handler.function = atomic_load(&entry->half[turn % 2].function);
		handler.flags = atomic_load(&entry->half[turn % 2].flags);
	} while (atomic_load(&entry->turn) != turn);
	return handler;
}

static void put(int number, struct handler handler)
{
	struct entry *entry = &entries[number];
	unsigned turn = atomic_load(&entry->turn) + 1;

	atomic_store(&entry->half[turn % 2].function, handler.function);
	atomic_store(&entry->half[turn % 2].flags, handler.flags);
	atomic_store(&entry->turn, turn);
}

/* Not signals_enter: a program can have it from the kernel, past this library, and bring it back.
 */
static bool is_handler(const struct sigaction *action)
{
	return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN &&
	       action->sa_sigaction != signals_enter;
}

static struct handler handler_of(const struct sigaction *action)
{
	return (struct handler){ .function = (uintptr_t)action->sa_sigaction,
				 .flags = action->sa_flags };
}

/* What the kernel is told. With SA_RESETHAND it would forget a handler that is only put off. */
static struct sigaction wrapped(const struct sigaction *action)
{
	struct sigaction wrapped = *action;

	wrapped.sa_sigaction = signals_enter;
	wrapped.sa_flags = (action->sa_flags | SA_SIGINFO) & ~(int)SA_RESETHAND;
	return wrapped;
}

/* And what the program is told that the kernel said. */
static void unwrap(struct sigaction *action, struct handler handler)
{
	const int hidden = SA_SIGINFO | (int)SA_RESETHAND;

	if (action->sa_sigaction != signals_enter)
		return;
	action->sa_sigaction = (void (*)(int, siginfo_t *, void *))handler.function;
	action->sa_flags = (action->sa_flags & ~hidden) | (handler.flags & hidden);
}

static int install(int number, const struct sigaction *action, struct sigaction *old)
{
	struct handler before = get(number);
	struct sigaction changed = wrapped(action);
	int result;

	/* In the table first: signals_enter may run before the kernel has answered. */
	put(number, handler_of(action));
	result = real.sigaction(number, &changed, old);
	if (result != 0)
		put(number, before);
	else
		unwrap(old, before);
	return result;
}

static int change(int number, const struct sigaction *action, struct sigaction *old)
{
	int result;

	if (action != NULL && is_handler(action))
		return install(number, action, old);
	result = real.sigaction(number, action, old);
	if (result == 0)
		unwrap(old, get(number));
	return result;
}

/* Neither before nor after is there a handler: the kernel does it at once, as ever; curl asks it to six times a transfer. */
static bool is_plain(int number, const struct sigaction *action)
{
	return atomic_load(&entries[number].turn) == 0 && (action == NULL || !is_handler(action));
}

int handlers_action(int number, const struct sigaction *action, struct sigaction *old)
{
	struct sigaction wanted, before;
	sigset_t mask;
	int result;

	real_ready();
	if (number < 1 || number >= NSIG)
		return real.sigaction(number, action, old);
	/* The program's memory is touched while nothing is locked: it may not be there. */
	if (action != NULL)
		wanted = *action;
	if (is_plain(number, action != NULL ? &wanted : NULL)) {
		result = change(number, action != NULL ? &wanted : NULL, &before);
	} else {
		take_lock(&mask);
		result = change(number, action != NULL ? &wanted : NULL, &before);
		drop_lock(&mask);
	}
	if (result == 0 && old != NULL)
		*old = before;
	return result;
}

/* SA_RESETHAND for one of the threads that the signal reached at the same time. */
static bool take_once(int number, struct handler *handler)
{
	struct sigaction now;
	sigset_t mask;
	bool there;

	take_lock(&mask);
	there = real.sigaction(number, NULL, &now) == 0 && now.sa_sigaction == signals_enter;
	*handler = get(number);
	if (there && (handler->flags & (int)SA_RESETHAND) != 0) {
		unwrap(&now, *handler);
		now.sa_handler = SIG_DFL;
		real.sigaction(number, &now, NULL);
	}
	drop_lock(&mask);
	return there;
}

bool handlers_take(int number, struct handler *handler)
{
	*handler = get(number);
	return (handler->flags & (int)SA_RESETHAND) == 0 || take_once(number, handler);
}

void handler_call(const struct handler *handler, int number, siginfo_t *info, void *context)
{
	if ((handler->flags & SA_SIGINFO) != 0)
		((void (*)(int, siginfo_t *, void *))handler->function)(number, info, context);
	else
		((void (*)(int))handler->function)(number);
}

void handlers_forked(void)
{
	pthread_mutex_init(&lock, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which platform this process uses: at most one instance of each, counted. */
#include "platform/platform.h"

#include "base/environment.h"
#include "base/error.h"
#include "base/fork.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct choice {
	const char *name;
	const struct platform_ops *ops; /* NULL when this build leaves it out */
	struct platform *instance;
};

/* In order of preference. */
static struct choice choices[] = {
#ifdef XSOCK_WITH_XEN
	{ .name = "xen", .ops = &xen_platform_ops },
#else
	{ .name = "xen" },
#endif
#ifdef XSOCK_WITH_LOCAL
	{ .name = "local", .ops = &local_platform_ops },
#else
	{ .name = "local" },
#endif
};

#define CHOICES (sizeof choices / sizeof choices[0])

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock_choices(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_choices(void)
{
	pthread_mutex_unlock(&mutex);
}

static void start(void)
{
	/* In this order: fork() then takes the mutex here before the one that ops->open takes below
	 * it. */
	fork_start();
	pthread_atfork(lock_choices, unlock_choices, unlock_choices);
}

static int open_choice(struct choice *choice, struct platform **platform)
{
	struct platform *instance = choice->instance;

	/* A forked child lets its parent's instance be: platform_put frees it in time. */
	if (!instance || instance->generation != fork_generation()) {
		int result = choice->ops->open(&instance);

		if (result < 0)
			return result;
		instance->ops = choice->ops;
		instance->generation = fork_generation();
		instance->references = 0;
		choice->instance = instance;
	}
	/* cppcheck-suppress nullPointerRedundantCheck; it was opened */
	instance->references++;
	*platform = instance;
	return 0;
}

/* `look`: see platform_look. */
static int use_choice(struct choice *choice, bool look, struct platform **platform)
{
	int result;

	if (look && choice->ops->store_is_empty && choice->ops->store_is_empty())
		return 0;
	result = open_choice(choice, platform);
	return result < 0 ? result : 1;
}

static int open_named(const char *name, bool look, struct platform **platform)
{
	for (size_t i = 0; i < CHOICES; i++) {
		int result;

		if (strcmp(choices[i].name, name))
			continue;
		if (!choices[i].ops)
			return fail(ENODEV,
				    "this build of the library leaves the platform \"%s\" out",
				    name);
		result = choices[i].ops->probe();
		if (result < 0)
			return -ENODEV; /* probe left the sentence */
		return use_choice(&choices[i], look, platform);
	}
	return fail(EINVAL, "no platform is called \"%.32s\": \"xen\" and \"local\" are", name);
}

static int open_best(bool look, struct platform **platform)
{
	char reasons[CHOICES][200];

	for (size_t i = 0; i < CHOICES; i++) {
		if (!choices[i].ops)
			snprintf(reasons[i], sizeof reasons[i], "left out of this build");
		else if (choices[i].ops->probe() < 0)
			snprintf(reasons[i], sizeof reasons[i], "%s", last_failure());
		else
			return use_choice(&choices[i], look, platform);
	}
	return fail(ENODEV, "no platform works here; xen: %s; local: %s", reasons[0], reasons[1]);
}

static int use(const char *name, bool look, struct platform **platform)
{
	int result;

	if (!name)
		name = environment(VARIABLE_PLATFORM);
	pthread_once(&once, start);
	pthread_mutex_lock(&mutex);
	if (name && *name)
		result = open_named(name, look, platform);
	else
		result = open_best(look, platform);
	pthread_mutex_unlock(&mutex);
	return result;
}

int platform_get(const char *name, struct platform **platform)
{
	int result = use(name, false, platform);

	return result < 0 ? result : 0;
}

int platform_look(const char *name, struct platform **platform)
{
	return use(name, true, platform);
}

void platform_hold(struct platform *platform)
{
	pthread_mutex_lock(&mutex);
	platform->references++;
	pthread_mutex_unlock(&mutex);
}

static void forget(const struct platform *platform)
{
	for (size_t i = 0; i < CHOICES; i++)
		if (choices[i].instance == platform)
			choices[i].instance = NULL;
}

void platform_retire(struct platform *platform)
{
	pthread_mutex_lock(&mutex);
	forget(platform);
	platform->retired = true;
	pthread_mutex_unlock(&mutex);
}

void platform_put(struct platform *platform)
{
	pthread_mutex_lock(&mutex);
	if (--platform->references == 0) {
		forget(platform);
		if (platform->generation == fork_generation())
			platform->ops->close(platform);
		else
			platform->ops->abandon(platform);
	}
	pthread_mutex_unlock(&mutex);
}

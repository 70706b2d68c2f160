/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting an actor's process. */
#ifndef TESTS_PRELOAD_SOAK_SPAWN_H
#define TESTS_PRELOAD_SOAK_SPAWN_H

#include "world.h"

/* Fills in the process and the channels; false with a message. */
bool spawn_actor(const struct setup *setup, enum end end, struct actor_end *actor);
void close_channels(struct actor_end *actor);

/* Where things are in the setup's directory. */
void setup_path(const struct setup *setup, const char *name, char *path, size_t size);

#endif

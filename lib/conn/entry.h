/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request to a listener, from the moment it is read until its node is gone. All calls with the
 * listener's lock held.
 */
#ifndef XSOCK_CONN_ENTRY_H
#define XSOCK_CONN_ENTRY_H

#include "conn/listener.h"

/* Something changed at this node below the listener's: a new request, a changed one, or none any
 * more. `place` is the allowed domain whose directory it lies in, or -1 for the one of all. */
void entry_look(struct listener *listener, const char *path, long place);
/* Of a node that a list of its place names: true when it is still to be looked at in this round. */
bool entry_find(struct listener *listener, const char *path);
/* Before all places are listed, and after it: what was not found is gone. */
void entries_miss(struct listener *listener);
void entries_drop_missed(struct listener *listener);
/* Goes on with the set-ups under way and drops what took too long. */
void entries_step(struct listener *listener);
struct deadline entries_deadline(const struct listener *listener);
/* Drops all, turning away the set-ups under way. `touch`: also what is shared. */
void entries_drop(struct listener *listener, bool touch);

#endif

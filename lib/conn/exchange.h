/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps by which two ends change a direction's ring for another: wish, offer, map, turn, unmap,
 * ungrant. With the lock of the direction's half held. */
#ifndef XSOCK_CONN_EXCHANGE_H
#define XSOCK_CONN_EXCHANGE_H

#include "conn/growth.h"

/* The writer may wish: nothing is under way. */
bool exchange_idle(const struct connection *connection, const struct growth *growth);
/* The writer's wish for a ring of so many pages. */
void exchange_wish(struct connection *connection, struct growth *growth, uint32_t pages);
/* What is due; -EPROTO when the peer says what cannot be. */
int exchange_step(struct connection *connection, struct growth *growth);
/* As growth_close. */
void exchange_close(struct connection *connection, struct growth *growth, bool wipe);

/* What this end, and the other, says about growth. */
struct control_growth *exchange_own_words(const struct connection *connection);
const struct control_growth *exchange_peer_words(const struct connection *connection);
/* Pages that a ring of the direction may have. */
bool exchange_pages_valid(const struct growth *growth, uint32_t pages);

#endif

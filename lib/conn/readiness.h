/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a connection's endpoint can say and has to do. */
#ifndef XSOCK_CONN_READINESS_H
#define XSOCK_CONN_READINESS_H

#include "conn/endpoint.h"

extern const struct endpoint_ops connection_endpoint_ops;

#endif

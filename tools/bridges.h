/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This domain's own addresses where guests are connected to it: on bridges with their devices. */
#ifndef TOOLS_BRIDGES_H
#define TOOLS_BRIDGES_H

#include "claims.h"
#include "vifs.h"

/* False after a complaint. */
bool bridges_collect(const struct vifs *vifs, unsigned own_domain, struct claims *claims);

#endif

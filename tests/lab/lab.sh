# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a suite has at hand: a suite is a busybox ash script in dom0 that begins with ". /lab/lab.sh".

. /lab/environment.sh
. /lab/conf
. /lab/wait.sh
. /lab/tap.sh
. /lab/jobs.sh
. /lab/guests.sh
. /lab/counters.sh
. /lab/domains.sh
. /lab/sides.sh
. /lab/bench.sh
. /lab/attacks.sh

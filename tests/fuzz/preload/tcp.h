/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program's one TCP socket, as an honest kernel has it, whose other end sends, ends and resets
 * whenever the input says so. */
#ifndef XSOCK_TESTS_FUZZ_TCP_H
#define XSOCK_TESTS_FUZZ_TCP_H

#include <stdint.h>

#define TCP_NUMBER 100 /* the program's descriptor */
#define TCP_PARKED 101 /* the library's duplicate of it */
#define BELL_STAND 102
#define BELL_DRIVER 103

void tcp_begin(void);
/* What stands at the program's number in its place, while there is a ring, shows. */
void tcp_set_bell(short events);
/* What the peer does over TCP. */
void tcp_come(unsigned bytes);
void tcp_end(void);
/* How many bytes the peer has sent. */
uint64_t tcp_position(void);

#endif

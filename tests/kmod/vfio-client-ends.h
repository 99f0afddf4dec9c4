/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A port in host mode and both of its ends: the guest's by registers, the host's by the
 * terminal, which never blocks.
 */
#ifndef VFIO_CLIENT_ENDS_H
#define VFIO_CLIENT_ENDS_H

#include <linux/serial.h>
#include <termios.h>

#include "vfio-client-mtty.h"

#define LSR_IDLE	(UART_LSR_THRE | UART_LSR_TEMT)
#define XON		0x11
#define XOFF		0x13

/* For what is sure to come; a test that passes never waits this long. */
#define TTY_WAIT_MS	120000

struct ends {
	const struct mtty *mtty;
	unsigned int port;
	int tty;
};

/* Both ends with these flags, 8n1 at the guest's, with nothing under way. */
void ends_set_up(const struct ends *ends, tcflag_t iflag, tcflag_t cflag);

uint8_t guest_in(const struct ends *ends, unsigned int reg);
void guest_out(const struct ends *ends, unsigned int reg, uint8_t value);
/* Whether that is what has arrived, with these errors, and the transmitter is empty. */
bool guest_hears(const struct ends *ends, uint8_t errors, uint8_t byte);

/* Bails out if it cannot be opened. */
int tty_open(const struct mtty *mtty, unsigned int port);
bool tty_ready(const struct ends *ends, short events, int timeout);
bool tty_says(const struct ends *ends, const char *text);
/* Waits for bytes to arrive. */
bool tty_hears(const struct ends *ends, const void *expected, size_t size);
/* Whether tcdrain() returns by itself. */
bool tty_drains(const struct ends *ends);
struct serial_icounter_struct tty_counters(const struct ends *ends);

#endif

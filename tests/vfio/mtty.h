/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ports of mtty: their registers, a small driver, and, of a port in host mode, both of its ends:
 * the guest's by registers, the host's by the terminal, which never blocks.
 */
#ifndef VFIO_MTTY_H
#define VFIO_MTTY_H

#include <linux/serial.h>
#include <linux/serial_reg.h>
#include <termios.h>

#include "check.h"

#define FIFO		UART_FCR_ENABLE_FIFO
#define IIR_FIFOS	0xc0
#define LSR_IDLE	(UART_LSR_THRE | UART_LSR_TEMT)
#define XON		0x11
#define XOFF		0x13

/* For what is sure to come; a test that passes never waits this long. */
#define TTY_WAIT_MS	120000

/* A register of a port: for accesses that cannot fail. */
uint8_t uart_in(struct device *dev, unsigned int port, unsigned int reg);
void uart_out(struct device *dev, unsigned int port, unsigned int reg, uint8_t value);

/* A port as a driver sets it up: 8 bit words, no interrupts, empty, nothing pending. */
void uart_set_up(struct device *dev, unsigned int port, uint8_t fcr);

/* What a byte at a position of the tests' data is. */
uint8_t byte_at(size_t position);

/*
 * Sends so many bytes in bursts, each awaited, and compares what comes back, asking LSR for
 * everything; the count of bytes that came back right, one after the other.
 */
size_t uart_poll_bursts(struct device *dev, unsigned int port, size_t total, size_t burst);
/* The same in one burst. */
size_t uart_poll_bytes(struct device *dev, unsigned int port, size_t total);

/* Whether the device answers as it does after power-on, and carries data. */
bool mtty_works(struct device *dev);

/* That as a check. */
void mtty_works_still(struct device *dev);

/* The interrupt of the port is raised by enabling it, as its transmitter is empty. */
void uart_raise(struct device *dev, unsigned int port);

struct ends {
	struct device *dev;
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
int tty_open(struct device *dev, unsigned int port);
bool tty_ready(const struct ends *ends, short events, int timeout);
bool tty_says(const struct ends *ends, const char *text);
/* Waits for bytes to arrive. */
bool tty_hears(const struct ends *ends, const void *expected, size_t size);
/* Whether tcdrain() returns by itself. */
bool tty_drains(const struct ends *ends);
struct serial_icounter_struct tty_counters(const struct ends *ends);

/* In serial.c, a check like that of tty.c. */
void serial(struct device *dev);

#endif

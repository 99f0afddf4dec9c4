/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mtty as its user expects it: every size, number and bit that the tests rely on is in
 * vfio-client-mtty.c and nowhere else. Below that, registers and a small driver.
 */
#ifndef VFIO_CLIENT_MTTY_H
#define VFIO_CLIENT_MTTY_H

#include <linux/serial_reg.h>

#include "vfio-client.h"

#define MTTY_CONFIG_SIZE	256
#define MTTY_BAR_SIZE		8

struct mtty_expected {
	const char *type;
	unsigned int ports;
	uint32_t device_flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	struct {
		uint64_t size;
		uint32_t flags;
	} region[VFIO_PCI_NUM_REGIONS];
	struct {
		uint32_t count;
		uint32_t flags;
	} irq[VFIO_PCI_NUM_IRQS];
	uint8_t config[MTTY_CONFIG_SIZE];
	uint8_t config_writable[MTTY_CONFIG_SIZE];
};

struct mtty {
	struct vfio_client client;
	const struct mtty_expected *expected;
};

/* Opens the device and finds what to expect of it; bails out if that does not work. */
void mtty_open(struct mtty *mtty, const char *uuid);
void mtty_close(struct mtty *mtty);

/* A register of a port. An error bails out: these are for accesses that cannot fail. */
uint8_t mtty_in(const struct mtty *mtty, unsigned int port, unsigned int reg);
void mtty_out(const struct mtty *mtty, unsigned int port, unsigned int reg, uint8_t value);

/* A port as a driver sets it up: 8 bit words, no interrupts, empty, nothing pending. */
void mtty_set_up_port(const struct mtty *mtty, unsigned int port, uint8_t fcr);

/* What a byte at a position of the tests' data is. */
uint8_t mtty_byte_at(size_t position);

/*
 * Sends so many bytes and compares what comes back, asking LSR for everything; the count of
 * bytes that came back right, one after the other.
 */
size_t mtty_poll_bytes(const struct mtty *mtty, unsigned int port, size_t total);

/* The same in bursts, each awaited. */
size_t mtty_poll_bursts(const struct mtty *mtty, unsigned int port, size_t total, size_t burst);

/* Whether the device answers as it does after power-on, and carries data. */
bool mtty_is_sane(const struct mtty *mtty);

/* The interrupt of the port is raised by enabling it, as its transmitter is empty. */
void mtty_raise_interrupt(const struct mtty *mtty, unsigned int port);
void mtty_drop_interrupt(const struct mtty *mtty, unsigned int port);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * count-registers UUID: what an access to a UART's register through VFIO costs, and an interrupt,
 * by the clock of a machine in which a nanosecond is an instruction. Prints the three figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/serial_reg.h>

#include "../vfio/device.h"

#define ACCESSES 20000
#define INTERRUPTS 1000

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + (unsigned long long)time.tv_nsec;
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void out(struct device *dev, unsigned int reg, uint8_t value)
{
	check(vfio_write(dev, 0, reg, &value, 1) == 1, "writing a register");
}

static uint8_t in(struct device *dev, unsigned int reg)
{
	uint8_t value;

	check(vfio_read(dev, 0, reg, &value, 1) == 1, "reading a register");
	return value;
}

static unsigned long long reads(struct device *dev)
{
	unsigned long long start = now();
	unsigned int i;

	for (i = 0; i < ACCESSES; i++)
		in(dev, UART_LSR);
	return (now() - start) / ACCESSES;
}

static unsigned long long writes(struct device *dev)
{
	unsigned long long start = now();
	unsigned int i;

	for (i = 0; i < ACCESSES; i++)
		out(dev, UART_SCR, (uint8_t)i);
	return (now() - start) / ACCESSES;
}

/* Raised by an empty transmitter, waited for, served, and unmasked by an eventfd, as KVM does it. */
static unsigned long long interrupts(struct device *dev)
{
	int raised = eventfd(0, 0), unmask = eventfd(0, 0);
	unsigned long long start;
	uint64_t count = 1;
	unsigned int i;

	check(!vfio_irq_eventfd(dev, TRIGGER, INTX, raised), "setting an eventfd");
	check(!vfio_irq_eventfd(dev, UNMASK, INTX, unmask), "setting an eventfd to unmask");
	start = now();
	for (i = 0; i < INTERRUPTS; i++) {
		out(dev, UART_IER, UART_IER_THRI);
		check(read(raised, &count, sizeof(count)) == sizeof(count), "waiting");
		out(dev, UART_IER, 0);
		count = 1;
		check(write(unmask, &count, sizeof(count)) == sizeof(count), "unmasking");
	}
	return (now() - start) / INTERRUPTS;
}

int main(int argc, char **argv)
{
	struct device dev = { 0 };

	if (argc < 2)
		return 1;
	dev.uuid = argv[1];
	if (vfio_open(&dev))
		return 1;
	reads(&dev);
	writes(&dev);
	printf("%llu %llu", reads(&dev), writes(&dev));
	/* Linux's sample takes no eventfd to unmask. */
	if (argc == 2)
		printf(" %llu", interrupts(&dev));
	putchar('\n');
	vfio_close(&dev);
	return 0;
}

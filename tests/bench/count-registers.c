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

#include "../kmod/vfio-client.h"

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

static void out(struct vfio_client *client, unsigned int reg, uint8_t value)
{
	check(vfio_client_write(client, 0, reg, &value, 1) == 1, "writing a register");
}

static uint8_t in(struct vfio_client *client, unsigned int reg)
{
	uint8_t value;

	check(vfio_client_read(client, 0, reg, &value, 1) == 1, "reading a register");
	return value;
}

static unsigned long long reads(struct vfio_client *client)
{
	unsigned long long start = now();
	unsigned int i;

	for (i = 0; i < ACCESSES; i++)
		in(client, UART_LSR);
	return (now() - start) / ACCESSES;
}

static unsigned long long writes(struct vfio_client *client)
{
	unsigned long long start = now();
	unsigned int i;

	for (i = 0; i < ACCESSES; i++)
		out(client, UART_SCR, (uint8_t)i);
	return (now() - start) / ACCESSES;
}

/* Raised by an empty transmitter, waited for, served, and unmasked by an eventfd, as KVM does it. */
static unsigned long long interrupts(struct vfio_client *client)
{
	int raised = eventfd(0, 0), unmask = eventfd(0, 0);
	unsigned long long start;
	uint64_t count = 1;
	unsigned int i;

	check(!vfio_client_irq_eventfd(client, VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_INTX_IRQ_INDEX, raised),
	      "setting an eventfd");
	check(!vfio_client_irq_eventfd(client, VFIO_IRQ_SET_ACTION_UNMASK, VFIO_PCI_INTX_IRQ_INDEX, unmask),
	      "setting an eventfd to unmask");
	start = now();
	for (i = 0; i < INTERRUPTS; i++) {
		out(client, UART_IER, UART_IER_THRI);
		check(read(raised, &count, sizeof(count)) == sizeof(count), "waiting");
		out(client, UART_IER, 0);
		count = 1;
		check(write(unmask, &count, sizeof(count)) == sizeof(count), "unmasking");
	}
	return (now() - start) / INTERRUPTS;
}

int main(int argc, char **argv)
{
	struct vfio_client client;

	if (argc < 2 || vfio_client_open(&client, argv[1]))
		return 1;
	reads(&client);
	writes(&client);
	printf("%llu %llu", reads(&client), writes(&client));
	/* Linux's sample takes no eventfd to unmask. */
	if (argc == 2)
		printf(" %llu", interrupts(&client));
	putchar('\n');
	vfio_client_close(&client);
	return 0;
}

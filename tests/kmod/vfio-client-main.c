// SPDX-License-Identifier: GPL-2.0-only
/* vfio-client: tests of one mtty device through VFIO, run as root where it exists. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define MAX_NUMBERS 2

struct command {
	const char *name;
	const char *arguments;
	unsigned int numbers_min;
	unsigned int numbers_max;
	int (*run)(const char *uuid, const unsigned long *numbers);
};

/* A test with its device around it; what it needs of the numbers is in the caller. */
#define TEST_COMMAND(name, call)						\
	static int run_##name(const char *uuid, const unsigned long *numbers)	\
	{									\
		struct mtty mtty;						\
										\
		(void)numbers;							\
		mtty_open(&mtty, uuid);						\
		call;								\
		mtty_close(&mtty);						\
		return tap_done();						\
	}

TEST_COMMAND(config, test_config(&mtty))
TEST_COMMAND(irq, test_irq(&mtty))
TEST_COMMAND(reset, test_reset(&mtty))
TEST_COMMAND(ioctl, test_ioctl(&mtty))
TEST_COMMAND(garbage, test_garbage(&mtty, numbers[0], numbers[1]))
TEST_COMMAND(threads, test_threads(&mtty, numbers[0]))

static int run_on_port(const char *uuid, unsigned long port,
		       void (*test)(struct mtty *mtty, unsigned int port))
{
	struct mtty mtty;

	mtty_open(&mtty, uuid);
	if (port >= mtty.expected->ports)
		tap_bail_out("%s has no port %lu", uuid, port);
	test(&mtty, (unsigned int)port);
	mtty_close(&mtty);
	return tap_done();
}

static int run_uart(const char *uuid, const unsigned long *numbers)
{
	return run_on_port(uuid, numbers[0], test_uart);
}

static int run_tty(const char *uuid, const unsigned long *numbers)
{
	return run_on_port(uuid, numbers[0], test_tty);
}

static int run_serial(const char *uuid, const unsigned long *numbers)
{
	return run_on_port(uuid, numbers[0], test_serial);
}

static int run_info(const char *uuid, const unsigned long *numbers)
{
	struct vfio_region_info region;
	struct vfio_device_info info;
	struct vfio_client client;
	struct vfio_irq_info irq;
	unsigned int i;

	(void)numbers;
	if (vfio_client_open(&client, uuid))
		return EXIT_FAILURE;
	if (vfio_client_info(&client, &info)) {
		fprintf(stderr, "Error: %s: no device info\n", uuid);
		return EXIT_FAILURE;
	}
	printf("device flags=%#x regions=%u irqs=%u\n", info.flags, info.num_regions, info.num_irqs);
	for (i = 0; i < info.num_regions; i++)
		if (!vfio_client_region_info(&client, i, &region))
			printf("region %u size=%#llx flags=%#x offset=%#llx\n", i, region.size,
			       region.flags, region.offset);
	for (i = 0; i < info.num_irqs; i++)
		if (!vfio_client_irq_info(&client, i, &irq))
			printf("irq %u count=%u flags=%#x\n", i, irq.count, irq.flags);
	vfio_client_close(&client);
	return EXIT_SUCCESS;
}

/* Says when it has the device, and when the device is wanted back, which changes nothing. */
static int run_hold(const char *uuid, const unsigned long *numbers)
{
	int request = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = request, .events = POLLIN },
	};
	struct vfio_client client;
	char buffer[256];
	ssize_t count = 1;

	(void)numbers;
	if (vfio_client_open(&client, uuid))
		return EXIT_FAILURE;
	vfio_client_irq_eventfd(&client, VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_REQ_IRQ_INDEX,
				request);
	printf("holding %s\n", uuid);
	fflush(stdout);
	while (count > 0 && (poll(fds, 2, -1) > 0 || errno == EINTR)) {
		if (fds[0].revents)
			count = read(STDIN_FILENO, buffer, sizeof(buffer));
		if (fds[1].revents && vfio_client_signals(request)) {
			printf("wanted back\n");
			fflush(stdout);
		}
	}
	vfio_client_close(&client);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "info", "", 0, 0, run_info },
	{ "config", "", 0, 0, run_config },
	{ "uart", " [PORT]", 0, 1, run_uart },
	{ "tty", " [PORT]", 0, 1, run_tty },
	{ "serial", " [PORT]", 0, 1, run_serial },
	{ "irq", "", 0, 0, run_irq },
	{ "reset", "", 0, 0, run_reset },
	{ "ioctl", "", 0, 0, run_ioctl },
	{ "garbage", " SEED COUNT", 2, 2, run_garbage },
	{ "threads", " COUNT", 1, 1, run_threads },
	{ "hold", "", 0, 0, run_hold },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(void)
{
	unsigned int i;

	for (i = 0; i < COMMANDS; i++)
		fprintf(stderr, "%s vfio-client %s UUID%s\n", i ? "      " : "usage:",
			commands[i].name, commands[i].arguments);
	return 2;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	unsigned long numbers[MAX_NUMBERS] = { 0 };
	unsigned int i, count = (unsigned int)argc - 3;
	char *end;

	if (count < command->numbers_min || count > command->numbers_max)
		return usage();
	for (i = 0; i < count; i++) {
		numbers[i] = strtoul(argv[3 + i], &end, 10);
		if (end == argv[3 + i] || *end)
			return usage();
	}
	return command->run(argv[2], numbers);
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc >= 3)
		for (i = 0; i < COMMANDS; i++)
			if (!strcmp(argv[1], commands[i].name))
				return run_command(&commands[i], argc, argv);
	return usage();
}

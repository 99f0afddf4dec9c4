// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves a card with two ports from one mediated device to another while its driver is in the
 * middle of something, and back, and checks that the driver cannot tell.
 *
 *	mtty-migrate SOURCE TARGET
 *
 * Exit status: 0 it cannot, 1 it can, 2 the command line is no good.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio-client-ends.h"
#include "vfio-client-tap.h"

#define FIFO		UART_FCR_ENABLE_FIFO
#define IIR_FIFOS	0xc0
#define INTX		VFIO_PCI_INTX_IRQ_INDEX
#define STREAM_MAX	65536

/* A device and the eventfd of its interrupt. */
struct machine {
	struct mtty mtty;
	int irq;
};

struct stream {
	uint8_t byte[STREAM_MAX];
	size_t size;
};

/* The descriptor of the stream, -1 if there is none, or -errno below that. */
static int set_state(const struct machine *machine, uint32_t state)
{
	struct {
		struct vfio_device_feature feature;
		struct vfio_device_feature_mig_state state;
	} request = {
		{
			.argsz = sizeof(request),
			.flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
		},
		{ .device_state = state, .data_fd = -1 },
	};

	if (ioctl(machine->mtty.client.device, VFIO_DEVICE_FEATURE, &request) < 0)
		return -errno - 1;
	return request.state.data_fd;
}

static void save(const struct machine *machine, struct stream *stream)
{
	int fd = set_state(machine, VFIO_DEVICE_STATE_STOP_COPY);
	ssize_t count;

	if (fd < 0)
		tap_bail_out("no stream from the source: %s", strerror(-fd - 1));
	stream->size = 0;
	while ((count = read(fd, stream->byte + stream->size, STREAM_MAX - stream->size)) > 0)
		stream->size += (size_t)count;
	if (count < 0 || !stream->size)
		tap_bail_out("the stream breaks off after %zu bytes", stream->size);
	close(fd);
}

/* Whether the device took it; it runs then, and else is as after a reset. */
static bool load(const struct machine *machine, const struct stream *stream)
{
	int fd = set_state(machine, VFIO_DEVICE_STATE_RESUMING);
	bool taken;

	if (fd < 0)
		tap_bail_out("no stream to the target: %s", strerror(-fd - 1));
	taken = write(fd, stream->byte, stream->size) == (ssize_t)stream->size;
	if (taken)
		taken = set_state(machine, VFIO_DEVICE_STATE_RUNNING) == -1;
	close(fd);
	if (!taken && vfio_client_reset(&machine->mtty.client))
		tap_bail_out("the target cannot be reset");
	return taken;
}

static void migrate(const struct machine *from, const struct machine *to)
{
	static struct stream stream;

	save(from, &stream);
	if (!load(to, &stream))
		tap_bail_out("the target does not take the stream");
	tap_note("%zu bytes", stream.size);
}

static uint8_t in(const struct machine *machine, unsigned int port, unsigned int reg)
{
	return mtty_in(&machine->mtty, port, reg);
}

static void out(const struct machine *machine, unsigned int port, unsigned int reg, uint8_t value)
{
	mtty_out(&machine->mtty, port, reg, value);
}

static void send(const struct machine *machine, unsigned int port, unsigned int first,
		 unsigned int last)
{
	while (first <= last)
		out(machine, port, UART_TX, (uint8_t)first++);
}

/*
 * Port 0: three bytes, a break and twelve bytes fill the receiver, nine more wait, and another
 * break is an overrun that takes them; then nine again. Port 1: a byte without FIFOs, and the
 * transmitter's interrupt.
 */
static void make_busy(const struct machine *machine)
{
	mtty_set_up_port(&machine->mtty, 0, FIFO | UART_FCR_TRIGGER_8);
	mtty_set_up_port(&machine->mtty, 1, 0);
	out(machine, 0, UART_SCR, 0x5a);
	out(machine, 0, UART_LCR, UART_LCR_DLAB);
	out(machine, 0, UART_DLL, 0x0c);
	out(machine, 0, UART_DLM, 0x01);
	out(machine, 0, UART_LCR, UART_LCR_WLEN8);
	send(machine, 0, 0, 2);
	out(machine, 0, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	out(machine, 0, UART_LCR, UART_LCR_WLEN8);
	send(machine, 0, 3, 23);
	out(machine, 0, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	out(machine, 0, UART_LCR, UART_LCR_WLEN8);
	send(machine, 0, 24, 32);
	out(machine, 0, UART_MCR, UART_MCR_DTR | UART_MCR_OUT2);
	send(machine, 1, 'x', 'x');
	out(machine, 1, UART_IER, UART_IER_THRI);
	out(machine, 0, UART_IER, 0x0f);
}

static void receive(const struct machine *machine, unsigned int first, unsigned int last)
{
	unsigned int byte, intact = 0;

	for (byte = first; byte <= last; byte++)
		intact += in(machine, 0, UART_RX) == byte;
	tap_is(intact, last - first + 1, "bytes %u to %u of port 0", first, last);
}

static void test_first_half(const struct machine *machine)
{
	tap_is((long long)vfio_client_wait(machine->irq), 1, "the interrupt is pending");
	tap_is(in(machine, 0, UART_IIR), IIR_FIFOS | UART_IIR_RLSI, "of port 0 it is the line status");
	tap_is(in(machine, 0, UART_LSR), UART_LSR_DR | UART_LSR_OE | UART_LSR_FIFOE,
	       "an overrun, and an error further down");
	tap_is(in(machine, 0, UART_IIR), IIR_FIFOS | UART_IIR_RDI, "then the trigger level");
	/* Each byte that is read makes room for one that waited. */
	receive(machine, 0, 2);
	tap_is(in(machine, 0, UART_IIR), IIR_FIFOS | UART_IIR_RLSI, "the break is at the top");
}

static void test_second_half(const struct machine *machine)
{
	tap_is((long long)vfio_client_wait(machine->irq), 1, "the interrupt is pending");
	tap_is(in(machine, 0, UART_LSR), UART_LSR_DR | UART_LSR_BI | UART_LSR_FE | UART_LSR_FIFOE,
	       "the break is still at the top");
	tap_is(in(machine, 0, UART_RX), 0, "it is a zero");
	receive(machine, 3, 14);
	receive(machine, 24, 32);
	tap_is(in(machine, 0, UART_LSR), UART_LSR_THRE | UART_LSR_TEMT, "and nothing is left");
	tap_is(in(machine, 0, UART_IIR), IIR_FIFOS | UART_IIR_THRI, "the transmitter has become empty");
	tap_is(in(machine, 0, UART_IIR), IIR_FIFOS | UART_IIR_MSI, "and CTS had gone off");
	tap_is(in(machine, 0, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_DCTS, "says MSR");
	tap_is(in(machine, 0, UART_SCR), 0x5a, "the scratch register");
	out(machine, 0, UART_LCR, UART_LCR_DLAB);
	tap_is(in(machine, 0, UART_DLL) | in(machine, 0, UART_DLM) << 8, 0x010c, "the divisor");
	tap_is(in(machine, 1, UART_IIR), UART_IIR_THRI, "port 1: its transmitter's interrupt");
	tap_is(in(machine, 1, UART_RX), 'x', "and its byte");
	tap_is(in(machine, 1, UART_IIR), UART_IIR_NO_INT, "and no more");
}

/* A stream with one byte changed is refused, or makes a device that works. */
static void test_hostile(const struct machine *from, const struct machine *to)
{
	static struct stream stream;
	unsigned int refused = 0, sane = 0;
	size_t i;

	make_busy(from);
	save(from, &stream);
	set_state(from, VFIO_DEVICE_STATE_RUNNING);
	for (i = 0; i < stream.size; i++) {
		stream.byte[i] ^= 0xff;
		refused += !load(to, &stream);
		vfio_client_reset(&to->mtty.client);
		sane += mtty_in(&to->mtty, 0, UART_LSR) == (UART_LSR_THRE | UART_LSR_TEMT);
		stream.byte[i] ^= 0xff;
	}
	tap_is(sane, (long long)stream.size, "a stream with any byte changed does no harm");
	tap_ok(refused > stream.size / 4, "and most are refused");
	tap_note("%u of %zu are refused", refused, stream.size);
	tap_ok(load(to, &stream), "the right one is taken after that");
	tap_ok(mtty_is_sane(&to->mtty), "and the device works");
}

static void set_mode(const struct machine *machine, const char *mode)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/mode", machine->mtty.client.uuid);
	file = fopen(path, "w");
	if (!file || fputs(mode, file) < 0 || fclose(file))
		tap_bail_out("the mode %s is not taken: %s", mode, strerror(errno));
}

/* The card is stopped, and stays so. */
static bool mode_changes_nothing(const struct machine *machine, const char *mode)
{
	static struct stream before, after;

	save(machine, &before);
	set_mode(machine, mode);
	set_state(machine, VFIO_DEVICE_STATE_STOP);
	save(machine, &after);
	return before.size == after.size && !memcmp(before.byte, after.byte, before.size);
}

/* To a terminal that nobody has open, which takes what is sent, and back to the plug. */
static void test_mode_change(const struct machine *machine)
{
	make_busy(machine);
	tap_ok(mode_changes_nothing(machine, "host"), "a stopped card keeps its state in another mode");
	set_state(machine, VFIO_DEVICE_STATE_RUNNING);
	tap_is(in(machine, 0, UART_MSR), UART_MSR_DCTS | UART_MSR_DDSR | UART_MSR_DDCD,
	       "once it runs, the plug's modem lines are off");
	mtty_set_up_port(&machine->mtty, 0, FIFO);
	set_state(machine, VFIO_DEVICE_STATE_STOP);
	out(machine, 0, UART_TX, 'y');
	tap_ok(mode_changes_nothing(machine, "loopback"), "and in the first mode again");
	tap_is(in(machine, 0, UART_LSR), 0, "what it sends while it is stopped waits");
	set_state(machine, VFIO_DEVICE_STATE_RUNNING);
	tap_is(in(machine, 0, UART_RX), 'y', "once it runs, the plug returns it");
}

/* A card that is stopped counts as one that is set up: its image has yet to say. */
static void test_terminal(const struct machine *from, const struct machine *to)
{
	static struct stream stream;
	int terminal;

	set_mode(to, "host");
	terminal = tty_open(&to->mtty, 0);
	mtty_set_up_port(&from->mtty, 0, FIFO);
	save(from, &stream);
	set_state(from, VFIO_DEVICE_STATE_RUNNING);
	set_state(to, VFIO_DEVICE_STATE_STOP);
	tap_is(write(terminal, "t", 1), 1, "the terminal sends to a card that is stopped");
	tap_ok(load(to, &stream), "which takes a stream and runs");
	tap_is(in(to, 0, UART_RX), 't', "and hears it then");
	close(terminal);
	set_mode(to, "loopback");
}

static void open_machine(struct machine *machine, const char *uuid)
{
	mtty_open(&machine->mtty, uuid);
	if (machine->mtty.expected->ports != 2)
		tap_bail_out("%s has one port only", uuid);
	machine->irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vfio_client_irq_eventfd(&machine->mtty.client, VFIO_IRQ_SET_ACTION_TRIGGER, INTX,
				    machine->irq))
		tap_bail_out("%s: INTx does not take an eventfd", uuid);
}

int main(int argc, char **argv)
{
	struct machine source, target;

	if (argc != 3) {
		fputs("usage: mtty-migrate SOURCE TARGET\n", stderr);
		return 2;
	}
	open_machine(&source, argv[1]);
	open_machine(&target, argv[2]);
	make_busy(&source);
	migrate(&source, &target);
	test_first_half(&target);
	migrate(&target, &source);
	test_second_half(&source);
	test_hostile(&source, &target);
	test_mode_change(&source);
	test_terminal(&source, &target);
	mtty_close(&target.mtty);
	mtty_close(&source.mtty);
	return tap_done();
}

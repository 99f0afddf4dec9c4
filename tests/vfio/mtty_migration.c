// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves a card with two ports from one mediated device to another while its driver is in the
 * middle of something, and back, and checks that the driver cannot tell.
 */
#include "mtty.h"
#include "stream.h"

struct bytes {
	uint8_t byte[STREAM_MAX];
	size_t size;
};

static void go_to(struct device *dev, uint32_t state)
{
	int none;

	equal(set_state(dev, state, &none), 0);
}

static void save(struct device *dev, struct bytes *stream)
{
	int fd;

	equal(set_state(dev, VFIO_DEVICE_STATE_STOP_COPY, &fd), 0);
	stream->size = read_stream(fd, stream->byte, STREAM_MAX);
	is_true(stream->size);
	close(fd);
}

/* Whether the device took it; it runs then, and else is as after a reset. */
static bool load(struct device *dev, const struct bytes *stream)
{
	if (!load_stream(dev, stream->byte, stream->size))
		return true;
	equal(vfio_reset(dev), 0);
	return false;
}

static void move_to(struct device *from, struct device *to)
{
	static struct bytes stream;

	save(from, &stream);
	is_true(load(to, &stream));
	tap_note("%zu bytes", stream.size);
}

static void send(struct device *dev, unsigned int port, unsigned int first, unsigned int last)
{
	while (first <= last)
		uart_out(dev, port, UART_TX, (uint8_t)first++);
}

/*
 * Port 0: three bytes, a break and twelve bytes fill the receiver, nine more wait, and another
 * break is an overrun that takes them; then nine again. Port 1: a byte without FIFOs, and the
 * transmitter's interrupt.
 */
static void make_busy(struct device *dev)
{
	uart_set_up(dev, 0, FIFO | UART_FCR_TRIGGER_8);
	uart_set_up(dev, 1, 0);
	uart_out(dev, 0, UART_SCR, 0x5a);
	uart_out(dev, 0, UART_LCR, UART_LCR_DLAB);
	uart_out(dev, 0, UART_DLL, 0x0c);
	uart_out(dev, 0, UART_DLM, 0x01);
	uart_out(dev, 0, UART_LCR, UART_LCR_WLEN8);
	send(dev, 0, 0, 2);
	uart_out(dev, 0, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	uart_out(dev, 0, UART_LCR, UART_LCR_WLEN8);
	send(dev, 0, 3, 23);
	uart_out(dev, 0, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	uart_out(dev, 0, UART_LCR, UART_LCR_WLEN8);
	send(dev, 0, 24, 32);
	uart_out(dev, 0, UART_MCR, UART_MCR_DTR | UART_MCR_OUT2);
	send(dev, 1, 'x', 'x');
	uart_out(dev, 1, UART_IER, UART_IER_THRI);
	uart_out(dev, 0, UART_IER, 0x0f);
}

static void receive(struct device *dev, unsigned int first, unsigned int last)
{
	unsigned int byte, intact = 0;

	for (byte = first; byte <= last; byte++)
		intact += uart_in(dev, 0, UART_RX) == byte;
	tap_is(intact, last - first + 1, "bytes %u to %u of port 0", first, last);
}

static void test_first_half(struct device *dev, int irq)
{
	tap_is(wait_signal(irq), 1, "the interrupt is pending");
	tap_is(uart_in(dev, 0, UART_IIR), IIR_FIFOS | UART_IIR_RLSI, "of port 0 it is the line status");
	tap_is(uart_in(dev, 0, UART_LSR), UART_LSR_DR | UART_LSR_OE | UART_LSR_FIFOE,
	       "an overrun, and an error further down");
	tap_is(uart_in(dev, 0, UART_IIR), IIR_FIFOS | UART_IIR_RDI, "then the trigger level");
	/* Each byte that is read makes room for one that waited. */
	receive(dev, 0, 2);
	tap_is(uart_in(dev, 0, UART_IIR), IIR_FIFOS | UART_IIR_RLSI, "the break is at the top");
}

static void test_second_half(struct device *dev, int irq)
{
	tap_is(wait_signal(irq), 1, "the interrupt is pending");
	tap_is(uart_in(dev, 0, UART_LSR), UART_LSR_DR | UART_LSR_BI | UART_LSR_FE | UART_LSR_FIFOE,
	       "the break is still at the top");
	tap_is(uart_in(dev, 0, UART_RX), 0, "it is a zero");
	receive(dev, 3, 14);
	receive(dev, 24, 32);
	tap_is(uart_in(dev, 0, UART_LSR), UART_LSR_THRE | UART_LSR_TEMT, "and nothing is left");
	tap_is(uart_in(dev, 0, UART_IIR), IIR_FIFOS | UART_IIR_THRI, "the transmitter has become empty");
	tap_is(uart_in(dev, 0, UART_IIR), IIR_FIFOS | UART_IIR_MSI, "and CTS had gone off");
	tap_is(uart_in(dev, 0, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_DCTS, "says MSR");
	tap_is(uart_in(dev, 0, UART_SCR), 0x5a, "the scratch register");
	uart_out(dev, 0, UART_LCR, UART_LCR_DLAB);
	tap_is(uart_in(dev, 0, UART_DLL) | uart_in(dev, 0, UART_DLM) << 8, 0x010c, "the divisor");
	tap_is(uart_in(dev, 1, UART_IIR), UART_IIR_THRI, "port 1: its transmitter's interrupt");
	tap_is(uart_in(dev, 1, UART_RX), 'x', "and its byte");
	tap_is(uart_in(dev, 1, UART_IIR), UART_IIR_NO_INT, "and no more");
}

/* A stream with one byte changed is refused, or makes a device that works. */
static void test_hostile(struct device *from, struct device *to)
{
	static struct bytes stream;
	unsigned int refused = 0, sane = 0;
	size_t i;

	make_busy(from);
	save(from, &stream);
	go_to(from, VFIO_DEVICE_STATE_RUNNING);
	for (i = 0; i < stream.size; i++) {
		stream.byte[i] ^= 0xff;
		refused += !load(to, &stream);
		vfio_reset(to);
		sane += uart_in(to, 0, UART_LSR) == (UART_LSR_THRE | UART_LSR_TEMT);
		stream.byte[i] ^= 0xff;
	}
	tap_is(sane, stream.size, "a stream with any byte changed does no harm");
	tap_ok(refused > stream.size / 4, "and most are refused");
	tap_note("%u of %zu are refused", refused, stream.size);
	tap_ok(load(to, &stream), "the right one is taken after that");
	tap_ok(mtty_works(to), "and the device works");
}

static void set_mode(struct device *dev, const char *mode)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/mode", dev->uuid);
	file = fopen(path, "w");
	if (!file || fputs(mode, file) < 0 || fclose(file))
		tap_bail_out("the mode %s is not taken: %s", mode, strerror(errno));
}

/* The card is stopped, and stays so. */
static bool mode_changes_nothing(struct device *dev, const char *mode)
{
	static struct bytes before, after;

	save(dev, &before);
	set_mode(dev, mode);
	go_to(dev, VFIO_DEVICE_STATE_STOP);
	save(dev, &after);
	return before.size == after.size && !memcmp(before.byte, after.byte, before.size);
}

/* To a terminal that nobody has open, which takes what is sent, and back to the plug. */
static void test_mode_change(struct device *dev)
{
	make_busy(dev);
	tap_ok(mode_changes_nothing(dev, "host"), "a stopped card keeps its state in another mode");
	go_to(dev, VFIO_DEVICE_STATE_RUNNING);
	tap_is(uart_in(dev, 0, UART_MSR), UART_MSR_DCTS | UART_MSR_DDSR | UART_MSR_DDCD,
	       "once it runs, the plug's modem lines are off");
	uart_set_up(dev, 0, FIFO);
	go_to(dev, VFIO_DEVICE_STATE_STOP);
	uart_out(dev, 0, UART_TX, 'y');
	tap_ok(mode_changes_nothing(dev, "loopback"), "and in the first mode again");
	tap_is(uart_in(dev, 0, UART_LSR), 0, "what it sends while it is stopped waits");
	go_to(dev, VFIO_DEVICE_STATE_RUNNING);
	tap_is(uart_in(dev, 0, UART_RX), 'y', "once it runs, the plug returns it");
}

/* A card that is stopped counts as one that is set up: its image has yet to say. */
static void test_terminal(struct device *from, struct device *to)
{
	static struct bytes stream;
	int terminal;

	set_mode(to, "host");
	terminal = tty_open(to, 0);
	uart_set_up(from, 0, FIFO);
	save(from, &stream);
	go_to(from, VFIO_DEVICE_STATE_RUNNING);
	go_to(to, VFIO_DEVICE_STATE_STOP);
	tap_is(write(terminal, "t", 1), 1, "the terminal sends to a card that is stopped");
	tap_ok(load(to, &stream), "which takes a stream and runs");
	tap_is(uart_in(to, 0, UART_RX), 't', "and hears it then");
	close(terminal);
	set_mode(to, "loopback");
}

static void mtty_migration(struct device *source)
{
	struct device *target = source->peer;
	int source_irq = listen_to(source, INTX), target_irq = listen_to(target, INTX);

	make_busy(source);
	move_to(source, target);
	test_first_half(target, target_irq);
	move_to(target, source);
	test_second_half(source, source_irq);
	test_hostile(source, target);
	test_mode_change(source);
	test_terminal(source, target);
}

const struct check mtty_migration_checks[] = {
	CHECK(mtty_migration, DUAL | PAIR | ALONE, "a card moves while its driver is busy"),
	{ 0 },
};

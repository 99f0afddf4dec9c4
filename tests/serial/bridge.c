// SPDX-License-Identifier: GPL-2.0-only
/*
 * serial-bridge UUID PORT LINK
 *
 * The guest's end of a port for programs of the host: a driver of the card, by VFIO and its
 * interrupt, that joins the port with a pseudo-terminal, to which LINK leads. It obeys CTS, and
 * holds the other end back by RTS while nobody reads the pseudo-terminal. Runs until it is killed.
 */
#include "../vfio/mtty.h"

#define RTS_ON	(UART_MCR_DTR | UART_MCR_RTS)
#define RTS_OFF	UART_MCR_DTR

#define FIFO_SIZE 16

/* What is on its way in one direction, from start to end. */
struct queue {
	uint8_t bytes[4096];
	size_t start;
	size_t end;
};

struct bridge {
	struct device dev;
	unsigned int port;
	int irq;
	int pty;
	struct queue to_line;
	struct queue from_line;
};

unsigned long count_or(unsigned long count)
{
	return count;
}

static bool is_empty(const struct queue *queue)
{
	return queue->start == queue->end;
}

static bool is_full(const struct queue *queue)
{
	return queue->end == sizeof(queue->bytes);
}

static uint8_t in(struct bridge *bridge, unsigned int reg)
{
	return uart_in(&bridge->dev, bridge->port, reg);
}

static void out(struct bridge *bridge, unsigned int reg, uint8_t value)
{
	uart_out(&bridge->dev, bridge->port, reg, value);
}

static void receive(struct bridge *bridge)
{
	struct queue *queue = &bridge->from_line;

	while (!is_full(queue) && in(bridge, UART_LSR) & UART_LSR_DR)
		queue->bytes[queue->end++] = in(bridge, UART_RX);
}

static void transmit(struct bridge *bridge)
{
	struct queue *queue = &bridge->to_line;
	unsigned int room;

	while (!is_empty(queue) && in(bridge, UART_MSR) & UART_MSR_CTS &&
	       in(bridge, UART_LSR) & UART_LSR_THRE)
		for (room = FIFO_SIZE; room && !is_empty(queue); room--)
			out(bridge, UART_TX, queue->bytes[queue->start++]);
}

/* Only what can be dealt with may interrupt: a level that stays would do so for ever. */
static void ask_for_interrupts(struct bridge *bridge)
{
	uint8_t ier = UART_IER_MSI;

	if (!is_full(&bridge->from_line))
		ier |= UART_IER_RDI;
	if (!is_empty(&bridge->to_line) && in(bridge, UART_MSR) & UART_MSR_CTS)
		ier |= UART_IER_THRI;
	out(bridge, UART_MCR, is_full(&bridge->from_line) ? RTS_OFF : RTS_ON);
	out(bridge, UART_IER, ier);
}

static void serve_port(struct bridge *bridge)
{
	in(bridge, UART_IIR);
	receive(bridge);
	transmit(bridge);
	ask_for_interrupts(bridge);
}

static void serve_pty(struct bridge *bridge, short events)
{
	struct queue *queue = &bridge->from_line;
	ssize_t count;

	if (events & POLLOUT) {
		count = write(bridge->pty, queue->bytes + queue->start, queue->end - queue->start);
		queue->start += count > 0 ? (size_t)count : 0;
		if (is_empty(queue))
			queue->start = queue->end = 0;
	}
	queue = &bridge->to_line;
	if (events & POLLIN) {
		count = read(bridge->pty, queue->bytes, sizeof(queue->bytes));
		queue->start = 0;
		queue->end = count > 0 ? (size_t)count : 0;
	}
}

static void run(struct bridge *bridge)
{
	for (;;) {
		struct pollfd files[] = {
			{ .fd = bridge->irq, .events = POLLIN },
			{ .fd = bridge->pty },
		};

		if (is_empty(&bridge->to_line))
			files[1].events |= POLLIN;
		if (!is_empty(&bridge->from_line))
			files[1].events |= POLLOUT;
		if (poll(files, ARRAY_SIZE(files), -1) < 0)
			tap_bail_out("poll: %s", strerror(errno));
		serve_pty(bridge, files[1].revents);
		serve_port(bridge);
		if (files[0].revents) {
			signals(bridge->irq);
			vfio_irq_act(&bridge->dev, UNMASK, INTX);
		}
	}
}

/* Its other end stays open here, so that programs may come and go. */
static int open_pty(const char *link)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios mode;

	if (pty < 0 || grantpt(pty) || unlockpt(pty) || tcgetattr(pty, &mode))
		tap_bail_out("no pseudo-terminal: %s", strerror(errno));
	cfmakeraw(&mode);
	if (tcsetattr(pty, TCSANOW, &mode) || open(ptsname(pty), O_RDWR | O_NOCTTY) < 0 ||
	    symlink(ptsname(pty), link))
		tap_bail_out("%s: %s", link, strerror(errno));
	return pty;
}

int main(int argc, char **argv)
{
	struct bridge bridge = { 0 };

	if (argc != 4) {
		fprintf(stderr, "Usage: serial-bridge UUID PORT LINK\n");
		return 2;
	}
	bridge.dev.uuid = argv[1];
	bridge.port = (unsigned int)atoi(argv[2]);
	if (vfio_open(&bridge.dev))
		return 1;
	uart_set_up(&bridge.dev, bridge.port, FIFO | UART_FCR_TRIGGER_14);
	bridge.irq = listen_to(&bridge.dev, INTX);
	serve_port(&bridge);
	bridge.pty = open_pty(argv[3]);
	run(&bridge);
}

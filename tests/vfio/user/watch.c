// SPDX-License-Identifier: GPL-2.0-only
/* The neighbours of a hostile user: devices of the same parents, which must not feel anything. */
#include "tests/vfio/dma.h"
#include "tests/vfio/mtty.h"
#include "user.h"

#define SCRATCH 0x5a
#define LINE 0x5c
#define BYTES 32
#define WORDS 8
#define WORD(i) (0x1122334455667788U * (2 * (i) + 1))
#define EXPRESS_MEMORY 0x2000
#define PIECE (2 * PAGE)
#define UNTOUCHED 0xa5

struct watched {
	struct device *dev;
	struct engine engine;
	int signal;
	unsigned int round;
};

static void set_up_mtty(struct watched *watched)
{
	struct device *dev = watched->dev;

	uart_set_up(dev, 0, FIFO);
	uart_out(dev, 0, UART_SCR, SCRATCH);
	poke(dev, CONFIG, PCI_INTERRUPT_LINE, 1, LINE);
	watched->signal = listen_to(dev, INTX);
}

/* Its registers, its cable, and its interrupt, which comes once. */
static void check_mtty(struct watched *watched)
{
	struct device *dev = watched->dev;

	equal(signals(watched->signal), 0);
	equal(uart_in(dev, 0, UART_SCR), SCRATCH);
	equal(uart_in(dev, 0, UART_LCR), UART_LCR_WLEN8);
	equal(uart_in(dev, 0, UART_MCR), UART_MCR_DTR | UART_MCR_RTS);
	equal(peek(dev, CONFIG, PCI_INTERRUPT_LINE, 1), LINE);
	equal(uart_poll_bytes(dev, 0, BYTES), BYTES);
	equal(signals(watched->signal), 0);
	uart_raise(dev, 0);
	equal(wait_signal(watched->signal), 1);
	uart_out(dev, 0, UART_IER, 0);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(signals(watched->signal), 0);
}

static void set_up_mdma(struct watched *watched)
{
	engine_set_up(&watched->engine, watched->dev);
}

/* It copies what it is told to, and nothing else. */
static void check_mdma(struct watched *watched)
{
	struct engine *engine = &watched->engine;
	unsigned int i;

	equal(signals(engine->done), 0);
	memset(engine->to, UNTOUCHED, PIECE + PAGE);
	equal(engine_copy(engine, FROM, TO, PIECE, ways[watched->round % WAYS]), 0);
	equal(memcmp(engine->to, engine->from, PIECE), 0);
	for (i = 0; i < PAGE; i++)
		equal(engine->to[PIECE + i], UNTOUCHED);
}

static uint64_t memory_of(const struct device *dev)
{
	return dev->kind->bit == EXPRESS ? EXPRESS_MEMORY : 0;
}

static void set_up_testdev(struct watched *watched)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		poke(watched->dev, 0, memory_of(watched->dev) + 8 * i, 8, WORD(i));
	watched->signal = listen_to(watched->dev, MSI);
}

static void check_testdev(struct watched *watched)
{
	unsigned int i;

	equal(signals(watched->signal), 0);
	for (i = 0; i < WORDS; i++)
		equal(peek(watched->dev, 0, memory_of(watched->dev) + 8 * i, 8), WORD(i));
	poke(watched->dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	equal(wait_signal(watched->signal), 1);
}

static const struct watcher {
	unsigned int on;
	void (*set_up)(struct watched *watched);
	void (*check)(struct watched *watched);
} watchers[] = {
	{ MTTY, set_up_mtty, check_mtty },
	{ MDMA, set_up_mdma, check_mdma },
	{ TESTDEV | EXPRESS, set_up_testdev, check_testdev },
};

static const struct watcher *watcher_for(const struct device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watchers); i++)
		if (watchers[i].on & dev->kind->bit)
			return &watchers[i];
	tap_bail_out("nobody knows how to watch %s, a %s", dev->uuid, dev->kind->type);
}

/* Gently: it is the others who are to have the processor. */
#define PAUSE_US 2000

void watch(struct device *dev, struct shared *shared, _Atomic unsigned long *rounds)
{
	const struct watcher *watcher = watcher_for(dev);
	struct watched watched = { .dev = dev };

	equal(vfio_open(dev), 0);
	watcher->set_up(&watched);
	while (!shared->over) {
		watcher->check(&watched);
		watched.round++;
		(*rounds)++;
		usleep(PAUSE_US);
	}
	vfio_close(dev);
}

void use_once(struct device *dev)
{
	struct watched watched = { .dev = dev };
	const struct watcher *watcher = watcher_for(dev);

	equal(vfio_open(dev), 0);
	watcher->set_up(&watched);
	watcher->check(&watched);
	equal(vfio_reset(dev), 0);
	vfio_close(dev);
}

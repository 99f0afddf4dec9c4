// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the DMA engine mdma copy memory without an end, and compares all that it has copied so far.
 * Runs in the guest that has the engine, so it is one static file.
 *
 *	dma-loop DEVICE
 *
 * DEVICE is the device's directory in sysfs. Says "mdma round N" after each transfer; says "mdma
 * lost" with the reason, and ends, when memory is not what it should be. The processor never
 * writes where the engine does: a page there that a migration leaves out is seen in one of the
 * next rounds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* mdma's registers, in units of their size; see mdma/mdma.c. */
enum { SRC, DST, LEN, CONTROL, STATUS, DONE, PINNED, UNMAPS, PAUSE };
#define START 1
#define BUFFER 2
#define BUSY 1

/* One huge page each is the source and the target: their addresses are contiguous in the guest. */
#define HUGE_PAGE (2UL << 20)
#define SLOT (256UL << 10)
#define SLOTS (HUGE_PAGE / SLOT)
/* Between two pages, so that most of the time a transfer is under way. */
#define PAUSE_US 1000

struct engine {
	const char *device;
	volatile uint64_t *reg;
	uint8_t *source;
	uint8_t *target;
	uint64_t source_iova;
	uint64_t target_iova;
	unsigned long round_of[SLOTS];	/* that copied last; 0: none */
};

static void __attribute__((noreturn, format(printf, 1, 2))) lost(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("mdma lost: ", stdout);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(EXIT_FAILURE);
}

static int open_file(const char *directory, const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		lost("%s: %s", path, strerror(errno));
	return fd;
}

static uint8_t *huge_page(void)
{
	void *page = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED)
		lost("no huge page: %s", strerror(errno));
	memset(page, 0, HUGE_PAGE);
	return page;
}

/* The guest's physical address is what the device knows the memory by. */
static uint64_t iova_of(const void *memory)
{
	const uint64_t pfn_bits = (1ULL << 55) - 1;
	long page = sysconf(_SC_PAGESIZE);
	uint64_t entry;
	int fd;

	fd = open_file("/proc/self", "pagemap", O_RDONLY);
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)memory / page * sizeof(entry))) !=
		    sizeof(entry) ||
	    !(entry & pfn_bits))
		lost("pagemap does not know the memory");
	close(fd);
	return (entry & pfn_bits) * page;
}

static void set_up(struct engine *engine)
{
	const uint16_t command = 2 | 4; /* memory space, bus master */
	void *bar;
	int fd;

	fd = open_file(engine->device, "enable", O_WRONLY);
	if (write(fd, "1", 1) != 1)
		lost("the device cannot be enabled: %s", strerror(errno));
	close(fd);
	fd = open_file(engine->device, "config", O_WRONLY);
	if (pwrite(fd, &command, sizeof(command), 4) != sizeof(command))
		lost("the command register: %s", strerror(errno));
	close(fd);
	fd = open_file(engine->device, "resource0", O_RDWR | O_SYNC);
	bar = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bar == MAP_FAILED)
		lost("BAR 0: %s", strerror(errno));
	close(fd);
	engine->reg = bar;
	engine->source = huge_page();
	engine->target = huge_page();
	engine->source_iova = iova_of(engine->source);
	engine->target_iova = iova_of(engine->target);
}

/* What a round copies, 8 bytes at a time. */
static uint64_t word_of(unsigned long round, unsigned long index)
{
	return (round << 32 | index) * 0x9e3779b97f4a7c15;
}

static void copy_slot(struct engine *engine, unsigned long round)
{
	unsigned long slot = round % SLOTS, i;
	uint64_t *source = (uint64_t *)(engine->source + slot * SLOT);

	for (i = 0; i < SLOT / sizeof(*source); i++)
		source[i] = word_of(round, i);
	engine->reg[SRC] = engine->source_iova + slot * SLOT;
	engine->reg[DST] = engine->target_iova + slot * SLOT;
	engine->reg[LEN] = SLOT;
	engine->reg[PAUSE] = PAUSE_US;
	engine->reg[CONTROL] = START | (round & 1 ? BUFFER : 0);
	while (engine->reg[STATUS] & BUSY)
		usleep(PAUSE_US);
	if (engine->reg[STATUS] >> 16 || engine->reg[DONE] != SLOT)
		lost("round %lu: status %#lx, %lu bytes", round,
		     (unsigned long)engine->reg[STATUS], (unsigned long)engine->reg[DONE]);
	engine->round_of[slot] = round;
}

static void compare_slot(const struct engine *engine, unsigned long slot, unsigned long round)
{
	const uint64_t *target = (const uint64_t *)(engine->target + slot * SLOT);
	unsigned long i;

	for (i = 0; i < SLOT / sizeof(*target); i++)
		if (target[i] != (round ? word_of(round, i) : 0))
			lost("what round %lu copied is not there, from byte %lu on", round,
			     i * sizeof(*target));
}

int main(int argc, char **argv)
{
	struct engine engine = { 0 };
	unsigned long round, slot;

	if (argc != 2) {
		fputs("usage: dma-loop DEVICE\n", stderr);
		return 2;
	}
	engine.device = argv[1];
	setlinebuf(stdout);
	set_up(&engine);
	for (round = 1;; round++) {
		copy_slot(&engine, round);
		for (slot = 0; slot < SLOTS; slot++)
			compare_slot(&engine, slot, engine.round_of[slot]);
		printf("mdma round %lu\n", round);
	}
}

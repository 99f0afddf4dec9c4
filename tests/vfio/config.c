// SPDX-License-Identifier: GPL-2.0-only
/* The configuration space: every byte, what writing changes, and where it ends. */
#include <limits.h>

#include "mtty.h"

#define BAR(number)	(PCI_BASE_ADDRESS_0 + 4 * (number))
#define UNTOUCHED	0xa5

/* Says where they differ. */
static bool same(const uint8_t *got, const uint8_t *expected, size_t size, const char *when)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (got[i] == expected[i])
			continue;
		tap_note("%s byte %#zx is %#04x, expected %#04x", when, i, got[i], expected[i]);
		return false;
	}
	return true;
}

static bool is_space(struct device *dev, const uint8_t *expected, const char *when)
{
	uint8_t space[MTTY_CONFIG_SIZE];

	get_config(dev, space);
	return same(space, expected, sizeof(space), when);
}

static bool is_initial(struct device *dev, const char *when)
{
	return is_space(dev, dev->kind->config, when);
}

/* Each size at each offset, into a buffer whose other bytes must stay as they are. */
static bool reads_of_size(struct device *dev, size_t size)
{
	uint8_t buffer[MTTY_CONFIG_SIZE + 1], expected[MTTY_CONFIG_SIZE + 1];
	size_t offset;

	for (offset = 0; offset + size <= MTTY_CONFIG_SIZE; offset++) {
		memset(buffer, UNTOUCHED, sizeof(buffer));
		memset(expected, UNTOUCHED, sizeof(expected));
		memcpy(expected, dev->kind->config + offset, size);
		if (vfio_read(dev, CONFIG, offset, buffer, size) != (ssize_t)size) {
			tap_note("the read at offset %zu is short or failed", offset);
			return false;
		}
		if (!same(buffer, expected, sizeof(buffer), "in the buffer"))
			return false;
	}
	return true;
}

static void config_contents(struct device *dev)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 63, 100, 255 };
	unsigned int i;

	tap_ok(is_initial(dev, "at first"), "the 256 bytes of the configuration space are as expected");
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		tap_ok(reads_of_size(dev, sizes[i]), "reads of %zu bytes at any offset", sizes[i]);
}

static void config_positions(struct device *dev)
{
	static const long long nowhere[] = {
		-1, -256, LLONG_MIN, LLONG_MAX, LLONG_MAX - 3,
		8LL << REGION_SHIFT,	/* VGA: this device has none */
		9LL << REGION_SHIFT,
		255LL << REGION_SHIFT,
		(8LL << REGION_SHIFT) - 1,
		(7LL << REGION_SHIFT) + (1LL << 32),
		1LL << 62,
	};
	uint32_t value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		value = 0xa5a5a5a5;
		tap_ok(pread(dev->fd, &value, sizeof(value), nowhere[i]) < 0 &&
		       value == 0xa5a5a5a5, "pread at %lld fails", nowhere[i]);
		value = 0;
		tap_ok(pwrite(dev->fd, &value, sizeof(value), nowhere[i]) < 0,
		       "pwrite at %lld fails", nowhere[i]);
	}
}

/* All ones, all zeros and two patterns into one byte; the other bytes must not follow. */
static bool writes_to(struct device *dev, unsigned int offset)
{
	static const uint8_t values[] = { 0xff, 0x00, 0x5a, 0xa5 };
	uint8_t space[MTTY_CONFIG_SIZE];
	uint8_t mask = dev->kind->config_writable[offset];
	unsigned int i;

	memcpy(space, dev->kind->config, sizeof(space));
	for (i = 0; i < sizeof(values); i++) {
		poke(dev, CONFIG, offset, 1, values[i]);
		space[offset] = (dev->kind->config[offset] & ~mask) | (values[i] & mask);
		if (!is_space(dev, space, "after a write"))
			return false;
	}
	poke(dev, CONFIG, offset, 1, dev->kind->config[offset]);
	return true;
}

static void config_writes(struct device *dev)
{
	uint8_t ones[MTTY_CONFIG_SIZE + 16], expected[MTTY_CONFIG_SIZE];
	unsigned int i;

	for (i = 0; i < MTTY_CONFIG_SIZE && writes_to(dev, i); i++)
		;
	tap_is(i, MTTY_CONFIG_SIZE, "writing a byte changes its writable bits and no others");

	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < MTTY_CONFIG_SIZE; i++)
		expected[i] = dev->kind->config[i] | dev->kind->config_writable[i];
	tap_is(vfio_write(dev, CONFIG, 0, ones, sizeof(ones)), MTTY_CONFIG_SIZE,
	       "a write across the end is short");
	tap_ok(is_space(dev, expected, "after it"), "it sets the writable bits and no others");
	tap_is(vfio_write(dev, CONFIG, 0, dev->kind->config, MTTY_CONFIG_SIZE), MTTY_CONFIG_SIZE,
	       "the whole space can be written back");
	tap_ok(is_initial(dev, "after that"), "then it is as it was at first");
}

static uint32_t size_bar(struct device *dev, unsigned int bar)
{
	uint32_t mask;

	poke(dev, CONFIG, BAR(bar), 4, 0xffffffff);
	mask = (uint32_t)peek(dev, CONFIG, BAR(bar), 4);
	poke(dev, CONFIG, BAR(bar), 4, 0);
	return mask;
}

/* The BAR is a note of the guest's: registers are reached by region, wherever it is. */
static void config_mtty_bars(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		uint64_t size = dev->kind->region[i].size;
		uint32_t flag = size ? 1 : 0, mask = size ? ~(uint32_t)(size - 1) : 0;

		tap_is(size_bar(dev, i), mask | flag,
		       "BAR %u shows its size of %llu when ones are written", i, (unsigned long long)size);
		poke(dev, CONFIG, BAR(i), 4, 0x1000c150);
		tap_is(peek(dev, CONFIG, BAR(i), 4), (0x1000c150 & mask) | flag,
		       "BAR %u keeps an address", i);
		poke(dev, CONFIG, BAR(i), 4, 0);
	}
	poke(dev, CONFIG, PCI_ROM_ADDRESS, 4, 0xffffffff);
	tap_is(peek(dev, CONFIG, PCI_ROM_ADDRESS, 4), 0, "there is no expansion ROM");

	uart_out(dev, 0, UART_SCR, 0x3c);
	poke(dev, CONFIG, BAR(0), 4, 0xc150);
	tap_is(uart_in(dev, 0, UART_SCR), 0x3c, "moving BAR 0 leaves its registers in place");
	poke(dev, CONFIG, BAR(0), 4, 0);
	tap_ok(is_initial(dev, "at the end"), "the configuration space is as it was at first");
}

static void config_testdev_bars(struct device *dev)
{
	static const uint32_t masks[] = {
		0x0000000c, 0xffffffff, 0xfffff000, 0xfffffff1, 0xfffffffd, 0,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++)
		equal(size_bar(dev, i), masks[i]);
}

static void config_msi(struct device *dev)
{
	unsigned int msi = peek(dev, CONFIG, PCI_CAPABILITY_LIST, 1);
	unsigned int flags = PCI_MSI_FLAGS_64BIT | 2 << 1;

	is_true(peek(dev, CONFIG, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	equal(msi, 0x40);
	equal(peek(dev, CONFIG, msi, 2), PCI_CAP_ID_MSI);
	equal(peek(dev, CONFIG, msi + PCI_MSI_FLAGS, 2), flags);
	poke(dev, CONFIG, msi, 4, 0xffffffff);
	equal(peek(dev, CONFIG, msi, 4),
	      (flags | PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE) << 16 | PCI_CAP_ID_MSI);
	poke(dev, CONFIG, msi + PCI_MSI_ADDRESS_LO, 4, 0xfee00003);
	equal(peek(dev, CONFIG, msi + PCI_MSI_ADDRESS_LO, 4), 0xfee00000);
	poke(dev, CONFIG, msi + PCI_MSI_DATA_64, 4, 0x12344567);
	equal(peek(dev, CONFIG, msi + PCI_MSI_DATA_64, 4), 0x4567);
}

/* Kept by VFIO_DEVICE_RESET, as vfio-pci keeps it, and not left to the next user. */
static void config_reset(struct device *dev)
{
	uint8_t initial[256], before[256], after[256];
	unsigned int i;

	get_config(dev, initial);
	for (i = 0; i < 256; i++)
		poke(dev, CONFIG, i, 1, 0xff);
	get_config(dev, before);
	is_true(memcmp(initial, before, 256));
	equal(vfio_reset(dev), 0);
	get_config(dev, after);
	equal(memcmp(before, after, 256), 0);

	equal(vfio_reopen(dev), 0);
	get_config(dev, after);
	equal(memcmp(initial, after, 256), 0);
}

const struct check config_checks[] = {
	CHECK(config_contents, MTTY, "it is that of the document, byte by byte, in any read"),
	CHECK(config_positions, MTTY, "there is nothing elsewhere"),
	CHECK(config_writes, MTTY, "each bit is writable or not as PCI says"),
	CHECK(config_mtty_bars, MTTY, "sizing the BARs gives eight I/O ports each"),
	CHECK(config_testdev_bars, TESTDEV, "sizing works for I/O, memory and 64-bit BARs"),
	CHECK(config_msi, TESTDEV, "a device with MSI has the capability"),
	CHECK(config_reset, LINES, "a reset keeps it, a new user finds that of power-on"),
	{ 0 },
};

// SPDX-License-Identifier: GPL-2.0-only
/* The configuration space: every byte, what writing changes, and where it ends. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define CONFIG		VFIO_PCI_CONFIG_REGION_INDEX
#define BAR(number)	(0x10 + 4 * (number))
#define UNTOUCHED	0xa5

static ssize_t read_config(const struct mtty *mtty, unsigned int offset, void *buffer, size_t size)
{
	return vfio_client_read(&mtty->client, CONFIG, offset, buffer, size);
}

static ssize_t write_config(const struct mtty *mtty, unsigned int offset, const void *buffer,
			    size_t size)
{
	return vfio_client_write(&mtty->client, CONFIG, offset, buffer, size);
}

static uint32_t read_dword(const struct mtty *mtty, unsigned int offset)
{
	uint32_t value = 0;

	if (read_config(mtty, offset, &value, sizeof(value)) != sizeof(value))
		tap_bail_out("configuration space cannot be read at %#x", offset);
	return value;
}

static void write_dword(const struct mtty *mtty, unsigned int offset, uint32_t value)
{
	if (write_config(mtty, offset, &value, sizeof(value)) != sizeof(value))
		tap_bail_out("configuration space cannot be written at %#x", offset);
}

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

static bool is_space(const struct mtty *mtty, const uint8_t *expected, const char *when)
{
	uint8_t space[MTTY_CONFIG_SIZE] = { 0 };

	return read_config(mtty, 0, space, sizeof(space)) == sizeof(space) &&
	       same(space, expected, sizeof(space), when);
}

static void test_contents(const struct mtty *mtty)
{
	tap_ok(is_space(mtty, mtty->expected->config, "at first"),
	       "the 256 bytes of the configuration space are as expected");
}

/* Each size at each offset, into a buffer whose other bytes must stay as they are. */
static bool reads_of_size(const struct mtty *mtty, size_t size)
{
	uint8_t buffer[MTTY_CONFIG_SIZE + 1], expected[MTTY_CONFIG_SIZE + 1];
	size_t offset;

	for (offset = 0; offset + size <= MTTY_CONFIG_SIZE; offset++) {
		memset(buffer, UNTOUCHED, sizeof(buffer));
		memset(expected, UNTOUCHED, sizeof(expected));
		memcpy(expected, mtty->expected->config + offset, size);
		if (read_config(mtty, (unsigned int)offset, buffer, size) != (ssize_t)size) {
			tap_note("the read at offset %zu is short or failed", offset);
			return false;
		}
		if (!same(buffer, expected, sizeof(buffer), "in the buffer"))
			return false;
	}
	return true;
}

static void test_read_sizes(const struct mtty *mtty)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 63, 100, 255 };
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		tap_ok(reads_of_size(mtty, sizes[i]), "reads of %zu bytes at any offset", sizes[i]);
}

static void test_end(const struct mtty *mtty)
{
	uint8_t buffer[512], expected[512];
	unsigned int size;
	ssize_t count;

	for (size = 1; size <= 16; size++) {
		memset(buffer, UNTOUCHED, sizeof(buffer));
		memset(expected, UNTOUCHED, sizeof(expected));
		memcpy(expected, mtty->expected->config + MTTY_CONFIG_SIZE - size, size);
		count = read_config(mtty, MTTY_CONFIG_SIZE - size, buffer, 256);
		if (count != size || !same(buffer, expected, sizeof(buffer), "in the buffer"))
			break;
	}
	tap_is(size, 17, "a read across the end is short and touches nothing behind");

	memset(buffer, UNTOUCHED, sizeof(buffer));
	memset(expected, UNTOUCHED, sizeof(expected));
	tap_ok(read_config(mtty, MTTY_CONFIG_SIZE, buffer, 1) <= 0 &&
	       read_config(mtty, MTTY_CONFIG_SIZE, buffer, 512) <= 0,
	       "nothing is read at the end");
	tap_ok(read_config(mtty, MTTY_CONFIG_SIZE + 1, buffer, 1) <= 0 &&
	       read_config(mtty, 4096, buffer, 4) <= 0 &&
	       read_config(mtty, UINT_MAX, buffer, 4) <= 0, "nothing is read past the end");
	tap_ok(same(buffer, expected, sizeof(buffer), "in the buffer"),
	       "these reads leave the buffer as it is");
	tap_ok(write_config(mtty, MTTY_CONFIG_SIZE, buffer, 1) <= 0 &&
	       write_config(mtty, MTTY_CONFIG_SIZE + 1, buffer, 4) <= 0 &&
	       write_config(mtty, 4096, buffer, 4) <= 0, "nothing is written at or past the end");
	tap_is(read_config(mtty, 0, buffer, 0), 0, "a read of no bytes gives 0");
}

static void test_positions(const struct mtty *mtty)
{
	static const long long positions[] = {
		-1, -256, LLONG_MIN, LLONG_MAX, LLONG_MAX - 3,
		8LL << VFIO_CLIENT_REGION_SHIFT,	/* VGA: this device has none */
		9LL << VFIO_CLIENT_REGION_SHIFT,
		255LL << VFIO_CLIENT_REGION_SHIFT,
		(8LL << VFIO_CLIENT_REGION_SHIFT) - 1,
		(7LL << VFIO_CLIENT_REGION_SHIFT) + (1LL << 32),
		1LL << 62,
	};
	uint32_t value;
	unsigned int i;

	for (i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		value = 0xa5a5a5a5;
		tap_ok(pread(mtty->client.device, &value, sizeof(value), positions[i]) < 0 &&
		       value == 0xa5a5a5a5, "pread at %lld fails", positions[i]);
		value = 0;
		tap_ok(pwrite(mtty->client.device, &value, sizeof(value), positions[i]) < 0,
		       "pwrite at %lld fails", positions[i]);
	}
}

static void test_bad_buffers(const struct mtty *mtty)
{
	tap_is(read_config(mtty, 0, NULL, 4), -EFAULT, "a read to no memory says EFAULT");
	tap_is(write_config(mtty, 4, NULL, 4), -EFAULT, "a write from no memory says EFAULT");
	tap_ok(is_space(mtty, mtty->expected->config, "after that"), "which changes nothing");
}

/* All ones, all zeros and two patterns into one byte; the other bytes must not follow. */
static bool writes_to(const struct mtty *mtty, unsigned int offset)
{
	static const uint8_t values[] = { 0xff, 0x00, 0x5a, 0xa5 };
	uint8_t space[MTTY_CONFIG_SIZE];
	uint8_t mask = mtty->expected->config_writable[offset];
	unsigned int i;

	memcpy(space, mtty->expected->config, sizeof(space));
	for (i = 0; i < sizeof(values); i++) {
		if (write_config(mtty, offset, &values[i], 1) != 1)
			return false;
		space[offset] = (mtty->expected->config[offset] & ~mask) | (values[i] & mask);
		if (!is_space(mtty, space, "after a write"))
			return false;
	}
	return write_config(mtty, offset, &mtty->expected->config[offset], 1) == 1;
}

static void test_writes(const struct mtty *mtty)
{
	unsigned int offset;

	for (offset = 0; offset < MTTY_CONFIG_SIZE; offset++)
		if (!writes_to(mtty, offset))
			break;
	tap_is(offset, MTTY_CONFIG_SIZE, "writing a byte changes its writable bits and no others");
}

static void test_write_of_all(const struct mtty *mtty)
{
	uint8_t ones[MTTY_CONFIG_SIZE + 16], expected[MTTY_CONFIG_SIZE];
	unsigned int i;

	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < MTTY_CONFIG_SIZE; i++)
		expected[i] = mtty->expected->config[i] | mtty->expected->config_writable[i];
	tap_is(write_config(mtty, 0, ones, sizeof(ones)), MTTY_CONFIG_SIZE,
	       "a write across the end is short");
	tap_ok(is_space(mtty, expected, "after it"), "it sets the writable bits and no others");
	tap_is(write_config(mtty, 0, mtty->expected->config, MTTY_CONFIG_SIZE), MTTY_CONFIG_SIZE,
	       "the whole space can be written back");
	tap_ok(is_space(mtty, mtty->expected->config, "after that"),
	       "then it is as it was at first");
}

static void test_bar(const struct mtty *mtty, unsigned int number)
{
	uint64_t size = mtty->expected->region[number].size;
	uint32_t flag = size ? 1 : 0;
	uint32_t mask = size ? ~(uint32_t)(size - 1) : 0;

	write_dword(mtty, BAR(number), 0xffffffff);
	tap_is(read_dword(mtty, BAR(number)), mask | flag,
	       "BAR %u shows its size of %llu when ones are written", number,
	       (unsigned long long)size);
	write_dword(mtty, BAR(number), 0x1000c150);
	tap_is(read_dword(mtty, BAR(number)), (0x1000c150 & mask) | flag,
	       "BAR %u keeps an address", number);
	write_dword(mtty, BAR(number), 0);
}

static void test_bars(const struct mtty *mtty)
{
	unsigned int number;

	for (number = 0; number < 6; number++)
		test_bar(mtty, number);
	write_dword(mtty, 0x30, 0xffffffff);
	tap_is(read_dword(mtty, 0x30), 0, "there is no expansion ROM");
}

/* The BAR is a note of the guest's: registers are reached by region, wherever it is. */
static void test_address_moves_nothing(const struct mtty *mtty)
{
	mtty_out(mtty, 0, UART_SCR, 0x3c);
	write_dword(mtty, BAR(0), 0xc150);
	tap_is(mtty_in(mtty, 0, UART_SCR), 0x3c, "moving BAR 0 leaves its registers in place");
	write_dword(mtty, BAR(0), 0);
}

void test_config(struct mtty *mtty)
{
	test_contents(mtty);
	test_read_sizes(mtty);
	test_end(mtty);
	test_positions(mtty);
	test_bad_buffers(mtty);
	test_writes(mtty);
	test_write_of_all(mtty);
	test_bars(mtty);
	test_address_moves_nothing(mtty);
	tap_ok(is_space(mtty, mtty->expected->config, "at the end"),
	       "the configuration space is as it was at first");
}

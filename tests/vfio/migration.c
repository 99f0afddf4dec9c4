// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of migration, from a device to itself: what is loaded comes from the stream, as the
 * device is reset in between.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "stream.h"

#define ERROR VFIO_DEVICE_STATE_ERROR
#define STOP VFIO_DEVICE_STATE_STOP
#define RUNNING VFIO_DEVICE_STATE_RUNNING
#define STOP_COPY VFIO_DEVICE_STATE_STOP_COPY
#define RESUMING VFIO_DEVICE_STATE_RESUMING
#define RUNNING_P2P VFIO_DEVICE_STATE_RUNNING_P2P
#define PRE_COPY MIG_STATE_PRE_COPY
#define PRE_COPY_P2P MIG_STATE_PRE_COPY_P2P

#define GET VFIO_DEVICE_FEATURE_GET
#define SET VFIO_DEVICE_FEATURE_SET
#define PROBE VFIO_DEVICE_FEATURE_PROBE

/* Larger than the stack likes. */
static struct image image, other;
static void *const nowhere = (void *)-4096L;
static uint8_t stream[2 * STREAM_MAX];

static void move(struct vfio_client *client, uint32_t state)
{
	int fd;

	equal(set_state(client, state, &fd), 0);
	equal(fd, -1);
	equal(state_of(client), state);
}

static int begin(struct vfio_client *client, uint32_t state)
{
	int fd;

	equal(set_state(client, state, &fd), 0);
	is_true(fd >= 0);
	equal(state_of(client), state);
	return fd;
}

static void features(struct vfio_client *client)
{
	uint32_t header = sizeof(struct vfio_device_feature);
	uint64_t data[2] = { 0 };
	uint32_t flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
			 (has_precopy(client) ? MIG_PRE_COPY : 0);

	equal(get_feature(client, GET | VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), 0);
	equal(data[0], flags);
	equal(get_feature(client, GET | PROBE | VFIO_DEVICE_FEATURE_MIGRATION, header, data, 0), 0);
	equal(get_feature(client, SET | VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), -EINVAL);
	equal(get_feature(client, GET | VFIO_DEVICE_FEATURE_MIGRATION, header + 7, data, 8), -EINVAL);
	equal(get_feature(client, VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), -EINVAL);

	equal(get_feature(client, GET | SET | PROBE | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header,
			  data, 0), 0);
	equal(get_feature(client, SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header + 7, data, 8),
	      -EINVAL);
	equal(get_feature(client, GET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header - 1, data, 8),
	      -EINVAL);
	equal(get_feature(client, GET | 0xfff0, header + 8, data, 8), -ENOTTY);

	/* The largest that a stream can be is no less than what one is. */
	equal(get_feature(client, GET | FEATURE_MIG_DATA_SIZE, header + 8, data, 8), 0);
	save_image(client, &image);
	is_true(data[0] >= make_stream(&image, stream));
}

static bool is_precopy(uint32_t state)
{
	return state == PRE_COPY || state == PRE_COPY_P2P;
}

/* A new transfer, for which the user gets a file? */
static bool begins_transfer(uint32_t from, uint32_t to)
{
	if (to == STOP_COPY)
		return from != STOP_COPY && !is_precopy(from);
	if (is_precopy(to))
		return !is_precopy(from);
	return to == RESUMING && from != RESUMING;
}

static void arc(struct vfio_client *client, uint32_t from, uint32_t to)
{
	int fd;

	equal(vfio_client_reset(client), 0);
	equal(set_state(client, from, &fd), 0);
	/* Nothing has been written, so nothing is there to be loaded. */
	if (from == RESUMING && to != RESUMING) {
		equal(set_state(client, to, &fd), -EINVAL);
		equal(state_of(client), ERROR);
		return;
	}
	/* From the end of a transfer no way leads back to its beginning. */
	if (from == STOP_COPY && is_precopy(to)) {
		equal(set_state(client, to, &fd), -EINVAL);
		equal(state_of(client), STOP_COPY);
		return;
	}
	equal(set_state(client, to, &fd), 0);
	equal(fd >= 0, begins_transfer(from, to));
	equal(state_of(client), to);
	if (fd >= 0)
		equal(close(fd), 0);
}

/* Which of the states can be gone to from which; the order is that of the numbers. */
static void arcs(struct vfio_client *client)
{
	uint32_t states = has_precopy(client) ? PRE_COPY_P2P : RUNNING_P2P;
	uint32_t from, to;
	int fd;

	for (from = STOP; from <= states; from++) {
		for (to = STOP; to <= states; to++)
			arc(client, from, to);
	}
	equal(vfio_client_reset(client), 0);
	begin(client, RESUMING);
	for (to = states + 1; to < 12; to++) {
		equal(set_state(client, to, &fd), -EINVAL);
		equal(set_state(client, UINT32_MAX - to, &fd), -EINVAL);
	}
	equal(set_state(client, ERROR, &fd), -EINVAL);
	equal(state_of(client), RESUMING);
}

static void error_and_reset(struct vfio_client *client)
{
	uint32_t state;
	int fd;

	begin(client, RESUMING);
	equal(set_state(client, STOP, &fd), -EINVAL);
	for (state = 0; state < 10; state++)
		equal(set_state(client, state, &fd), state == ERROR ? 0 : -EINVAL);
	equal(state_of(client), ERROR);
	equal(vfio_client_reset(client), 0);
	equal(state_of(client), RUNNING);

	/* Out of each of the others, too. */
	move(client, RUNNING_P2P);
	equal(vfio_client_reset(client), 0);
	equal(state_of(client), RUNNING);
	move(client, STOP);
	equal(vfio_client_reset(client), 0);
	equal(state_of(client), RUNNING);
	fd = begin(client, STOP_COPY);
	equal(vfio_client_reset(client), 0);
	equal(state_of(client), RUNNING);
	equal(read(fd, stream, 1), -1);
	equal(errno, ENODEV);
}

static void set_up(struct vfio_client *client)
{
	write_register(client, 0, 0, 8, 0x1122334455667788);
	write_register(client, 0, 56, 8, 0xa5a5a5a5a5a5a5a5);
	write_register(client, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	write_register(client, CONFIG, PCI_BASE_ADDRESS_2, 4, 0xfebf1000);
	write_register(client, CONFIG, 0x40 + PCI_MSI_DATA_64, 2, 0x4321);
}

static void expect_set_up(struct vfio_client *client)
{
	equal(read_register(client, 0, 0, 8), 0x1122334455667788);
	equal(read_register(client, 0, 56, 8), 0xa5a5a5a5a5a5a5a5);
	equal(read_register(client, CONFIG, PCI_COMMAND, 2), PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	equal(read_register(client, CONFIG, PCI_BASE_ADDRESS_2, 4), 0xfebf1000);
	equal(read_register(client, CONFIG, 0x40 + PCI_MSI_DATA_64, 2), 0x4321);
}

static void round_trip(struct vfio_client *client)
{
	set_up(client);
	save_image(client, &image);
	expect_set_up(client);
	equal(vfio_client_reset(client), 0);
	equal(read_register(client, 0, 0, 8), 0);
	equal(load_image(client, &image), 0);
	expect_set_up(client);
	/* The same again, in every byte. */
	save_image(client, &other);
	equal(other.size, image.size);
	equal(memcmp(&other, &image, sizeof(image)), 0);
}

/* What was raised and not delivered before is delivered after, to the new user's eventfds. */
static void interrupts(struct vfio_client *client)
{
	int intx = new_eventfd(), msi = new_eventfd();

	write_register(client, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 1);
	move(client, STOP);
	equal(vfio_client_irq_eventfd(client, TRIGGER, MSI, msi), 0);
	write_register(client, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	/* A stopped device does not interrupt. */
	equal(vfio_client_signals(msi), 0);
	save_image(client, &image);
	/* It runs again. */
	equal(vfio_client_signals(msi), 1);
	equal(vfio_client_reset(client), 0);

	equal(load_image(client, &image), 0);
	equal(vfio_client_signals(msi), 1);
	equal(vfio_client_irq_disable(client, MSI), 0);
	equal(vfio_client_irq_eventfd(client, TRIGGER, INTX, intx), 0);
	equal(vfio_client_signals(intx), 1);
	is_true(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	write_register(client, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(intx), 0);
}

static uint32_t log_entry(struct vfio_client *client, unsigned int entry)
{
	return read_register(client, VFIO_PCI_BAR2_REGION_INDEX, 4 * entry, 4);
}

/* The driver is stopped once and started once, whatever way the user takes. */
static void stop_and_start(struct vfio_client *client)
{
	move(client, STOP);
	begin(client, STOP_COPY);
	move(client, STOP);
	move(client, RUNNING);
	equal(log_entry(client, 0), 1);
	equal(log_entry(client, 1), 2);
	equal(log_entry(client, 1023), 2);
	begin(client, STOP_COPY);
	equal(log_entry(client, 2), 1);
	equal(vfio_client_reset(client), 0);
	/* The reset has cleared the log, and then started the device. */
	equal(log_entry(client, 0), 2);
	equal(log_entry(client, 1023), 1);

	/* Before its peers stop, it has; it goes on when they can. */
	move(client, RUNNING_P2P);
	equal(log_entry(client, 1), 1);
	move(client, STOP);
	move(client, RUNNING_P2P);
	equal(log_entry(client, 1023), 2);
	move(client, RUNNING);
	equal(log_entry(client, 2), 2);
	if (!has_precopy(client))
		return;
	begin(client, PRE_COPY);
	move(client, PRE_COPY_P2P);
	equal(log_entry(client, 3), 1);
	move(client, PRE_COPY);
	equal(log_entry(client, 4), 2);
	equal(log_entry(client, 1023), 5);
}

/* While its peers may still write to it, it interrupts; stopped, it does not. */
static void peer_to_peer(struct vfio_client *client)
{
	int msi = new_eventfd();

	equal(vfio_client_irq_eventfd(client, TRIGGER, MSI, msi), 0);
	move(client, RUNNING_P2P);
	write_register(client, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	equal(vfio_client_signals(msi), 1);
	move(client, STOP);
	write_register(client, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	equal(vfio_client_signals(msi), 0);
	move(client, RUNNING_P2P);
	equal(vfio_client_signals(msi), 1);
	move(client, RUNNING);
	equal(vfio_client_signals(msi), 0);
}

static void save_fails(struct vfio_client *client)
{
	int fd;

	write_register(client, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 1);
	equal(set_state(client, STOP_COPY, &fd), -EIO);
	equal(state_of(client), STOP);
	move(client, RUNNING);
	write_register(client, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 0);
	if (has_precopy(client)) {
		fd = begin(client, PRE_COPY);
		write_register(client, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 1);
		equal(set_state(client, STOP_COPY, &(int){ -1 }), -EIO);
		/* The arc that failed was the second one of the way. */
		equal(state_of(client), PRE_COPY_P2P);
		write_register(client, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 0);
		/* This transfer has failed; the next one need not. */
		equal(read(fd, stream, 1), -1);
		equal(errno, EIO);
		equal(set_state(client, STOP_COPY, &(int){ -1 }), -EIO);
		move(client, RUNNING);
		equal(close(fd), 0);
	}
	save_image(client, &image);
}

static int poll_events(int fd)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };

	is_true(poll(&event, 1, 0) >= 0);
	return event.revents;
}

/* The file of the stream, before and after its time. */
static void files(struct vfio_client *client)
{
	const char *uuid = client->uuid;
	int save, load;

	save = begin(client, STOP_COPY);
	equal(poll_events(save), POLLIN);
	equal(pread(save, stream, 1, 0), -1);
	equal(errno, ESPIPE);
	equal(write(save, stream, 1), -1);
	equal(errno, EBADF);
	equal(read(save, nowhere, 10), -1);
	equal(errno, EFAULT);
	equal(read(save, stream, 0), 0);
	equal(read(save, stream, 1), 1);
	equal(stream[0], 'M');
	equal(ioctl(save, MIG_GET_PRECOPY_INFO, NULL), -1);
	equal(errno, EFAULT);
	equal(ioctl(save, VFIO_DEVICE_RESET), -1);
	equal(errno, ENOTTY);
	move(client, STOP);
	equal(read(save, stream, 1), -1);
	equal(errno, ENODEV);
	is_true(poll_events(save) & POLLERR);

	load = begin(client, RESUMING);
	equal(read(load, stream, 1), -1);
	equal(errno, EBADF);
	equal(write(load, nowhere, 10), -1);
	equal(errno, EFAULT);
	vfio_client_close(client);
	equal(write(load, stream, 1), -1);
	equal(errno, ENODEV);
	equal(vfio_client_open(client, uuid), 0);
	equal(state_of(client), RUNNING);
	equal(write(load, stream, 1), -1);
	equal(errno, ENODEV);
	equal(close(save), 0);
	equal(close(load), 0);
}

/* In pieces of one byte. */
static void byte_by_byte(struct vfio_client *client)
{
	size_t size, i;
	int fd;

	set_up(client);
	save_image(client, &image);
	size = make_stream(&image, stream);
	equal(vfio_client_reset(client), 0);
	fd = begin(client, RESUMING);
	for (i = 0; i < size; i++)
		equal(write(fd, stream + i, 1), 1);
	/* The end is the end. */
	equal(write(fd, stream, 1), -1);
	equal(errno, EINVAL);
	equal(close(fd), 0);
	move(client, RUNNING);
	expect_set_up(client);
}

static void get_precopy_info(int fd, struct precopy_info *info)
{
	*info = (struct precopy_info){ .argsz = sizeof(*info) };
	equal(ioctl(fd, MIG_GET_PRECOPY_INFO, info), 0);
}

static size_t read_to_pause(int fd, uint8_t *to)
{
	size_t size = 0;
	ssize_t count;

	while ((count = read(fd, to + size, 1000)) > 0)
		size += count;
	equal(count, -1);
	equal(errno, ENOMSG);
	return size;
}

/* On testdev-express: its memory is copied while it runs, and then what has changed. */
static void precopy(struct vfio_client *client)
{
	struct precopy_info info;
	uint64_t i;
	size_t size;
	int fd;

	if (!has_precopy(client))
		return;
	for (i = 0; i < 16384; i += 8)
		write_register(client, 2, i, 8, 0x0101010101010101 * i + 1);

	fd = begin(client, PRE_COPY);
	get_precopy_info(fd, &info);
	is_true(info.initial_bytes > 16384 && info.initial_bytes < 24576);
	equal(info.dirty_bytes, 0);
	equal(poll_events(fd), POLLIN);
	size = read_to_pause(fd, stream);
	equal(size, info.initial_bytes);
	equal(poll_events(fd), 0);
	apply_records(&image, stream, size, true);
	get_precopy_info(fd, &info);
	equal(info.initial_bytes + info.dirty_bytes, 0);

	write_register(client, 2, 8192, 8, 1);
	get_precopy_info(fd, &info);
	equal(info.initial_bytes, 0);
	equal(info.dirty_bytes, sizeof(struct stream_record) + PIECE);
	size = read_to_pause(fd, stream);
	equal(size, info.dirty_bytes);
	apply_records(&image, stream, size, false);

	/* Part of it unread when the device stops. */
	write_register(client, 2, 0, 8, 2);
	get_precopy_info(fd, &info);
	equal(read(fd, stream, 3), 3);
	write_register(client, 2, 4096, 8, 3);
	move(client, STOP_COPY);
	equal(ioctl(fd, MIG_GET_PRECOPY_INFO, &info), -1);
	equal(errno, EINVAL);
	size = 3 + read_stream(fd, stream + 3, STREAM_MAX);
	equal(size, 3 * sizeof(struct stream_record) + 2 * PIECE);
	apply_records(&image, stream, size, false);
	equal(close(fd), 0);

	equal(vfio_client_reset(client), 0);
	equal(load_image(client, &image), 0);
	equal(read_register(client, 2, 0, 8), 2);
	equal(read_register(client, 2, 4096, 8), 3);
	equal(read_register(client, 2, 8192, 8), 1);
	for (i = 8; i < 4096; i += 8)
		equal(read_register(client, 2, i, 8), 0x0101010101010101 * i + 1);
}

static unsigned int number_of_saves(void)
{
	FILE *file = fopen("/sys/module/vfio_mdev_testdev/parameters/saves", "re");
	unsigned int saves;

	is_true(file);
	equal(fscanf(file, "%u", &saves), 1);
	equal(fclose(file), 0);
	return saves;
}

/* Who asks again and again whether something has changed does not have it saved each time. */
static void precopy_polled(struct vfio_client *client)
{
	struct precopy_info info;
	unsigned int saves, i;
	int fd;

	if (!has_precopy(client))
		return;
	fd = begin(client, PRE_COPY);
	read_to_pause(fd, stream);
	get_precopy_info(fd, &info);
	equal(info.dirty_bytes, 0);
	saves = number_of_saves();
	for (i = 0; i < 100; i++) {
		get_precopy_info(fd, &info);
		equal(info.dirty_bytes, 0);
	}
	equal(number_of_saves(), saves);
	/* The toolkit's own part is looked at, the driver's when it has changed. */
	write_register(client, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	get_precopy_info(fd, &info);
	is_true(info.dirty_bytes);
	equal(number_of_saves(), saves);
	read_to_pause(fd, stream);
	write_register(client, 0, 0, 8, 1);
	get_precopy_info(fd, &info);
	is_true(info.dirty_bytes);
	equal(number_of_saves(), saves + 1);
	equal(close(fd), 0);
}

static void precopy_given_up(struct vfio_client *client)
{
	struct precopy_info info = { .argsz = sizeof(info) - 1 };
	int fd;

	if (!has_precopy(client))
		return;
	fd = begin(client, PRE_COPY);
	equal(ioctl(fd, MIG_GET_PRECOPY_INFO, &info), -1);
	equal(errno, EINVAL);
	/* It runs, and interrupts. */
	move(client, RUNNING);
	equal(read(fd, stream, 1), -1);
	equal(errno, ENODEV);
	info.argsz = sizeof(info);
	equal(ioctl(fd, MIG_GET_PRECOPY_INFO, &info), -1);
	equal(errno, ENODEV);
	equal(close(fd), 0);

	fd = begin(client, PRE_COPY);
	move(client, STOP);
	equal(close(fd), 0);
}

const struct check migration_checks[] = {
	{ .name = "migration-features", .run = features },
	{ .name = "migration-arcs", .run = arcs },
	{ .name = "migration-error-and-reset", .run = error_and_reset },
	{ .name = "migration-round-trip", .run = round_trip },
	{ .name = "migration-interrupts", .run = interrupts },
	{ .name = "migration-stop-and-start", .run = stop_and_start },
	{ .name = "migration-peer-to-peer", .run = peer_to_peer },
	{ .name = "migration-save-fails", .run = save_fails },
	{ .name = "migration-files", .run = files },
	{ .name = "migration-byte-by-byte", .run = byte_by_byte },
	{ .name = "migration-precopy", .run = precopy },
	{ .name = "migration-testdev-precopy-polled", .run = precopy_polled },
	{ .name = "migration-precopy-given-up", .run = precopy_given_up },
	{ 0 },
};

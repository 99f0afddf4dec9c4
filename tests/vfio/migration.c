// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of migration, from a device to itself: what is loaded comes from the stream, as the
 * device is reset in between.
 */
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

static void move(struct device *dev, uint32_t state)
{
	int fd;

	equal(set_state(dev, state, &fd), 0);
	equal(fd, -1);
	equal(state_of(dev), state);
}

static int begin(struct device *dev, uint32_t state)
{
	int fd;

	equal(set_state(dev, state, &fd), 0);
	is_true(fd >= 0);
	equal(state_of(dev), state);
	return fd;
}

static void migration_features(struct device *dev)
{
	uint32_t header = sizeof(struct vfio_device_feature);
	uint64_t data[2] = { 0 };
	uint32_t flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
			 (has_precopy(dev) ? MIG_PRE_COPY : 0);

	equal(get_feature(dev, GET | VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), 0);
	equal(data[0], flags);
	equal(get_feature(dev, GET | PROBE | VFIO_DEVICE_FEATURE_MIGRATION, header, data, 0), 0);
	equal(get_feature(dev, SET | VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), -EINVAL);
	equal(get_feature(dev, GET | VFIO_DEVICE_FEATURE_MIGRATION, header + 7, data, 8), -EINVAL);
	equal(get_feature(dev, VFIO_DEVICE_FEATURE_MIGRATION, header + 8, data, 8), -EINVAL);

	equal(get_feature(dev, GET | SET | PROBE | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header,
			  data, 0), 0);
	equal(get_feature(dev, SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header + 7, data, 8),
	      -EINVAL);
	equal(get_feature(dev, GET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, header - 1, data, 8),
	      -EINVAL);
	equal(get_feature(dev, GET | 0xfff0, header + 8, data, 8), -ENOTTY);

	/* The largest that a stream can be is no less than what one is. */
	equal(get_feature(dev, GET | FEATURE_MIG_DATA_SIZE, header + 8, data, 8), 0);
	save_image(dev, &image);
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

static void arc(struct device *dev, uint32_t from, uint32_t to)
{
	int fd;

	equal(vfio_reset(dev), 0);
	equal(set_state(dev, from, &fd), 0);
	/* Nothing has been written, so nothing is there to be loaded. */
	if (from == RESUMING && to != RESUMING) {
		equal(set_state(dev, to, &fd), -EINVAL);
		equal(state_of(dev), ERROR);
		return;
	}
	/* From the end of a transfer no way leads back to its beginning. */
	if (from == STOP_COPY && is_precopy(to)) {
		equal(set_state(dev, to, &fd), -EINVAL);
		equal(state_of(dev), STOP_COPY);
		return;
	}
	equal(set_state(dev, to, &fd), 0);
	equal(fd >= 0, begins_transfer(from, to));
	equal(state_of(dev), to);
	if (fd >= 0)
		equal(close(fd), 0);
}

/* Which of the states can be gone to from which; the order is that of the numbers. */
static void migration_arcs(struct device *dev)
{
	uint32_t states = has_precopy(dev) ? PRE_COPY_P2P : RUNNING_P2P;
	uint32_t from, to;
	int fd;

	for (from = STOP; from <= states; from++) {
		for (to = STOP; to <= states; to++)
			arc(dev, from, to);
	}
	equal(vfio_reset(dev), 0);
	begin(dev, RESUMING);
	for (to = states + 1; to < 12; to++) {
		equal(set_state(dev, to, &fd), -EINVAL);
		equal(set_state(dev, UINT32_MAX - to, &fd), -EINVAL);
	}
	equal(set_state(dev, ERROR, &fd), -EINVAL);
	equal(state_of(dev), RESUMING);
}

static void migration_error_and_reset(struct device *dev)
{
	uint32_t state;
	int fd;

	begin(dev, RESUMING);
	equal(set_state(dev, STOP, &fd), -EINVAL);
	for (state = 0; state < 10; state++)
		equal(set_state(dev, state, &fd), state == ERROR ? 0 : -EINVAL);
	equal(state_of(dev), ERROR);
	equal(vfio_reset(dev), 0);
	equal(state_of(dev), RUNNING);

	/* Out of each of the others, too. */
	move(dev, RUNNING_P2P);
	equal(vfio_reset(dev), 0);
	equal(state_of(dev), RUNNING);
	move(dev, STOP);
	equal(vfio_reset(dev), 0);
	equal(state_of(dev), RUNNING);
	fd = begin(dev, STOP_COPY);
	equal(vfio_reset(dev), 0);
	equal(state_of(dev), RUNNING);
	equal(result(read(fd, stream, 1)), -ENODEV);
}

static void set_up(struct device *dev)
{
	poke(dev, 0, 0, 8, 0x1122334455667788);
	poke(dev, 0, 56, 8, 0xa5a5a5a5a5a5a5a5);
	poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	poke(dev, CONFIG, PCI_BASE_ADDRESS_2, 4, 0xfebf1000);
	poke(dev, CONFIG, 0x40 + PCI_MSI_DATA_64, 2, 0x4321);
}

static void expect_set_up(struct device *dev)
{
	equal(peek(dev, 0, 0, 8), 0x1122334455667788);
	equal(peek(dev, 0, 56, 8), 0xa5a5a5a5a5a5a5a5);
	equal(peek(dev, CONFIG, PCI_COMMAND, 2), PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	equal(peek(dev, CONFIG, PCI_BASE_ADDRESS_2, 4), 0xfebf1000);
	equal(peek(dev, CONFIG, 0x40 + PCI_MSI_DATA_64, 2), 0x4321);
}

static void migration_round_trip(struct device *dev)
{
	set_up(dev);
	save_image(dev, &image);
	expect_set_up(dev);
	equal(vfio_reset(dev), 0);
	equal(peek(dev, 0, 0, 8), 0);
	equal(load_image(dev, &image), 0);
	expect_set_up(dev);
	/* The same again, in every byte. */
	save_image(dev, &other);
	equal(other.size, image.size);
	equal(memcmp(&other, &image, sizeof(image)), 0);
}

/* What was raised and not delivered before is delivered after, to the new user's eventfds. */
static void migration_interrupts(struct device *dev)
{
	int intx = new_eventfd(), msi = new_eventfd();

	poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 1);
	move(dev, STOP);
	equal(vfio_irq_eventfd(dev, TRIGGER, MSI, msi), 0);
	poke(dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	/* A stopped device does not interrupt. */
	equal(signals(msi), 0);
	save_image(dev, &image);
	/* It runs again. */
	equal(signals(msi), 1);
	equal(vfio_reset(dev), 0);

	equal(load_image(dev, &image), 0);
	equal(signals(msi), 1);
	equal(vfio_irq_disable(dev, MSI), 0);
	equal(vfio_irq_eventfd(dev, TRIGGER, INTX, intx), 0);
	equal(signals(intx), 1);
	is_true(peek(dev, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 0);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(signals(intx), 0);
}

/* An interrupt raised and served, which the user has not unmasked yet. */
static void serve_without_end(struct device *dev, int intx)
{
	poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 1);
	equal(signals(intx), 1);
	poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 0);
}

/*
 * A virtual machine that has not come to the end of an interrupt has its line asserted, and takes
 * that along. Nobody would lower it on the other side but for a signal, whose end does.
 */
static void migration_unended_interrupt(struct device *dev)
{
	int intx = new_eventfd(), unmask = new_eventfd();

	equal(vfio_irq_eventfd(dev, TRIGGER, INTX, intx), 0);
	serve_without_end(dev, intx);
	save_image(dev, &image);
	/* Here nothing has changed. */
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(signals(intx), 0);
	equal(vfio_reset(dev), 0);
	equal(load_image(dev, &image), 0);
	equal(signals(intx), 1);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(signals(intx), 0);

	/* One that has ended, by either way to unmask, and a mask of the user's, are none. */
	serve_without_end(dev, intx);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	save_image(dev, &image);
	equal(load_image(dev, &image), 0);
	equal(signals(intx), 0);
	serve_without_end(dev, intx);
	equal(vfio_irq_eventfd(dev, UNMASK, INTX, unmask), 0);
	equal(eventfd_write(unmask, 1), 0);
	equal(vfio_irq_act(dev, MASK, INTX), 0);
	save_image(dev, &image);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(load_image(dev, &image), 0);
	equal(signals(intx), 0);
}

static uint32_t log_entry(struct device *dev, unsigned int entry)
{
	return peek(dev, VFIO_PCI_BAR2_REGION_INDEX, 4 * entry, 4);
}

/* The driver is stopped once and started once, whatever way the user takes. */
static void migration_stop_and_start(struct device *dev)
{
	move(dev, STOP);
	begin(dev, STOP_COPY);
	move(dev, STOP);
	move(dev, RUNNING);
	equal(log_entry(dev, 0), 1);
	equal(log_entry(dev, 1), 2);
	equal(log_entry(dev, 1023), 2);
	begin(dev, STOP_COPY);
	equal(log_entry(dev, 2), 1);
	equal(vfio_reset(dev), 0);
	/* The reset has cleared the log, and then started the device. */
	equal(log_entry(dev, 0), 2);
	equal(log_entry(dev, 1023), 1);

	/* Before its peers stop, it has; it goes on when they can. */
	move(dev, RUNNING_P2P);
	equal(log_entry(dev, 1), 1);
	move(dev, STOP);
	move(dev, RUNNING_P2P);
	equal(log_entry(dev, 1023), 2);
	move(dev, RUNNING);
	equal(log_entry(dev, 2), 2);
	if (!has_precopy(dev))
		return;
	begin(dev, PRE_COPY);
	move(dev, PRE_COPY_P2P);
	equal(log_entry(dev, 3), 1);
	move(dev, PRE_COPY);
	equal(log_entry(dev, 4), 2);
	equal(log_entry(dev, 1023), 5);
}

/* While its peers may still write to it, it interrupts; stopped, it does not. */
static void migration_peer_to_peer(struct device *dev)
{
	int msi = listen_to(dev, MSI);

	move(dev, RUNNING_P2P);
	poke(dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	equal(signals(msi), 1);
	move(dev, STOP);
	poke(dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
	equal(signals(msi), 0);
	move(dev, RUNNING_P2P);
	equal(signals(msi), 1);
	move(dev, RUNNING);
	equal(signals(msi), 0);
}

static void migration_save_fails(struct device *dev)
{
	int fd;

	poke(dev, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 1);
	equal(set_state(dev, STOP_COPY, &fd), -EIO);
	equal(state_of(dev), STOP);
	move(dev, RUNNING);
	poke(dev, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 0);
	if (has_precopy(dev)) {
		fd = begin(dev, PRE_COPY);
		poke(dev, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 1);
		equal(set_state(dev, STOP_COPY, &(int){ -1 }), -EIO);
		/* The arc that failed was the second one of the way. */
		equal(state_of(dev), PRE_COPY_P2P);
		poke(dev, TESTDEV_CONTROL, TESTDEV_SAVE_FAILS, 2, 0);
		/* This transfer has failed; the next one need not. */
		equal(result(read(fd, stream, 1)), -EIO);
		equal(set_state(dev, STOP_COPY, &(int){ -1 }), -EIO);
		move(dev, RUNNING);
		equal(close(fd), 0);
	}
	save_image(dev, &image);
}

static int poll_events(int fd)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };

	is_true(poll(&event, 1, 0) >= 0);
	return event.revents;
}

/* The file of the stream, before and after its time. */
static void migration_files(struct device *dev)
{
	int save, load;

	save = begin(dev, STOP_COPY);
	equal(poll_events(save), POLLIN);
	equal(result(pread(save, stream, 1, 0)), -ESPIPE);
	equal(result(write(save, stream, 1)), -EBADF);
	equal(result(read(save, nowhere, 10)), -EFAULT);
	equal(read(save, stream, 0), 0);
	equal(read(save, stream, 1), 1);
	equal(stream[0], 'M');
	equal(result(ioctl(save, MIG_GET_PRECOPY_INFO, NULL)), -EFAULT);
	equal(result(ioctl(save, VFIO_DEVICE_RESET)), -ENOTTY);
	move(dev, STOP);
	equal(result(read(save, stream, 1)), -ENODEV);
	is_true(poll_events(save) & POLLERR);

	load = begin(dev, RESUMING);
	equal(result(read(load, stream, 1)), -EBADF);
	equal(result(write(load, nowhere, 10)), -EFAULT);
	vfio_close(dev);
	equal(result(write(load, stream, 1)), -ENODEV);
	equal(vfio_open(dev), 0);
	equal(state_of(dev), RUNNING);
	equal(result(write(load, stream, 1)), -ENODEV);
	equal(close(save), 0);
	equal(close(load), 0);
}

/* In pieces of one byte. */
static void migration_byte_by_byte(struct device *dev)
{
	size_t size, i;
	int fd;

	set_up(dev);
	save_image(dev, &image);
	size = make_stream(&image, stream);
	equal(vfio_reset(dev), 0);
	fd = begin(dev, RESUMING);
	for (i = 0; i < size; i++)
		equal(write(fd, stream + i, 1), 1);
	/* The end is the end. */
	equal(result(write(fd, stream, 1)), -EINVAL);
	equal(close(fd), 0);
	move(dev, RUNNING);
	expect_set_up(dev);
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
	equal(result(count), -ENOMSG);
	return size;
}

/* On testdev-express: its memory is copied while it runs, and then what has changed. */
static void migration_precopy(struct device *dev)
{
	struct precopy_info info;
	uint64_t i;
	size_t size;
	int fd;

	if (!has_precopy(dev))
		skip_check("the kernel has no PRE_COPY");
	for (i = 0; i < 16384; i += 8)
		poke(dev, 2, i, 8, 0x0101010101010101 * i + 1);

	fd = begin(dev, PRE_COPY);
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

	poke(dev, 2, 8192, 8, 1);
	get_precopy_info(fd, &info);
	equal(info.initial_bytes, 0);
	equal(info.dirty_bytes, sizeof(struct stream_record) + PIECE);
	size = read_to_pause(fd, stream);
	equal(size, info.dirty_bytes);
	apply_records(&image, stream, size, false);

	/* Part of it unread when the device stops. */
	poke(dev, 2, 0, 8, 2);
	get_precopy_info(fd, &info);
	equal(read(fd, stream, 3), 3);
	poke(dev, 2, 4096, 8, 3);
	move(dev, STOP_COPY);
	equal(result(ioctl(fd, MIG_GET_PRECOPY_INFO, &info)), -EINVAL);
	size = 3 + read_stream(fd, stream + 3, STREAM_MAX);
	equal(size, 3 * sizeof(struct stream_record) + 2 * PIECE);
	apply_records(&image, stream, size, false);
	equal(close(fd), 0);

	equal(vfio_reset(dev), 0);
	equal(load_image(dev, &image), 0);
	equal(peek(dev, 2, 0, 8), 2);
	equal(peek(dev, 2, 4096, 8), 3);
	equal(peek(dev, 2, 8192, 8), 1);
	for (i = 8; i < 4096; i += 8)
		equal(peek(dev, 2, i, 8), 0x0101010101010101 * i + 1);
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
static void migration_testdev_precopy_polled(struct device *dev)
{
	struct precopy_info info;
	unsigned int saves, i;
	int fd;

	if (!has_precopy(dev))
		skip_check("the kernel has no PRE_COPY");
	fd = begin(dev, PRE_COPY);
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
	poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	get_precopy_info(fd, &info);
	is_true(info.dirty_bytes);
	equal(number_of_saves(), saves);
	read_to_pause(fd, stream);
	poke(dev, 0, 0, 8, 1);
	get_precopy_info(fd, &info);
	is_true(info.dirty_bytes);
	equal(number_of_saves(), saves + 1);
	equal(close(fd), 0);
}

static void migration_precopy_given_up(struct device *dev)
{
	struct precopy_info info = { .argsz = sizeof(info) - 1 };
	int fd;

	if (!has_precopy(dev))
		skip_check("the kernel has no PRE_COPY");
	fd = begin(dev, PRE_COPY);
	equal(result(ioctl(fd, MIG_GET_PRECOPY_INFO, &info)), -EINVAL);
	/* It runs, and interrupts. */
	move(dev, RUNNING);
	equal(result(read(fd, stream, 1)), -ENODEV);
	info.argsz = sizeof(info);
	equal(result(ioctl(fd, MIG_GET_PRECOPY_INFO, &info)), -ENODEV);
	equal(close(fd), 0);

	fd = begin(dev, PRE_COPY);
	move(dev, STOP);
	equal(close(fd), 0);
}

const struct check migration_checks[] = {
	CHECK(migration_features, TESTDEV | EXPRESS, "it is described, and wrong requests refused"),
	CHECK(migration_arcs, TESTDEV, "each state is reached from each, or refused"),
	CHECK(migration_error_and_reset, TESTDEV, "a device in any state runs after a reset"),
	CHECK(migration_round_trip, TESTDEV, "what is saved and loaded is the same in every byte"),
	CHECK(migration_interrupts, TESTDEV, "pending interrupts are migrated"),
	CHECK(migration_unended_interrupt, TESTDEV, "an interrupt that has not ended is signalled again"),
	CHECK(migration_stop_and_start, TESTDEV, "the driver is stopped once and started once"),
	CHECK(migration_peer_to_peer, TESTDEV, "stopped for its peers, it still interrupts"),
	CHECK(migration_save_fails, TESTDEV, "what cannot be saved stays where it was"),
	CHECK(migration_files, TESTDEV, "the file of a stream ends with the transfer or the user"),
	CHECK(migration_byte_by_byte, TESTDEV, "a stream can be written byte by byte"),
	CHECK(migration_precopy, EXPRESS, "a running device is copied, then what has changed"),
	CHECK(migration_testdev_precopy_polled, TESTDEV, "asking for changes does not save all"),
	CHECK(migration_precopy_given_up, EXPRESS, "a copy in advance can be given up"),
	{ 0 },
};

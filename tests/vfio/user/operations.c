// SPDX-License-Identifier: GPL-2.0-only
/* What a hostile user does, one thing at a time. */
#include "tests/vfio/dma.h"
#include "tests/vfio/uapi.h"
#include "user.h"

#define VECTORS_MAX 80
#define WHOLE_STEPS 64

/* One of that kind, if there is one. */
static struct target *target_of(struct attacker *me, unsigned int kind)
{
	struct target *target = any_target(me);
	unsigned int tries;

	for (tries = 0; target->dev.kind->bit != kind && tries < 2 * TARGETS; tries++)
		target = any_target(me);
	return target;
}

static off_t position(uint32_t region, uint64_t offset)
{
	return (off_t)(((uint64_t)region << REGION_SHIFT) + offset);
}

static bool access_at(struct attacker *me, int fd, size_t size, off_t at)
{
	void *memory = any_memory(me, size);

	/* All of it is read, or at least as much as there is memory. */
	return (one_in(me, 2) ? pread(fd, memory, size, at) : pwrite(fd, memory, size, at)) > 0;
}

/* Registers, by the sizes that registers have. */
static bool access_register(struct attacker *me)
{
	struct target *target = any_target(me);
	uint32_t region = any_region(me, target);
	uint64_t size = region < VFIO_PCI_NUM_REGIONS ? target->region_size[region] : 0;

	return access_at(me, target->fds[0], 1U << below(me, 4),
			 position(region, around(me, size)));
}

static bool access_range(struct attacker *me)
{
	struct target *target = any_target(me);
	uint32_t region = any_region(me, target);
	uint64_t length = region < VFIO_PCI_NUM_REGIONS ? target->region_size[region] : 256;
	size_t size = around(me, length < MEMORY ? length : 512);

	return access_at(me, any_opening(me), size, position(region, around(me, length)));
}

static bool access_anything(struct attacker *me)
{
	return access_at(me, any_descriptor(me), any(me) >> below(me, 64),
			 (off_t)(any(me) >> below(me, 64)));
}

/* What makes testdev raise interrupts and fail; to the others it is a register like others. */
static bool raise_something(struct attacker *me)
{
	uint16_t value = likely(me, 4);

	return pwrite(any_opening(me), &value, 1 + below(me, 2),
		      position(TESTDEV_CONTROL, 2 * (uint64_t)below(me, 6))) > 0;
}

static uint32_t irq_flags(struct attacker *me)
{
	if (one_in(me, 24))
		return any(me) & (one_in(me, 2) ? 63 : UINT32_MAX);
	return (one_in(me, 3) ? 1U << below(me, 2) : EVENTFD) |
	       (one_in(me, 3) ? MASK << below(me, 2) : TRIGGER);
}

/* As a whole, a piece of it, or beyond its end; the same descriptor twice is as likely as not. */
static bool set_irqs(struct attacker *me)
{
	struct { struct vfio_irq_set set; int32_t fds[VECTORS_MAX]; } request;
	struct target *target = any_target(me);
	uint32_t index = any_irq(me, target), start, count, i;
	uint32_t vectors = index < VFIO_PCI_NUM_IRQS ? target->irq_count[index] : 1;

	start = one_in(me, 2) ? 0 : likely(me, vectors);
	count = one_in(me, 2) ? 1 : one_in(me, 2) ? vectors : likely(me, vectors);
	if (one_in(me, 6))
		start = vectors - count; /* up to the end */
	request.set = (struct vfio_irq_set){ sizeof(request), irq_flags(me), index, start, count };
	if (one_in(me, 10))
		request.set.argsz = sizeof(request.set) + likely(me, 4 * count);
	for (i = 0; i < VECTORS_MAX; i++)
		request.fds[i] = one_in(me, 5) ? -1 : any_eventfd(me);
	return ioctl(one_in(me, 2) ? target->fds[0] : any_opening(me), VFIO_DEVICE_SET_IRQS,
		     &request) >= 0;
}

static bool any_ioctl(struct attacker *me)
{
	uint8_t *argument = me->end - below(me, 128);
	uint32_t number = below(me, 32);
	int i, fd = any_descriptor(me);

	if (is_container(me, fd))
		return false;
	for (i = 1; i <= 128; i++)
		*(me->end - i) = one_in(me, 2) ? 0 : any(me);
	return ioctl(fd, _IO(VFIO_TYPE, VFIO_BASE + number), argument) >= 0;
}

static bool signal_event(struct attacker *me)
{
	uint64_t count = 1 + below(me, 3);

	return write(me->user->eventfds[below(me, EVENTFDS)], &count, sizeof(count)) > 0;
}

static bool drain_event(struct attacker *me)
{
	return signals(me->user->eventfds[below(me, EVENTFDS)]) > 0;
}

/* What the kernel holds of it stays. What takes its place may be no eventfd. */
static bool replace_event(struct attacker *me)
{
	int fd = one_in(me, 12) ? open("/dev/null", O_RDWR | O_CLOEXEC) :
				  eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	replace(&me->user->eventfds[below(me, EVENTFDS)], fd);
	return fd >= 0;
}

/* The descriptor of the stream goes to @stream, -1 if there is none. */
static bool change_state(int opening, uint32_t state, int *stream)
{
	struct {
		struct vfio_device_feature feature;
		struct vfio_device_feature_mig_state state;
	} request = {
		{ .argsz = sizeof(request), .flags = VFIO_DEVICE_FEATURE_SET |
						     VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE },
		{ .device_state = state, .data_fd = -1 },
	};

	*stream = -1;
	if (ioctl(opening, VFIO_DEVICE_FEATURE, &request) < 0)
		return false;
	*stream = request.state.data_fd;
	return true;
}

static bool any_state(struct attacker *me)
{
	int stream;
	bool done = change_state(any_opening(me), likely(me, MIG_STATE_PRE_COPY_P2P + 1), &stream);

	if (stream >= 0)
		replace(&me->user->streams[below(me, STREAMS)], stream);
	return done;
}

/* Any that there is, or one of a device that has just been brought into this state. */
static int any_stream(struct attacker *me, uint32_t state)
{
	_Atomic int *place = &me->user->streams[below(me, STREAMS)];
	int stream;

	if (one_in(me, 2) && change_state(any_target(me)->fds[0], state, &stream) && stream >= 0)
		replace(place, stream);
	return *place;
}

static bool read_some(struct attacker *me)
{
	uint32_t state = one_in(me, 2) ? VFIO_DEVICE_STATE_STOP_COPY : MIG_STATE_PRE_COPY;
	size_t size = around(me, PAGE_BYTES);

	return read(any_stream(me, state), any_memory(me, size), size) > 0;
}

/* Something that was saved once, whole or not, changed or not. */
static bool write_some(struct attacker *me)
{
	struct saved *saved = &me->user->saved[below(me, me->user->targets)];
	size_t from = one_in(me, 2) ? 0 : below(me, saved->size), size = saved->size - from;

	if (one_in(me, 2) && size)
		saved->data[below(me, saved->size)] = any(me);
	if (one_in(me, 2))
		size = below(me, size);
	return write(any_stream(me, VFIO_DEVICE_STATE_RESUMING), saved->data + from, size) > 0;
}

/* Nobody hinders the other threads meanwhile. */
bool save_target(struct user *user, struct target *target)
{
	struct saved *saved = &user->saved[target - user->target];
	int stream, i;
	ssize_t count;
	size_t size = 0;

	if (!change_state(target->fds[0], VFIO_DEVICE_STATE_STOP_COPY, &stream))
		return false;
	for (i = 0; i < WHOLE_STEPS && size < SAVED_MAX; i++, size += count) {
		count = read(stream, saved->data + size, SAVED_MAX - size);
		if (count <= 0)
			break;
	}
	close(stream);
	saved->size = size;
	return change_state(target->fds[0], VFIO_DEVICE_STATE_RUNNING, &stream) && size;
}

static bool save_all(struct attacker *me)
{
	return save_target(me->user, any_target(me));
}

static bool load_all(struct attacker *me)
{
	struct target *target = any_target(me);
	const struct saved *saved = &me->user->saved[target - me->user->target];
	ssize_t count;
	int stream;

	if (!change_state(target->fds[0], VFIO_DEVICE_STATE_RESUMING, &stream))
		return false;
	count = write(stream, saved->data, saved->size);
	close(stream);
	return change_state(target->fds[0], VFIO_DEVICE_STATE_RUNNING, &stream) && count > 0;
}

static bool map_window(struct attacker *me)
{
	struct target *target = any_target(me);
	uint32_t region = one_in(me, 2) ? 0 : likely(me, 6);
	size_t size = PAGE_BYTES * (1 + (size_t)below(me, WINDOW_SIZE / PAGE_BYTES));
	uint64_t offset = region < 6 ? around(me, target->region_size[region]) : any(me);
	uint8_t *place = me->user->windows + (size_t)below(me, WINDOWS) * WINDOW_SIZE;

	if (!one_in(me, 16))
		offset &= ~(uint64_t)(PAGE_BYTES - 1);
	if (one_in(me, 2)) {
		/* What can be had: see testdev. */
		target = target_of(me, EXPRESS);
		offset = 0x2000;
		size = PAGE_BYTES;
	}
	return mmap(place, size, 1 + (int)below(me, 3),
		    MAP_FIXED | (one_in(me, 8) ? MAP_PRIVATE : MAP_SHARED),
		    target->fds[0], position(region, offset)) != MAP_FAILED;
}

static bool unmap_window(struct attacker *me)
{
	uint8_t *place = me->user->windows + (size_t)below(me, WINDOWS) * WINDOW_SIZE;
	size_t pages = 1 + (size_t)below(me, WINDOW_SIZE / PAGE_BYTES);

	return mmap(place, pages * PAGE_BYTES, PROT_NONE,
		    MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

/* By the kernel: what is not there is an error, and not the end. */
static bool touch_window(struct attacker *me)
{
	uint8_t *place = me->user->windows + (size_t)below(me, WINDOWS) * WINDOW_SIZE;
	size_t offset = around(me, one_in(me, 2) ? PAGE_BYTES : WINDOW_SIZE) % WINDOW_SIZE;
	size_t size = around(me, 256) % PAGE_BYTES;

	if (size > WINDOW_SIZE - offset)
		size = WINDOW_SIZE - offset;
	return (one_in(me, 2) ? pwrite(me->user->bucket, place + offset, size, 0) :
				pread(me->user->bucket, place + offset, size, 0)) > 0;
}

static bool map_dma(struct attacker *me)
{
	struct device dev = any_target(me)->dev;
	uint64_t size = (uint64_t)PAGE_BYTES << below(me, 5);
	void *memory = one_in(me, 6) ? any_memory(me, size) :
		       me->user->memory + PAGE_BYTES * (size_t)below(me, MEMORY / PAGE_BYTES - 15);

	dev.ioas = me->user->spaces[one_in(me, 4) ? below(me, SPACES) : 0];
	if (one_in(me, 24))
		size = around(me, MEMORY);
	return !vfio_map(&dev, any_iova(me), memory, size, one_in(me, 4) ? 1 + below(me, 2) : RW);
}

static bool unmap_dma(struct attacker *me)
{
	struct device dev = any_target(me)->dev;

	dev.ioas = me->user->spaces[one_in(me, 4) ? below(me, SPACES) : 0];
	return vfio_unmap(&dev, any_iova(me), (uint64_t)PAGE_BYTES << below(me, 10)) > 0;
}

/* The registers of mdma; nobody waits for the end. */
static bool transfer(struct attacker *me)
{
	uint64_t length = one_in(me, 12) ? any(me) >> below(me, 64) : below(me, 16 * PAGE_BYTES);
	uint64_t registers[] = { any_iova(me), any_iova(me), length,
				 START | (one_in(me, 8) ? any(me) & 15 : any(me) & BUFFER) };
	uint16_t command = PCI_COMMAND_MEMORY | (one_in(me, 10) ? 0 : PCI_COMMAND_MASTER);
	const struct target *target = target_of(me, MDMA);
	unsigned int i;

	if (pwrite(target->fds[0], &command, 2, position(CONFIG, PCI_COMMAND)) != 2)
		return false;
	for (i = 0; i < ARRAY_SIZE(registers); i++)
		if (pwrite(target->fds[0], &registers[i], 8, position(0, SRC + 8 * i)) != 8)
			return false;
	return target->dev.kind->bit == MDMA;
}

static bool reset(struct attacker *me)
{
	return !ioctl(any_opening(me), VFIO_DEVICE_RESET);
}

static bool open_again(struct attacker *me)
{
	struct target *target = any_target(me);
	int fd = open_target(me->user, target);

	if (fd < 0)
		return false;
	replace(&target->fds[target->fds[0] < 0 ? 0 : below(me, OPENINGS)], fd);
	return true;
}

static bool close_opening(struct attacker *me)
{
	struct target *target = any_target(me);
	_Atomic int *place = &target->fds[one_in(me, 8) ? 0 : 1 + below(me, OPENINGS - 1)];
	bool was_open = *place >= 0;

	replace(place, -1);
	return was_open;
}

static bool close_stream(struct attacker *me)
{
	_Atomic int *place = &me->user->streams[below(me, STREAMS)];
	bool was_open = *place >= 0;

	replace(place, -1);
	return was_open;
}

/* Leaves an address space for another one, or for none. */
static bool move_device(struct attacker *me)
{
	struct device dev = any_target(me)->dev;

	dev.fd = any_opening(me);
	dev.ioas = me->user->spaces[below(me, SPACES)];
	if (dev.iommufd < 0)
		return ioctl(dev.group, VFIO_GROUP_UNSET_CONTAINER) >= 0 ||
		       enter(me->user, any_target(me));
	return !(one_in(me, 3) ? vfio_detach(&dev) : vfio_attach(&dev));
}

/* The group, the container or the iommufd of a device, which does not need the descriptor. */
static bool close_what_it_is_in(struct attacker *me)
{
	struct device *dev = &any_target(me)->dev;
	int *place = one_in(me, 2) ? &dev->group : &dev->container, fd;

	if (me->user->plan.by_iommufd)
		place = &dev->iommufd;
	fd = *place;
	*place = -1;
	return fd >= 0 && !close(fd);
}

/* It must not get what is not its own; if it does, no more is to be tried. */
static bool trespass(struct attacker *me)
{
	const struct target *foreign = &me->user->foreign[below(me, me->user->foreigns)];
	struct device dev = any_target(me)->dev;
	int fd = -1;

	if (!me->user->foreigns)
		return false;
	switch (below(me, 3)) {
	case 0:
		fd = open(foreign->group_path, O_RDWR | O_CLOEXEC);
		break;
	case 1:
		if (foreign->character_path[0])
			fd = open(foreign->character_path, O_RDWR | O_CLOEXEC);
		break;
	default:
		if (dev.group >= 0)
			fd = ioctl(dev.group, VFIO_GROUP_GET_DEVICE_FD, foreign->dev.uuid);
	}
	if (fd < 0)
		return true; /* as it has to be */
	fprintf(stderr, "Error: a user got %s, which is not its own\n", foreign->dev.uuid);
	_exit(EXIT_FAILURE);
}

const struct operation operations[] = {
	{ "access a register", 180, access_register },
	{ "access a range of a region", 50, access_range },
	{ "access anything", 20, access_anything },
	{ "raise an interrupt, or an error", 50, raise_something },
	{ "set interrupts", 150, set_irqs },
	{ "an ioctl with fields", 200, shaped_ioctl },
	{ "an ioctl without sense", 40, any_ioctl },
	{ "signal an eventfd", 25, signal_event },
	{ "drain an eventfd", 15, drain_event },
	{ "replace an eventfd", 20, replace_event },
	{ "change the migration state", 30, any_state },
	{ "read from a stream", 15, read_some },
	{ "write to a stream", 15, write_some },
	{ "save a device", 3, save_all },
	{ "load a device", 5, load_all },
	{ "map device memory", 20, map_window },
	{ "unmap device memory", 10, unmap_window },
	{ "touch device memory", 25, touch_window },
	{ "map memory for DMA", 40, map_dma },
	{ "unmap memory for DMA", 25, unmap_dma },
	{ "transfer", 40, transfer },
	{ "reset", 8, reset },
	{ "open the device again", 12, open_again },
	{ "close a descriptor of the device", 6, close_opening },
	{ "close a stream", 6, close_stream },
	{ "move to another address space", 8, move_device },
	{ "close a group, container or iommufd", 1, close_what_it_is_in },
	{ "reach for the devices of others", 4, trespass },
	{ 0 },
};

void run_operation(struct attacker *me)
{
	struct shared *shared = me->user->shared;
	unsigned int total = 0, ticket, i;

	for (i = 0; operations[i].name; i++)
		total += operations[i].weight;
	ticket = below(me, total);
	for (i = 0; ticket >= operations[i].weight; i++)
		ticket -= operations[i].weight;
	shared->tried[i]++;
	if (operations[i].run(me))
		shared->done[i]++;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of VFIO and iommufd as tables of their fields: what a field may say is known, so that
 * a request gets beyond the first check, and any field may be wrong.
 */
#include "tests/vfio/uapi.h"
#include "user.h"

#define ROOM 512	/* for the largest request, and something behind it */
#define FIELDS 10

enum meaning { END, FLAGS, NUMBER, VECTORS, EVENT, IOMMU_FD, SPACE, IOVA, LENGTH, POINTER, EXACT };
enum receiver { DEVICE, GROUP, CONTAINER, IOMMU, STREAM };

struct field {
	uint8_t at, width, meaning;
	uint32_t value;		/* of flags those that exist, of a number its limit */
};

struct shape {
	unsigned long request;
	enum receiver receiver;
	uint32_t size;		/* which is also what its first field says */
	struct field fields[FIELDS];
};

#define IOMMU_IOCTL(number) _IO(IOMMUFD_TYPE_CODE, number)
#define FEATURE(number, how, bytes) \
	VFIO_DEVICE_FEATURE, DEVICE, 8 + (bytes), { { 4, 4, EXACT, (number) | (how) }
#define GET VFIO_DEVICE_FEATURE_GET
#define SET VFIO_DEVICE_FEATURE_SET

static const struct shape shapes[] = {
	{ VFIO_DEVICE_GET_INFO, DEVICE, 20, { { 4, 4, FLAGS, 0 } } },
	{ VFIO_DEVICE_GET_INFO, DEVICE, 24, { { 4, 4, FLAGS, 0 } } },
	{ VFIO_DEVICE_GET_REGION_INFO, DEVICE, 32, { { 4, 4, FLAGS, 15 }, { 8, 4, NUMBER, 9 } } },
	{ VFIO_DEVICE_GET_REGION_INFO, DEVICE, 256, { { 8, 4, NUMBER, 9 } } },
	{ VFIO_DEVICE_GET_IRQ_INFO, DEVICE, 16, { { 8, 4, NUMBER, 5 } } },
	{ VFIO_DEVICE_SET_IRQS, DEVICE, 28, { { 4, 4, FLAGS, 63 }, { 8, 4, NUMBER, 5 },
		{ 12, 4, VECTORS, 4 }, { 16, 4, VECTORS, 3 }, { 20, 4, EVENT, 0 },
		{ 24, 4, EVENT, 0 } } },
	{ VFIO_DEVICE_RESET, DEVICE, 0, { { 0 } } },
	{ VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, DEVICE, 12, { { 8, 4, NUMBER, 4 } } },
	{ VFIO_DEVICE_PCI_HOT_RESET, DEVICE, 16, { { 8, 4, NUMBER, 2 }, { 12, 4, EVENT, 0 } } },
	{ VFIO_DEVICE_QUERY_GFX_PLANE, DEVICE, 64, { { 4, 4, FLAGS, 7 } } },
	{ VFIO_DEVICE_IOEVENTFD, DEVICE, 32, { { 4, 4, FLAGS, 15 }, { 8, 8, LENGTH, 0 },
		{ 24, 4, EVENT, 0 } } },
	{ DEVICE_BIND_IOMMUFD, DEVICE, 16, { { 4, 4, FLAGS, 0 }, { 8, 4, IOMMU_FD, 0 } } },
	{ DEVICE_ATTACH_PT, DEVICE, 12, { { 4, 4, FLAGS, 0 }, { 8, 4, SPACE, 0 } } },
	{ DEVICE_DETACH_PT, DEVICE, 8, { { 4, 4, FLAGS, 0 } } },
	{ FEATURE(VFIO_DEVICE_FEATURE_MIGRATION, GET, 8) } },
	{ FEATURE(VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, GET, 8) } },
	{ FEATURE(FEATURE_MIG_DATA_SIZE, GET, 8) } },
	{ FEATURE(VFIO_DEVICE_FEATURE_DMA_LOGGING_START, SET, 24), { 8, 8, LENGTH, 0 },
		{ 16, 4, NUMBER, 4 }, { 24, 8, POINTER, 0 } } },
	{ FEATURE(VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, SET, 0) } },
	{ FEATURE(VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT, GET, 32), { 8, 8, IOVA, 0 },
		{ 16, 8, LENGTH, 0 }, { 24, 8, EXACT, PAGE_BYTES }, { 32, 8, POINTER, 0 } } },
	{ VFIO_DEVICE_FEATURE, DEVICE, 40, { { 4, 2, NUMBER, 16 }, { 6, 2, FLAGS, 7 } } },
	{ VFIO_GROUP_GET_STATUS, GROUP, 8, { { 4, 4, FLAGS, 3 } } },
	{ VFIO_GROUP_UNSET_CONTAINER, GROUP, 0, { { 0 } } },
	{ VFIO_GET_API_VERSION, CONTAINER, 0, { { 0 } } },
	{ VFIO_IOMMU_GET_INFO, CONTAINER, 256, { { 4, 4, FLAGS, 3 } } },
	{ VFIO_IOMMU_MAP_DMA, CONTAINER, 32, { { 4, 4, FLAGS, 7 }, { 8, 8, POINTER, 0 },
		{ 16, 8, IOVA, 0 }, { 24, 8, LENGTH, 0 } } },
	{ VFIO_IOMMU_UNMAP_DMA, CONTAINER, 24, { { 4, 4, FLAGS, 7 }, { 8, 8, IOVA, 0 },
		{ 16, 8, LENGTH, 0 } } },
	{ VFIO_IOMMU_UNMAP_DMA, CONTAINER, 48, { { 4, 4, EXACT, 1 }, { 8, 8, IOVA, 0 },
		{ 16, 8, LENGTH, 0 }, { 24, 8, EXACT, PAGE_BYTES }, { 32, 8, LENGTH, 0 },
		{ 40, 8, POINTER, 0 } } },
	{ VFIO_IOMMU_DIRTY_PAGES, CONTAINER, 8, { { 4, 4, FLAGS, 3 } } },
	{ VFIO_IOMMU_DIRTY_PAGES, CONTAINER, 48, { { 4, 4, EXACT, 4 }, { 8, 8, IOVA, 0 },
		{ 16, 8, LENGTH, 0 }, { 24, 8, EXACT, PAGE_BYTES }, { 32, 8, LENGTH, 0 },
		{ 40, 8, POINTER, 0 } } },
	{ IOMMUFD_IOAS_MAP, IOMMU, 40, { { 4, 4, FLAGS, 7 }, { 8, 4, SPACE, 0 },
		{ 16, 8, POINTER, 0 }, { 24, 8, LENGTH, 0 }, { 32, 8, IOVA, 0 } } },
	{ IOMMUFD_IOAS_UNMAP, IOMMU, 24, { { 4, 4, SPACE, 0 }, { 8, 8, IOVA, 0 },
		{ 16, 8, LENGTH, 0 } } },
	{ IOMMU_IOCTL(0x84), IOMMU, 32, { { 4, 4, SPACE, 0 }, { 8, 4, NUMBER, 3 },
		{ 16, 8, POINTER, 0 } } }, /* IOVA ranges */
	{ IOMMU_IOCTL(0x83), IOMMU, 40, { { 4, 4, FLAGS, 7 }, { 8, 4, SPACE, 0 },
		{ 12, 4, SPACE, 0 }, { 16, 8, LENGTH, 0 }, { 24, 8, IOVA, 0 },
		{ 32, 8, IOVA, 0 } } }, /* copy */
	{ IOMMUFD_DESTROY, IOMMU, 8, { { 4, 4, SPACE, 0 } } },
	{ MIG_GET_PRECOPY_INFO, STREAM, 24, { { 4, 4, FLAGS, 0 } } },
};

static uint64_t right_value(struct attacker *me, const struct field *field)
{
	switch (field->meaning) {
	case FLAGS:
		return any(me) & field->value;
	case NUMBER:
		return below(me, field->value);
	case VECTORS:
		return one_in(me, 2) ? 1 : below(me, field->value);
	case EVENT:
		return (uint32_t)(one_in(me, 4) ? -1 : any_eventfd(me));
	case IOMMU_FD:
		return (uint32_t)any_target(me)->dev.iommufd;
	case SPACE:
		return me->user->spaces[below(me, SPACES)];
	case IOVA:
		return any_iova(me);
	case LENGTH:
		return (uint64_t)PAGE_BYTES << below(me, 6);
	case POINTER:
		return (uintptr_t)any_memory(me, (size_t)PAGE_BYTES << below(me, 6));
	default:
		return field->value;
	}
}

static uint64_t field_value(struct attacker *me, const struct field *field)
{
	switch (below(me, 40)) {
	case 0:
		return any(me);
	case 1:
		return (uint64_t)-1;
	case 2:
		return field->value;
	case 3:
		return any(me) & 255;
	default:
		return right_value(me, field);
	}
}

static uint32_t argsz_of(struct attacker *me, uint32_t size)
{
	switch (below(me, 20)) {
	case 0:
		return size - 1 - below(me, size);
	case 1:
		return size + 1 + below(me, 64);
	case 2:
		return any(me);
	default:
		return size;
	}
}

static int receiver_fd(struct attacker *me, enum receiver receiver)
{
	const struct target *target = any_target(me);

	switch (receiver) {
	case DEVICE:
		return any_opening(me);
	case GROUP:
		return target->dev.group;
	case CONTAINER:
		return target->dev.container;
	case IOMMU:
		return target->dev.iommufd;
	default:
		return me->user->streams[below(me, STREAMS)];
	}
}

/* Puts it at the end of memory, or anywhere. */
static void *build(struct attacker *me, const struct shape *shape)
{
	uint8_t request[ROOM] = { 0 }, *place;
	bool well_formed = shape->receiver == CONTAINER;
	uint32_t argsz = well_formed ? shape->size : argsz_of(me, shape->size);
	size_t size = one_in(me, 8) ? shape->size + below(me, ROOM - shape->size) : shape->size;
	const struct field *field;
	uint64_t value;

	for (size_t i = shape->size; i < size; i++)
		request[i] = any(me);
	memcpy(request, &argsz, sizeof(argsz));
	for (field = shape->fields; field->meaning != END; field++) {
		value = well_formed ? right_value(me, field) : field_value(me, field);
		memcpy(request + field->at, &value, field->width);
	}
	place = me->end - size;
	memcpy(place, request, size);
	return !well_formed && one_in(me, 32) ? any_memory(me, size) : place;
}

bool shaped_ioctl(struct attacker *me)
{
	const struct shape *shape;
	bool has_groups = !me->user->plan.by_iommufd;
	int fd;

	do
		shape = &shapes[below(me, ARRAY_SIZE(shapes))];
	while (shape->receiver == (has_groups ? IOMMU : GROUP) ||
	       (!has_groups && shape->receiver == CONTAINER));
	fd = one_in(me, 40) ? any_descriptor(me) : receiver_fd(me, shape->receiver);
	if (shape->receiver != CONTAINER && is_container(me, fd))
		return false;
	return ioctl(fd, shape->request, build(me, shape)) >= 0;
}

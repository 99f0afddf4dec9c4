/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What newer kernels have and the <linux/vfio.h> of an older system does not know, by names
 * of our own, so that any header may come along.
 */
#ifndef VFIO_UAPI_H
#define VFIO_UAPI_H

#include <stdint.h>

#include <linux/vfio.h>

#define MIG_PRE_COPY 4			/* VFIO_MIGRATION_PRE_COPY, Linux 6.2 */
#define MIG_STATE_PRE_COPY 6		/* VFIO_DEVICE_STATE_PRE_COPY */
#define MIG_STATE_PRE_COPY_P2P 7	/* VFIO_DEVICE_STATE_PRE_COPY_P2P */
#define FEATURE_MIG_DATA_SIZE 9		/* VFIO_DEVICE_FEATURE_MIG_DATA_SIZE */

#define MIG_GET_PRECOPY_INFO _IO(VFIO_TYPE, VFIO_BASE + 21)

struct precopy_info {
	uint32_t argsz, flags;
	uint64_t initial_bytes, dirty_bytes;
};

/* The character device, Linux 6.6. */
#define DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define DEVICE_ATTACH_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define DEVICE_DETACH_PT _IO(VFIO_TYPE, VFIO_BASE + 20)

struct device_bind {
	uint32_t argsz, flags;
	int32_t iommufd;
	uint32_t out_devid;
};

struct device_attach {
	uint32_t argsz, flags;
	uint32_t pt_id;
};

struct device_detach {
	uint32_t argsz, flags;
};

/* <linux/iommufd.h>, Linux 6.2. */
#define IOMMUFD_TYPE_CODE ';'
#define IOMMUFD_DESTROY _IO(IOMMUFD_TYPE_CODE, 0x80)
#define IOMMUFD_IOAS_ALLOC _IO(IOMMUFD_TYPE_CODE, 0x81)
#define IOMMUFD_IOAS_MAP _IO(IOMMUFD_TYPE_CODE, 0x85)
#define IOMMUFD_IOAS_UNMAP _IO(IOMMUFD_TYPE_CODE, 0x86)

struct iommufd_destroy {
	uint32_t size, id;
};

struct iommufd_alloc {
	uint32_t size, flags;
	uint32_t out_ioas_id;
};

#define IOMMUFD_MAP_FIXED_IOVA 1
#define IOMMUFD_MAP_WRITEABLE 2
#define IOMMUFD_MAP_READABLE 4

struct iommufd_map {
	uint32_t size, flags;
	uint32_t ioas_id, reserved;
	uint64_t user_va, length, iova;
};

struct iommufd_unmap {
	uint32_t size, ioas_id;
	uint64_t iova, length;
};

#endif

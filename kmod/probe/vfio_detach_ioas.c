// SPDX-License-Identifier: GPL-2.0-only
/* vfio_device_ops.detach_ioas, obligatory with iommufd where it exists (Linux 6.6). */
#include <linux/vfio.h>

extern const struct vfio_device_ops probe;
const struct vfio_device_ops probe = {
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
};

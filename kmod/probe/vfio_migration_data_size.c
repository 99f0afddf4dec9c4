// SPDX-License-Identifier: GPL-2.0-only
/* vfio_migration_ops tells how much data a migration will take (Linux 6.2). */
#include <linux/vfio.h>

int probe(struct vfio_device *vdev, unsigned long *size);

int probe(struct vfio_device *vdev, unsigned long *size)
{
	const struct vfio_migration_ops ops = { .migration_get_data_size = probe };

	return ops.migration_get_data_size(vdev, size);
}

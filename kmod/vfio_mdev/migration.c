// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration: the states that the user moves a device through, and its state as one image.
 * The user gets and gives the image by a stream.
 */
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct vfio_mdev_migration - migration of a device
 * @lock: one change of state, or reset, at a time
 * @state: where the device is
 * @stream: under way, in PRE_COPY, STOP_COPY and RESUMING; else NULL
 * @stopped: .stop has been called, and no .start since
 *
 * A device that must not begin anything with its peers (RUNNING_P2P, PRE_COPY_P2P) is one that the
 * driver has stopped, and whose registers still work and interrupt. In STOP it interrupts no more.
 */
struct vfio_mdev_migration {
	struct mutex lock; /* all below */
	enum vfio_device_mig_state state;
	struct vfio_mdev_stream *stream;
	bool stopped;
};

/*
 * The image: the size of the driver's part, the configuration space, the interrupts, and from
 * a multiple of 8 bytes on the driver's part.
 */
static size_t image_config_offset(void)
{
	return sizeof(__le64);
}

static size_t image_irqs_offset(struct vfio_mdev_device *vdev)
{
	return image_config_offset() + vfio_mdev_config_state_size(vdev->config);
}

static size_t image_driver_offset(struct vfio_mdev_device *vdev)
{
	return round_up(image_irqs_offset(vdev) + vfio_mdev_irqs_state_size(vdev->irqs), 8);
}

size_t vfio_mdev_image_max(struct vfio_mdev_device *vdev)
{
	return image_driver_offset(vdev) + vdev->type->desc->state_size;
}

/* Returns the size. What is behind it up to the maximum is zeroed. */
ssize_t vfio_mdev_image_save(struct vfio_mdev_device *vdev, u8 *image)
{
	ssize_t size;

	memset(image, 0, vfio_mdev_image_max(vdev));
	/* The driver's part first: what it raises until then is in the part of the interrupts. */
	size = vdev->ops->save(vdev, image + image_driver_offset(vdev));
	if (size < 0)
		return size;
	if (WARN_ON_ONCE(size > vdev->type->desc->state_size))
		return -EIO;
	*(__le64 *)image = cpu_to_le64(size);
	vfio_mdev_image_refresh(vdev, image);
	return image_driver_offset(vdev) + size;
}

/* Saves the toolkit's part only. Returns where it ends. */
size_t vfio_mdev_image_refresh(struct vfio_mdev_device *vdev, u8 *image)
{
	vfio_mdev_config_save(vdev->config, image + image_config_offset());
	vfio_mdev_irqs_save(vdev->irqs, image + image_irqs_offset(vdev));
	return image_driver_offset(vdev);
}

/* Has the driver's part changed? One that does not say is asked for all of it. */
bool vfio_mdev_image_changed(struct vfio_mdev_device *vdev)
{
	return !vdev->ops->changed || vdev->ops->changed(vdev);
}

/* The image is the user's: nothing is done before all that the toolkit can check is checked. */
static int image_load(struct vfio_mdev_device *vdev, const u8 *image, size_t size)
{
	u64 driver_size;
	int ret;

	if (size < image_driver_offset(vdev))
		return -EINVAL;
	driver_size = le64_to_cpu(*(const __le64 *)image);
	if (driver_size != size - image_driver_offset(vdev) ||
	    !vfio_mdev_config_state_is_valid(vdev->config, image + image_config_offset()) ||
	    !vfio_mdev_irqs_state_is_valid(vdev->irqs, image + image_irqs_offset(vdev)))
		return -EINVAL;

	vfio_mdev_power_on(vdev);
	vfio_mdev_config_load(vdev, image + image_config_offset());
	vfio_mdev_irqs_load(vdev->irqs, image + image_irqs_offset(vdev));
	ret = vdev->ops->load(vdev, image + image_driver_offset(vdev), driver_size);
	if (ret)
		vfio_mdev_power_on(vdev);
	return ret;
}

static void migration_stop(struct vfio_mdev_device *vdev)
{
	if (vdev->ops->stop)
		vdev->ops->stop(vdev);
	vdev->migration->stopped = true;
}

static void migration_start(struct vfio_mdev_device *vdev)
{
	vdev->migration->stopped = false;
	if (vdev->ops->start)
		vdev->ops->start(vdev);
}

/* Takes over @stream, which may be an error. */
static struct file *migration_begin(struct vfio_mdev_migration *migration,
				    struct vfio_mdev_stream *stream)
{
	struct file *file;

	if (IS_ERR(stream))
		return ERR_CAST(stream);
	file = vfio_mdev_stream_open(stream);
	if (IS_ERR(file))
		vfio_mdev_stream_end(stream);
	else
		migration->stream = stream;
	return file;
}

static void migration_drop_stream(struct vfio_mdev_migration *migration)
{
	if (migration->stream)
		vfio_mdev_stream_end(migration->stream);
	migration->stream = NULL;
}

/* Interrupts stop too, and the rest of the image goes into the stream that is under way. */
static int migration_finish(struct vfio_mdev_device *vdev)
{
	int ret;

	/* Keeps the user from having an image saved meanwhile. */
	vfio_mdev_stream_lock(vdev->migration->stream);
	vfio_mdev_irqs_hold(vdev->irqs, true);
	ret = vfio_mdev_stream_finish(vdev->migration->stream);
	if (ret)
		vfio_mdev_irqs_hold(vdev->irqs, false);
	vfio_mdev_stream_unlock(vdev->migration->stream);
	return ret;
}

/* A device that took nothing, or not all, is good for nothing until it is reset. */
static int migration_load(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_migration *migration = vdev->migration;
	const u8 *image;
	size_t size;
	int ret;

	image = vfio_mdev_stream_close(migration->stream, &size);
	ret = image ? image_load(vdev, image, size) : -EINVAL;
	migration_drop_stream(migration);
	if (ret)
		migration->state = VFIO_DEVICE_STATE_ERROR;
	return ret;
}

#define ARC(from, to) ((from) << 8 | (to))

/* One arc of the state machine that the vfio core has. The file is what the user gets. */
static struct file *migration_step(struct vfio_mdev_device *vdev, enum vfio_device_mig_state next)
{
	struct vfio_mdev_migration *migration = vdev->migration;

	switch (ARC((unsigned int)migration->state, (unsigned int)next)) {
	case ARC(VFIO_DEVICE_STATE_RUNNING, VFIO_DEVICE_STATE_RUNNING_P2P):
	case ARC(COMPAT_DEVICE_STATE_PRE_COPY, COMPAT_DEVICE_STATE_PRE_COPY_P2P):
		migration_stop(vdev);
		return NULL;
	case ARC(VFIO_DEVICE_STATE_RUNNING_P2P, VFIO_DEVICE_STATE_RUNNING):
	case ARC(COMPAT_DEVICE_STATE_PRE_COPY_P2P, COMPAT_DEVICE_STATE_PRE_COPY):
		migration_start(vdev);
		return NULL;
	case ARC(VFIO_DEVICE_STATE_RUNNING_P2P, VFIO_DEVICE_STATE_STOP):
		vfio_mdev_irqs_hold(vdev->irqs, true);
		return NULL;
	case ARC(VFIO_DEVICE_STATE_STOP, VFIO_DEVICE_STATE_RUNNING_P2P):
		vfio_mdev_irqs_hold(vdev->irqs, false);
		return NULL;
	case ARC(VFIO_DEVICE_STATE_RUNNING, COMPAT_DEVICE_STATE_PRE_COPY):
	case ARC(VFIO_DEVICE_STATE_RUNNING_P2P, COMPAT_DEVICE_STATE_PRE_COPY_P2P):
		return migration_begin(migration, vfio_mdev_stream_new_save(vdev, true));
	case ARC(VFIO_DEVICE_STATE_STOP, VFIO_DEVICE_STATE_STOP_COPY):
		return migration_begin(migration, vfio_mdev_stream_new_save(vdev, false));
	case ARC(VFIO_DEVICE_STATE_STOP, VFIO_DEVICE_STATE_RESUMING):
		return migration_begin(migration, vfio_mdev_stream_new_load(vdev));
	case ARC(COMPAT_DEVICE_STATE_PRE_COPY_P2P, VFIO_DEVICE_STATE_STOP_COPY):
		return ERR_PTR(migration_finish(vdev));
	case ARC(COMPAT_DEVICE_STATE_PRE_COPY, VFIO_DEVICE_STATE_RUNNING):
	case ARC(COMPAT_DEVICE_STATE_PRE_COPY_P2P, VFIO_DEVICE_STATE_RUNNING_P2P):
	case ARC(VFIO_DEVICE_STATE_STOP_COPY, VFIO_DEVICE_STATE_STOP):
		migration_drop_stream(migration);
		return NULL;
	case ARC(VFIO_DEVICE_STATE_RESUMING, VFIO_DEVICE_STATE_STOP):
		return ERR_PTR(migration_load(vdev));
	default:
		return ERR_PTR(-EINVAL);
	}
}

/*
 * Where the table of the vfio core has no way, its vfio_mig_get_next_state() is not to be asked:
 * it takes the first for a mistake of the driver, and never returns from looking for the second.
 */
static bool migration_has_way(enum vfio_device_mig_state from, enum vfio_device_mig_state to)
{
	if (from == VFIO_DEVICE_STATE_ERROR)
		return false;
	return from != VFIO_DEVICE_STATE_STOP_COPY ||
	       ((u32)to != COMPAT_DEVICE_STATE_PRE_COPY &&
		(u32)to != COMPAT_DEVICE_STATE_PRE_COPY_P2P);
}

static struct file *migration_set_state(struct vfio_device *vfio, enum vfio_device_mig_state target)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	struct vfio_mdev_migration *migration = vdev->migration;
	enum vfio_device_mig_state next;
	struct file *file = NULL;
	int ret;

	mutex_lock(&migration->lock);
	while (!file && migration->state != target) {
		ret = migration_has_way(migration->state, target)
			      ? vfio_mig_get_next_state(vfio, migration->state, target, &next)
			      : -EINVAL;
		file = ret ? ERR_PTR(ret) : migration_step(vdev, next);
		if (!IS_ERR(file))
			migration->state = next;
	}
	mutex_unlock(&migration->lock);
	return file;
}

static int migration_get_state(struct vfio_device *vfio, enum vfio_device_mig_state *state)
{
	struct vfio_mdev_migration *migration = to_vfio_mdev(vfio)->migration;

	mutex_lock(&migration->lock);
	*state = migration->state;
	mutex_unlock(&migration->lock);
	return 0;
}

static int __maybe_unused migration_get_data_size(struct vfio_device *vfio, unsigned long *size)
{
	*size = vfio_mdev_stream_max(to_vfio_mdev(vfio));
	return 0;
}

static const struct vfio_migration_ops migration_ops = {
	.migration_set_state = migration_set_state,
	.migration_get_state = migration_get_state,
	COMPAT_VFIO_MIGRATION_DATA_SIZE_OP(migration_get_data_size)
};

/* Before the vfio device is registered. Devices without a state have no part in it. */
int vfio_mdev_migration_init(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_migration *migration;

	if (!vdev->type->desc->state_size)
		return 0;

	migration = kzalloc(sizeof(*migration), GFP_KERNEL);
	if (!migration)
		return -ENOMEM;
	mutex_init(&migration->lock);
	migration->state = VFIO_DEVICE_STATE_RUNNING;
	vdev->migration = migration;
	vdev->vfio.migration_flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
				     COMPAT_MIGRATION_PRE_COPY;
	vdev->vfio.mig_ops = &migration_ops;
	return 0;
}

void vfio_mdev_migration_free(struct vfio_mdev_migration *migration)
{
	if (!migration)
		return;
	mutex_destroy(&migration->lock);
	kfree(migration);
}

static void migration_run(struct vfio_mdev_device *vdev)
{
	lockdep_assert_held(&vdev->migration->lock);
	if (vdev->migration->stopped)
		migration_start(vdev);
	/* Interrupts are let go last: what the driver raises meanwhile is not lost. */
	vfio_mdev_irqs_hold(vdev->irqs, false);
	vdev->migration->state = VFIO_DEVICE_STATE_RUNNING;
}

/* A new user or a reset by the user ends whatever is under way. A reset by the guest does not. */
void vfio_mdev_migration_end(struct vfio_mdev_device *vdev,
			     void (*reset)(struct vfio_mdev_device *vdev))
{
	if (!vdev->migration) {
		reset(vdev);
		return;
	}
	mutex_lock(&vdev->migration->lock);
	migration_drop_stream(vdev->migration);
	reset(vdev);
	migration_run(vdev);
	mutex_unlock(&vdev->migration->lock);
}

void vfio_mdev_migration_close(struct vfio_mdev_device *vdev)
{
	if (!vdev->migration)
		return;
	mutex_lock(&vdev->migration->lock);
	migration_drop_stream(vdev->migration);
	migration_run(vdev);
	mutex_unlock(&vdev->migration->lock);
}

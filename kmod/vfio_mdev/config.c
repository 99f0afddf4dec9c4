// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space: an image, and for each bit whether the user may write it.
 * Sizing a BAR needs no code: the address bits below its size are not writable.
 */
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/pci_regs.h>
#include <linux/slab.h>

#include "internal.h"

/* The first capability goes behind the header. */
#define MSI_CAPABILITY PCI_STD_HEADER_SIZEOF

/**
 * struct vfio_mdev_config - configuration space of a device
 * @lock: protects @image, so that accesses of any size are atomic
 * @image: what the user reads, but for the interrupt status bit, which is computed
 * @initial: @image after a reset
 * @writable: bits that writes change
 */
struct vfio_mdev_config {
	struct mutex lock; /* image */
	u8 image[PCI_CFG_SPACE_SIZE];
	u8 initial[PCI_CFG_SPACE_SIZE];
	u8 writable[PCI_CFG_SPACE_SIZE];
};

static void set(struct vfio_mdev_config *config, unsigned int offset, unsigned int size, u32 value,
		u32 writable)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		config->initial[offset + i] = value >> 8 * i;
		config->writable[offset + i] = writable >> 8 * i;
	}
}

static void build_header(struct vfio_mdev_config *config, const struct vfio_mdev_pci_id *id)
{
	set(config, PCI_VENDOR_ID, 2, id->vendor, 0);
	set(config, PCI_DEVICE_ID, 2, id->device, 0);
	set(config, PCI_COMMAND, 2, 0, PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	set(config, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM, 0);
	set(config, PCI_CLASS_REVISION, 4, id->class << 8 | id->revision, 0);
	set(config, PCI_SUBSYSTEM_VENDOR_ID, 2, id->subsystem_vendor, 0);
	set(config, PCI_SUBSYSTEM_ID, 2, id->subsystem_device, 0);
	/* The line is a note of the firmware's to the operating system. */
	set(config, PCI_INTERRUPT_LINE, 2, id->pin << 8, 0x00ff);
}

static void build_bar(struct vfio_mdev_config *config, const struct vfio_mdev_region *region)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * region->index;
	u64 address = ~(region->size - 1);

	/* A function that has no BAR of a kind cannot be made to decode that space. */
	config->writable[PCI_COMMAND] |= region->flags & VFIO_MDEV_IO ? PCI_COMMAND_IO :
									PCI_COMMAND_MEMORY;
	if (region->flags & VFIO_MDEV_IO) {
		set(config, offset, 4, PCI_BASE_ADDRESS_SPACE_IO, address);
		return;
	}
	set(config, offset, 4,
	    (region->flags & VFIO_MDEV_64BIT ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0) |
	    (region->flags & VFIO_MDEV_PREFETCH ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0),
	    lower_32_bits(address));
	if (region->flags & VFIO_MDEV_64BIT)
		set(config, offset + 4, 4, 0, upper_32_bits(address));
}

static void build_msi(struct vfio_mdev_config *config, unsigned int vectors)
{
	set(config, MSI_CAPABILITY, 2, PCI_CAP_ID_MSI, 0);
	set(config, MSI_CAPABILITY + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT | ilog2(vectors) << 1,
	    PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	set(config, MSI_CAPABILITY + PCI_MSI_ADDRESS_LO, 4, 0, ~3U);
	set(config, MSI_CAPABILITY + PCI_MSI_ADDRESS_HI, 4, 0, ~0U);
	set(config, MSI_CAPABILITY + PCI_MSI_DATA_64, 2, 0, 0xffff);

	set(config, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM | PCI_STATUS_CAP_LIST, 0);
	config->initial[PCI_CAPABILITY_LIST] = MSI_CAPABILITY;
}

struct vfio_mdev_config *vfio_mdev_config_new(const struct vfio_mdev_desc *desc)
{
	struct vfio_mdev_config *config;
	unsigned int i;

	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return NULL;

	mutex_init(&config->lock);
	build_header(config, &desc->id);
	for (i = 0; i < desc->nr_regions; i++)
		build_bar(config, &desc->regions[i]);
	if (desc->nr_msi)
		build_msi(config, desc->nr_msi);
	memcpy(config->image, config->initial, sizeof(config->image));
	return config;
}

void vfio_mdev_config_free(struct vfio_mdev_config *config)
{
	if (!config)
		return;
	mutex_destroy(&config->lock);
	kfree(config);
}

/* Lets the interrupts know what the command register says now. */
static void update_intx(struct vfio_mdev_device *vdev)
{
	u16 command = vdev->config->image[PCI_COMMAND] | vdev->config->image[PCI_COMMAND + 1] << 8;

	lockdep_assert_held(&vdev->config->lock);
	vfio_mdev_intx_disable(vdev->irqs, command & PCI_COMMAND_INTX_DISABLE);
}

void vfio_mdev_config_reset(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_config *config = vdev->config;

	mutex_lock(&config->lock);
	memcpy(config->image, config->initial, sizeof(config->image));
	update_intx(vdev);
	mutex_unlock(&config->lock);
}

static u8 read_byte(struct vfio_mdev_device *vdev, u64 offset)
{
	u8 value = vdev->config->image[offset];

	if (offset == PCI_STATUS && vfio_mdev_intx_asserted(vdev->irqs))
		value |= PCI_STATUS_INTERRUPT;
	return value;
}

u64 vfio_mdev_config_read(struct vfio_mdev_device *vdev, u64 offset, unsigned int size)
{
	u64 value = 0;
	unsigned int i;

	mutex_lock(&vdev->config->lock);
	for (i = 0; i < size; i++)
		value |= (u64)read_byte(vdev, offset + i) << 8 * i;
	mutex_unlock(&vdev->config->lock);
	return value;
}

void vfio_mdev_config_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size, u64 value)
{
	struct vfio_mdev_config *config = vdev->config;
	unsigned int i;

	mutex_lock(&config->lock);
	for (i = 0; i < size; i++) {
		u8 writable = config->writable[offset + i];
		u8 *byte = &config->image[offset + i];

		*byte = (*byte & ~writable) | (value >> 8 * i & writable);
	}
	update_intx(vdev);
	mutex_unlock(&config->lock);
}

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

/* Version 2 of the PCI Express capability ends with the registers of the second slot. */
#define EXPRESS_SIZE (PCI_EXP_SLTSTA2 + 2)

/**
 * struct vfio_mdev_config - configuration space of a device
 * @lock: protects @image, so that accesses of any size are atomic
 * @size: of each of the three, PCI_CFG_SPACE_SIZE or PCI_CFG_SPACE_EXP_SIZE
 * @link: where the offset of the next capability goes
 * @end: of the last capability
 * @msix: offset of the MSI-X capability, 0 if there is none
 * @express: offset of the PCI Express capability, 0 if there is none
 * @power: offset of the power management capability, 0 if there is none
 * @image: what the user reads, but for the interrupt status bit, which is computed
 * @initial: @image after a reset
 * @writable: bits that writes change
 * @bytes: the three
 */
struct vfio_mdev_config {
	struct mutex lock; /* image */
	unsigned int size;
	unsigned int link;
	unsigned int end;
	unsigned int msix;
	unsigned int express;
	unsigned int power;
	u8 *image;
	u8 *initial;
	u8 *writable;
	u8 bytes[];
};

static void config_set(struct vfio_mdev_config *config, unsigned int offset, unsigned int size,
		       u32 value, u32 writable)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		config->initial[offset + i] = value >> 8 * i;
		config->writable[offset + i] = writable >> 8 * i;
	}
}

static u16 config_word(const struct vfio_mdev_config *config, unsigned int offset)
{
	return config->image[offset] | config->image[offset + 1] << 8;
}

static void config_add_header(struct vfio_mdev_config *config, const struct vfio_mdev_pci_id *id)
{
	config_set(config, PCI_VENDOR_ID, 2, id->vendor, 0);
	config_set(config, PCI_DEVICE_ID, 2, id->device, 0);
	config_set(config, PCI_COMMAND, 2, 0, PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	config_set(config, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM, 0);
	config_set(config, PCI_CLASS_REVISION, 4, id->class << 8 | id->revision, 0);
	config_set(config, PCI_SUBSYSTEM_VENDOR_ID, 2, id->subsystem_vendor, 0);
	config_set(config, PCI_SUBSYSTEM_ID, 2, id->subsystem_device, 0);
	/* The line is a note of the firmware's to the operating system. */
	config_set(config, PCI_INTERRUPT_LINE, 2, id->pin << 8, 0x00ff);
}

static void config_add_bar(struct vfio_mdev_config *config, const struct vfio_mdev_region *region)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * region->index;
	u64 address = ~(region->size - 1);

	/* A function that has no BAR of a kind cannot be made to decode that space. */
	config->writable[PCI_COMMAND] |= region->flags & VFIO_MDEV_IO ? PCI_COMMAND_IO :
									PCI_COMMAND_MEMORY;
	if (region->flags & VFIO_MDEV_IO) {
		config_set(config, offset, 4, PCI_BASE_ADDRESS_SPACE_IO, address);
		return;
	}
	config_set(config, offset, 4,
		   (region->flags & VFIO_MDEV_64BIT ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0) |
			   (region->flags & VFIO_MDEV_PREFETCH ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0),
		   lower_32_bits(address));
	if (region->flags & VFIO_MDEV_64BIT)
		config_set(config, offset + 4, 4, 0, upper_32_bits(address));
}

/* Puts a capability of @size bytes at the end of the list, and tells where it is. */
static unsigned int config_add_capability(struct vfio_mdev_config *config, u8 id, unsigned int size)
{
	unsigned int offset = config->end;

	config->initial[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	config->initial[config->link] = offset;
	config->initial[offset + PCI_CAP_LIST_ID] = id;
	config->link = offset + PCI_CAP_LIST_NEXT;
	config->end = offset + round_up(size, 4);
	return offset;
}

static void config_add_msi(struct vfio_mdev_config *config, unsigned int vectors)
{
	unsigned int offset = config_add_capability(config, PCI_CAP_ID_MSI, PCI_MSI_DATA_64 + 2);

	config_set(config, offset + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT | ilog2(vectors) << 1,
		   PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	config_set(config, offset + PCI_MSI_ADDRESS_LO, 4, 0, ~3U);
	config_set(config, offset + PCI_MSI_ADDRESS_HI, 4, 0, ~0U);
	config_set(config, offset + PCI_MSI_DATA_64, 2, 0, 0xffff);
}

static void config_add_msix(struct vfio_mdev_config *config, const struct vfio_mdev_msix_desc *msix)
{
	unsigned int offset = config_add_capability(config, PCI_CAP_ID_MSIX, PCI_CAP_MSIX_SIZEOF);

	config->msix = offset;
	config_set(config, offset + PCI_MSIX_FLAGS, 2, msix->vectors - 1,
		   PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	config_set(config, offset + PCI_MSIX_TABLE, 4, msix->table | msix->bar, 0);
	config_set(config, offset + PCI_MSIX_PBA, 4, msix->pba | msix->bar, 0);
}

/*
 * An endpoint with one lane at 2.5 GT/s, which nothing depends on, and the power-on values of
 * the PCI Express specification.
 */
static void config_add_express(struct vfio_mdev_config *config)
{
	unsigned int offset = config_add_capability(config, PCI_CAP_ID_EXP, EXPRESS_SIZE);

	config->express = offset;
	config_set(config, offset + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 0);
	config_set(config, offset + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR, 0);
	config_set(config, offset + PCI_EXP_DEVCTL, 2,
		   PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B,
		   PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE |
			   PCI_EXP_DEVCTL_URRE | PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
			   PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ);
	config_set(config, offset + PCI_EXP_LNKCAP, 4, PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4, 0);
	config_set(config, offset + PCI_EXP_LNKCTL, 2, 0,
		   PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC);
	config_set(config, offset + PCI_EXP_LNKSTA, 2,
		   PCI_EXP_LNKSTA_CLS_2_5GB | PCI_EXP_LNKSTA_NLW_X1, 0);
}

/*
 * PCI Express requires it of every function. The states are D0 and D3hot, in which a device keeps
 * what it has.
 */
static void config_add_power(struct vfio_mdev_config *config)
{
	unsigned int offset = config_add_capability(config, PCI_CAP_ID_PM, PCI_PM_SIZEOF);

	config->power = offset;
	config_set(config, offset + PCI_PM_PMC, 2, 3, 0);
	config_set(config, offset + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
		   PCI_PM_CTRL_STATE_MASK);
}

static void config_build(struct vfio_mdev_config *config, const struct vfio_mdev_desc *desc)
{
	unsigned int i;

	config_add_header(config, &desc->id);
	for (i = 0; i < desc->nr_regions; i++)
		config_add_bar(config, &desc->regions[i]);
	if (desc->nr_msi)
		config_add_msi(config, desc->nr_msi);
	if (desc->msix.vectors)
		config_add_msix(config, &desc->msix);
	if (desc->pcie) {
		config_add_express(config);
		config_add_power(config);
		/* Is hardwired there. */
		config_set(config, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
	}
}

struct vfio_mdev_config *vfio_mdev_config_new(const struct vfio_mdev_desc *desc)
{
	unsigned int size = desc->pcie ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE;
	struct vfio_mdev_config *config;

	config = kvzalloc(struct_size(config, bytes, 3 * size), GFP_KERNEL);
	if (!config)
		return NULL;

	mutex_init(&config->lock);
	config->size = size;
	config->link = PCI_CAPABILITY_LIST;
	config->end = PCI_STD_HEADER_SIZEOF;
	config->image = config->bytes;
	config->initial = config->image + size;
	config->writable = config->initial + size;
	config_build(config, desc);
	memcpy(config->image, config->initial, size);
	return config;
}

void vfio_mdev_config_free(struct vfio_mdev_config *config)
{
	if (!config)
		return;
	mutex_destroy(&config->lock);
	kvfree(config);
}

/* Lets the interrupts know what the registers say now. */
static void config_update_irqs(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_config *config = vdev->config;

	lockdep_assert_held(&config->lock);
	vfio_mdev_intx_disable(vdev->irqs,
			       config_word(config, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE);
	if (config->msix)
		vfio_mdev_msix_control(vdev->irqs,
				       config_word(config, config->msix + PCI_MSIX_FLAGS));
}

void vfio_mdev_config_reset(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_config *config = vdev->config;

	mutex_lock(&config->lock);
	memcpy(config->image, config->initial, config->size);
	config_update_irqs(vdev);
	mutex_unlock(&config->lock);
}

static u8 config_read_byte(struct vfio_mdev_device *vdev, u64 offset)
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
		value |= (u64)config_read_byte(vdev, offset + i) << 8 * i;
	mutex_unlock(&vdev->config->lock);
	return value;
}

/* Is the bit that resets the function set in what is written? It always reads as 0. */
static bool config_asks_for_reset(const struct vfio_mdev_config *config, u64 offset,
				  unsigned int size, u64 value)
{
	unsigned int high = config->express + PCI_EXP_DEVCTL + 1;

	return config->express && offset <= high && high < offset + size &&
	       value >> 8 * (high - offset) & PCI_EXP_DEVCTL_BCR_FLR >> 8;
}

/* What is written of a power state that the device does not have is discarded, says PCI. */
static void config_correct_power(struct vfio_mdev_config *config, u8 before)
{
	u8 *state = &config->image[config->power + PCI_PM_CTRL];
	u8 now = *state & PCI_PM_CTRL_STATE_MASK;

	/* D0 has no bit set, D3hot both. */
	if (config->power && now && now != PCI_PM_CTRL_STATE_MASK)
		*state = before;
}

void vfio_mdev_config_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size, u64 value)
{
	struct vfio_mdev_config *config = vdev->config;
	unsigned int i;
	u8 power;

	mutex_lock(&config->lock);
	power = config->image[config->power + PCI_PM_CTRL];
	for (i = 0; i < size; i++) {
		u8 writable = config->writable[offset + i];
		u8 *byte = &config->image[offset + i];

		*byte = (*byte & ~writable) | (value >> 8 * i & writable);
	}
	config_correct_power(config, power);
	config_update_irqs(vdev);
	mutex_unlock(&config->lock);

	if (config_asks_for_reset(config, offset, size, value))
		vfio_mdev_power_on(vdev);
}

bool vfio_mdev_config_is_bus_master(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_config *config = vdev->config;
	u16 command;

	mutex_lock(&config->lock);
	command = config_word(config, PCI_COMMAND);
	mutex_unlock(&config->lock);
	return command & PCI_COMMAND_MASTER;
}

size_t vfio_mdev_config_state_size(const struct vfio_mdev_config *config)
{
	return config->size;
}

void vfio_mdev_config_save(struct vfio_mdev_config *config, u8 *state)
{
	mutex_lock(&config->lock);
	memcpy(state, config->image, config->size);
	mutex_unlock(&config->lock);
}

/* What cannot be written is the same in every device of the type. */
bool vfio_mdev_config_state_is_valid(const struct vfio_mdev_config *config, const u8 *state)
{
	unsigned int i;

	for (i = 0; i < config->size; i++) {
		if ((state[i] ^ config->initial[i]) & ~config->writable[i])
			return false;
	}
	return true;
}

void vfio_mdev_config_load(struct vfio_mdev_device *vdev, const u8 *state)
{
	struct vfio_mdev_config *config = vdev->config;

	mutex_lock(&config->lock);
	memcpy(config->image, state, config->size);
	config_update_irqs(vdev);
	mutex_unlock(&config->lock);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X as the guest sees it in a BAR: the table, in which it masks vectors, and the array of
 * those that are pending. Addresses and data in the table are the guest's own notes: the
 * signal goes to the eventfd that the user has set.
 *
 * Entries start unmasked, where PCI has them masked: a user that keeps the table to itself,
 * as QEMU does, never writes this one, and masks by taking the eventfd away.
 */
#include <linux/pci_regs.h>
#include <linux/slab.h>

#include "irq.h"

/**
 * struct vfio_mdev_msix - MSI-X of a device
 * @count: how many vectors
 * @enabled: the guest has enabled MSI-X
 * @function_masked: all of them are masked
 * @table: the table, little-endian as the guest sees it
 */
struct vfio_mdev_msix {
	unsigned int count;
	bool enabled;
	bool function_masked;
	u8 table[];
};

struct vfio_mdev_msix *vfio_mdev_msix_new(unsigned int count)
{
	struct vfio_mdev_msix *msix;

	msix = kvzalloc(struct_size(msix, table, count * PCI_MSIX_ENTRY_SIZE), GFP_KERNEL);
	if (msix)
		msix->count = count;
	return msix;
}

void vfio_mdev_msix_free(struct vfio_mdev_msix *msix)
{
	kvfree(msix);
}

static void msix_update_vector(struct vfio_mdev_irqs *irqs, unsigned int i)
{
	struct vfio_mdev_vector *vector = &irqs->index[VFIO_PCI_MSIX_IRQ_INDEX].vectors[i];
	const u8 *entry = irqs->msix->table + i * PCI_MSIX_ENTRY_SIZE;

	lockdep_assert_held(&irqs->state_lock);
	vector->disabled = irqs->msix->function_masked ||
			   entry[PCI_MSIX_ENTRY_VECTOR_CTRL] & PCI_MSIX_ENTRY_CTRL_MASKBIT;
	vfio_mdev_vector_deliver(vector);
}

void vfio_mdev_msix_reset(struct vfio_mdev_irqs *irqs)
{
	struct vfio_mdev_msix *msix = irqs->msix;
	unsigned int i;

	if (!msix)
		return;
	memset(msix->table, 0, msix->count * PCI_MSIX_ENTRY_SIZE);
	for (i = 0; i < msix->count; i++)
		msix_update_vector(irqs, i);
}

/*
 * What the guest has written to the capability: the caller's lock keeps it in order. Nothing is
 * pending without MSI-X.
 */
void vfio_mdev_msix_control(struct vfio_mdev_irqs *irqs, u16 control)
{
	struct vfio_mdev_vector *vectors = irqs->index[VFIO_PCI_MSIX_IRQ_INDEX].vectors;
	struct vfio_mdev_msix *msix = irqs->msix;
	bool enable = control & PCI_MSIX_FLAGS_ENABLE;
	bool masked = control & PCI_MSIX_FLAGS_MASKALL;
	unsigned long flags;
	unsigned int i;

	if (enable == msix->enabled && masked == msix->function_masked)
		return;
	spin_lock_irqsave(&irqs->state_lock, flags);
	msix->enabled = enable;
	msix->function_masked = masked;
	for (i = 0; i < msix->count; i++) {
		vectors[i].keeps = enable;
		WRITE_ONCE(vectors[i].pending, vectors[i].pending && enable);
		msix_update_vector(irqs, i);
		vfio_mdev_irqs_pause(irqs, i, &flags);
	}
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

static bool msix_is_in_table(const struct vfio_mdev_msix_desc *msix, u64 offset)
{
	return offset >= msix->table && offset - msix->table < VFIO_MDEV_MSIX_TABLE(msix->vectors);
}

/* Is the access at @offset of a BAR to one of the two? It never is to a part of them. */
bool vfio_mdev_msix_has(const struct vfio_mdev_desc *desc, unsigned int bar, u64 offset)
{
	const struct vfio_mdev_msix_desc *msix = &desc->msix;

	if (!msix->vectors || bar != msix->bar)
		return false;
	return msix_is_in_table(msix, offset) ||
	       (offset >= msix->pba && offset - msix->pba < VFIO_MDEV_MSIX_PBA(msix->vectors));
}

static u8 msix_pending_byte(struct vfio_mdev_irqs *irqs, unsigned int offset)
{
	struct vfio_mdev_irq *irq = &irqs->index[VFIO_PCI_MSIX_IRQ_INDEX];
	unsigned int i;
	u8 value = 0;

	for (i = 0; i < 8 && 8 * offset + i < irq->count; i++)
		value |= irq->vectors[8 * offset + i].pending << i;
	return value;
}

u64 vfio_mdev_msix_read(struct vfio_mdev_device *vdev, u64 offset, unsigned int size)
{
	const struct vfio_mdev_msix_desc *desc = &vdev->type->desc->msix;
	struct vfio_mdev_irqs *irqs = vdev->irqs;
	bool table = msix_is_in_table(desc, offset);
	unsigned int start = offset - (table ? desc->table : desc->pba);
	unsigned long flags;
	unsigned int i;
	u64 value = 0;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < size; i++) {
		u8 byte = table ? irqs->msix->table[start + i] : msix_pending_byte(irqs, start + i);

		value |= (u64)byte << 8 * i;
	}
	spin_unlock_irqrestore(&irqs->state_lock, flags);
	return value;
}

/* The bits of a byte of the table that the guest may write. */
static u8 msix_table_writable(unsigned int offset)
{
	switch (offset % PCI_MSIX_ENTRY_SIZE) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		return 0xfc;
	case PCI_MSIX_ENTRY_VECTOR_CTRL:
		return PCI_MSIX_ENTRY_CTRL_MASKBIT;
	case PCI_MSIX_ENTRY_VECTOR_CTRL + 1 ... PCI_MSIX_ENTRY_SIZE - 1:
		return 0;
	default:
		return 0xff;
	}
}

/* What is pending is not for writing. */
void vfio_mdev_msix_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size, u64 value)
{
	const struct vfio_mdev_msix_desc *desc = &vdev->type->desc->msix;
	struct vfio_mdev_irqs *irqs = vdev->irqs;
	unsigned int start = offset - desc->table;
	unsigned long flags;
	unsigned int i;

	if (!msix_is_in_table(desc, offset))
		return;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < size; i++) {
		u8 writable = msix_table_writable(start + i);
		u8 *byte = &irqs->msix->table[start + i];

		*byte = (*byte & ~writable) | (value >> 8 * i & writable);
	}
	msix_update_vector(irqs, start / PCI_MSIX_ENTRY_SIZE);
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

size_t vfio_mdev_msix_state_size(const struct vfio_mdev_irqs *irqs)
{
	return irqs->msix ? irqs->msix->count * PCI_MSIX_ENTRY_SIZE : 0;
}

void vfio_mdev_msix_save(struct vfio_mdev_irqs *irqs, u8 *state)
{
	if (irqs->msix)
		memcpy(state, irqs->msix->table, vfio_mdev_msix_state_size(irqs));
}

bool vfio_mdev_msix_state_is_valid(const struct vfio_mdev_irqs *irqs, const u8 *state)
{
	size_t i;

	for (i = 0; i < vfio_mdev_msix_state_size(irqs); i++) {
		if (state[i] & ~msix_table_writable(i))
			return false;
	}
	return true;
}

void vfio_mdev_msix_load(struct vfio_mdev_irqs *irqs, const u8 *state)
{
	unsigned int i;

	if (!irqs->msix)
		return;
	memcpy(irqs->msix->table, state, vfio_mdev_msix_state_size(irqs));
	for (i = 0; i < irqs->msix->count; i++)
		msix_update_vector(irqs, i);
}

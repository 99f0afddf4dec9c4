/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the toolkit share.
 *
 * Locking inside the toolkit, outermost first:
 *
 *	vfio_mdev_dma.notify, a mutex: .open, .close and .dma_unmap
 *	vfio_mdev_migration.lock, a mutex: the state of migration; the user's reset
 *	vfio_mdev_stream.lock, a mutex: what is on its way to or from the user
 *	lock of the driver's registers (in .read, .write, .reset, .save and the like)
 *	vfio_mdev_dma.lock, a mutex: what is pinned, and what has been written
 *	vfio_mdev_config.lock, a mutex: the image of the configuration space
 *	vfio_mdev_irqs.lock, a mutex: which eventfds are set; VFIO_DEVICE_SET_IRQS and close
 *	vfio_mdev_irqs.state_lock, a spinlock: levels, masks and trigger eventfds
 *	the wait queue of an eventfd, with interrupts off
 *
 * The configuration space's and the eventfds' are never held together. The user's mmap lock is
 * taken below that of the stream only, and above that of the driver's registers in .page.
 */
#ifndef VFIO_MDEV_INTERNAL_H
#define VFIO_MDEV_INTERNAL_H

#include <linux/pci_regs.h>
#include <linux/sizes.h>

#include "compat.h"
#include "vfio_mdev.h"

/* More is a mistake, and would let the sizes of the image and its stream overflow. */
#define VFIO_MDEV_STATE_MAX SZ_256M

#define VFIO_MDEV_MSIX_TABLE(vectors) ((u32)(vectors) * PCI_MSIX_ENTRY_SIZE)
#define VFIO_MDEV_MSIX_PBA(vectors) (DIV_ROUND_UP((u32)(vectors), 64) * 8)

struct vfio_mdev_dma;
struct vfio_mdev_irqfd;
struct vfio_mdev_msix;
struct vfio_mdev_vector;

/*
 * main.c: the state after power-on, for a new user and after a reset of the function by the guest;
 * and VFIO_DEVICE_RESET, which keeps the configuration space as vfio-pci does: clients like DPDK
 * enable the bus master first and reset then.
 */
void vfio_mdev_power_on(struct vfio_mdev_device *vdev);
void vfio_mdev_reset(struct vfio_mdev_device *vdev);

/* desc.c: is a description one that the rest can rely on? */
const struct vfio_mdev_region *vfio_mdev_find_bar(const struct vfio_mdev_desc *desc, u64 index);
bool vfio_mdev_region_maps(const struct vfio_mdev_region *region);
int vfio_mdev_desc_check(struct device *dev, const struct vfio_mdev_desc *desc,
			 const struct vfio_mdev_ops *ops);

/* region.c: regions as the user sees them */
int vfio_mdev_region_info(struct vfio_device *vfio, struct vfio_region_info *info,
			  struct vfio_info_cap *caps);
ssize_t vfio_mdev_region_read(struct vfio_device *vfio, char __user *buf, size_t count,
			      loff_t *ppos);
ssize_t vfio_mdev_region_write(struct vfio_device *vfio, const char __user *buf, size_t count,
			       loff_t *ppos);
int vfio_mdev_region_mmap(struct vfio_device *vfio, struct vm_area_struct *vma);

/* config.c: PCI configuration space */
struct vfio_mdev_config *vfio_mdev_config_new(const struct vfio_mdev_desc *desc);
void vfio_mdev_config_free(struct vfio_mdev_config *config);
void vfio_mdev_config_reset(struct vfio_mdev_device *vdev);
u64 vfio_mdev_config_read(struct vfio_mdev_device *vdev, u64 offset, unsigned int size);
void vfio_mdev_config_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size,
			    u64 value);
bool vfio_mdev_config_is_bus_master(struct vfio_mdev_device *vdev);
size_t vfio_mdev_config_state_size(const struct vfio_mdev_config *config);
void vfio_mdev_config_save(struct vfio_mdev_config *config, u8 *state);
bool vfio_mdev_config_state_is_valid(const struct vfio_mdev_config *config, const u8 *state);
void vfio_mdev_config_load(struct vfio_mdev_device *vdev, const u8 *state);

/* dma.c: the user's memory; .open, .close and .dma_unmap of the driver */
struct vfio_mdev_dma *vfio_mdev_dma_new(void);
void vfio_mdev_dma_free(struct vfio_mdev_dma *dma);
int vfio_mdev_dma_open(struct vfio_mdev_device *vdev);
void vfio_mdev_dma_close(struct vfio_mdev_device *vdev);
void vfio_mdev_dma_unmap(struct vfio_device *vfio, u64 iova, u64 length);

/* irq.c: interrupts */
struct vfio_mdev_irqs *vfio_mdev_irqs_new(const struct vfio_mdev_desc *desc);
void vfio_mdev_irqs_free(struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_reset(struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_close(struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_hold(struct vfio_mdev_irqs *irqs, bool hold);
size_t vfio_mdev_irqs_state_size(const struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_save(struct vfio_mdev_irqs *irqs, u8 *state);
bool vfio_mdev_irqs_state_is_valid(const struct vfio_mdev_irqs *irqs, const u8 *state);
void vfio_mdev_irqs_load(struct vfio_mdev_irqs *irqs, const u8 *state);
bool vfio_mdev_intx_asserted(struct vfio_mdev_irqs *irqs);
void vfio_mdev_intx_disable(struct vfio_mdev_irqs *irqs, bool disable);

/* irq_set.c: what the user does with them */
int vfio_mdev_irqs_info(struct vfio_mdev_irqs *irqs, struct vfio_irq_info *info);
int vfio_mdev_irqs_set(struct vfio_mdev_irqs *irqs, const struct vfio_irq_set __user *arg);

/* msix.c: the part of MSI-X that is in a BAR. The last three are called under the state lock. */
struct vfio_mdev_msix *vfio_mdev_msix_new(unsigned int count);
void vfio_mdev_msix_free(struct vfio_mdev_msix *msix);
bool vfio_mdev_msix_has(const struct vfio_mdev_desc *desc, unsigned int bar, u64 offset);
u64 vfio_mdev_msix_read(struct vfio_mdev_device *vdev, u64 offset, unsigned int size);
void vfio_mdev_msix_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size, u64 value);
void vfio_mdev_msix_control(struct vfio_mdev_irqs *irqs, u16 control);
size_t vfio_mdev_msix_state_size(const struct vfio_mdev_irqs *irqs);
bool vfio_mdev_msix_state_is_valid(const struct vfio_mdev_irqs *irqs, const u8 *state);
void vfio_mdev_msix_reset(struct vfio_mdev_irqs *irqs);
void vfio_mdev_msix_save(struct vfio_mdev_irqs *irqs, u8 *state);
void vfio_mdev_msix_load(struct vfio_mdev_irqs *irqs, const u8 *state);

/*
 * irqfd.c: an eventfd by which the user acts on a vector. The action takes no lock, sends no
 * signal, and returns whether the vector has to be delivered.
 */
struct vfio_mdev_irqfd *vfio_mdev_irqfd_new(int fd, struct vfio_mdev_vector *vector,
					    bool (*action)(struct vfio_mdev_vector *vector));
void vfio_mdev_irqfd_free(struct vfio_mdev_irqfd *irqfd);

/* migration.c: states of migration, and the state of a device as one image */
int vfio_mdev_migration_init(struct vfio_mdev_device *vdev);
void vfio_mdev_migration_free(struct vfio_mdev_migration *migration);
void vfio_mdev_migration_end(struct vfio_mdev_device *vdev,
			     void (*reset)(struct vfio_mdev_device *vdev));
void vfio_mdev_migration_close(struct vfio_mdev_device *vdev);
size_t vfio_mdev_image_max(struct vfio_mdev_device *vdev);
ssize_t vfio_mdev_image_save(struct vfio_mdev_device *vdev, u8 *image);
size_t vfio_mdev_image_refresh(struct vfio_mdev_device *vdev, u8 *image);
bool vfio_mdev_image_changed(struct vfio_mdev_device *vdev);

/* stream.c, stream_save.c, stream_load.c: the file by which the user gets and gives the image */
struct vfio_mdev_stream;
struct vfio_mdev_stream *vfio_mdev_stream_new_save(struct vfio_mdev_device *vdev, bool running);
struct vfio_mdev_stream *vfio_mdev_stream_new_load(struct vfio_mdev_device *vdev);
struct file *vfio_mdev_stream_open(struct vfio_mdev_stream *stream);
void vfio_mdev_stream_lock(struct vfio_mdev_stream *stream);
void vfio_mdev_stream_unlock(struct vfio_mdev_stream *stream);
int vfio_mdev_stream_finish(struct vfio_mdev_stream *stream);
const u8 *vfio_mdev_stream_close(struct vfio_mdev_stream *stream, size_t *size);
void vfio_mdev_stream_end(struct vfio_mdev_stream *stream);
size_t vfio_mdev_stream_max(struct vfio_mdev_device *vdev);

static inline struct vfio_mdev_device *to_vfio_mdev(struct vfio_device *vfio)
{
	return container_of(vfio, struct vfio_mdev_device, vfio);
}

#endif /* VFIO_MDEV_INTERNAL_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A user of one mediated device through VFIO, as QEMU is one: container, group, device; or
 * /dev/iommu and the character device. Functions return 0 (or a count) or -errno; nothing is
 * checked that the kernel has to check.
 */
#ifndef VFIO_DEVICE_H
#define VFIO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/vfio.h>

/* Where the kernel puts region N in the file of the device. */
#define REGION_SHIFT 40

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define ERR VFIO_PCI_ERR_IRQ_INDEX
#define REQ VFIO_PCI_REQ_IRQ_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX

#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

struct kind;

struct device {
	const char *uuid;
	const struct kind *kind;
	struct device *peer;		/* another of that kind, for checks of two */
	bool by_iommufd;
	int container;
	int group;
	int iommufd;
	uint32_t ioas;
	int fd;
};

/* What a system call has returned, or -errno. */
long result(long ret);

/* By its UUID, in the way that by_iommufd says. On an error, the reason has been written to stderr. */
int vfio_open(struct device *dev);
void vfio_close(struct device *dev);
int vfio_reopen(struct device *dev);

/* For those who have the character device: what vfio_open() has done, again or undone. */
int vfio_bind(struct device *dev);
int vfio_attach(struct device *dev);
int vfio_detach(struct device *dev);

/* What can be mapped for the device's DMA; flags are VFIO_DMA_MAP_FLAG_*. */
int vfio_map(struct device *dev, uint64_t iova, void *memory, uint64_t size, uint32_t flags);
/* How many bytes it was. */
int64_t vfio_unmap(struct device *dev, uint64_t iova, uint64_t size);

/* Another descriptor of the device; closing the last one closes the device. */
int vfio_device_fd(struct device *dev);

/* The last component of a link in the device's sysfs directory: its group, its type. */
int vfio_link(const struct device *dev, const char *link, char *target, size_t size);

/* Where its character device is. */
int vfio_character_device(const struct device *dev, char *path, size_t size);

int vfio_info(struct device *dev, struct vfio_device_info *info);
int vfio_region_info(struct device *dev, uint32_t index, struct vfio_region_info *info);
int vfio_irq_info(struct device *dev, uint32_t index, struct vfio_irq_info *info);
int vfio_reset(struct device *dev);

ssize_t vfio_read(struct device *dev, uint32_t region, uint64_t offset, void *buffer, size_t size);
ssize_t vfio_write(struct device *dev, uint32_t region, uint64_t offset, const void *buffer,
		   size_t size);

/* argsz is made to fit; data has the size in bytes that the caller says. */
int vfio_set_irqs(struct device *dev, uint32_t flags, uint32_t index, uint32_t start,
		  uint32_t count, const void *data, size_t size);
/* The common forms: one vector, flags are TRIGGER, MASK or UNMASK. */
int vfio_irq_eventfd(struct device *dev, uint32_t action, uint32_t index, int fd);
int vfio_irq_act(struct device *dev, uint32_t action, uint32_t index);
int vfio_irq_bool(struct device *dev, uint32_t action, uint32_t index, uint8_t value);
int vfio_irq_disable(struct device *dev, uint32_t index);

/* How often the eventfd was signalled since the last call. */
long long signals(int eventfd);
/* The same, waiting for the first for as long as a loaded machine may take; 0: none came. */
long long wait_signal(int eventfd);

#endif

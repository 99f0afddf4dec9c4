/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A user of one mediated device through VFIO, as QEMU is one: container, group, device; or, with
 * VFIO_CLIENT=iommufd in the environment, /dev/iommu and the character device. Functions return 0 (or a count) or -errno; nothing is checked that the kernel has to check.
 */
#ifndef VFIO_CLIENT_H
#define VFIO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/vfio.h>

/* Where the kernel puts region N in the file of the device. */
#define VFIO_CLIENT_REGION_SHIFT 40

struct vfio_client {
	const char *uuid;
	int container;
	int group;
	int iommufd;
	uint32_t ioas;
	int device;
};

/* On an error, the reason has been written to stderr. */
int vfio_client_open(struct vfio_client *client, const char *uuid);
void vfio_client_close(struct vfio_client *client);

/* For those who have the character device: what vfio_client_open() has done, again or undone. */
int vfio_client_bind(const struct vfio_client *client);
int vfio_client_attach(const struct vfio_client *client);
int vfio_client_detach(const struct vfio_client *client);

/* What can be mapped for the device's DMA; flags are VFIO_DMA_MAP_FLAG_*. */
int vfio_client_map(const struct vfio_client *client, uint64_t iova, void *memory, uint64_t size,
		    uint32_t flags);
/* How many bytes it was. */
int64_t vfio_client_unmap(const struct vfio_client *client, uint64_t iova, uint64_t size);

/* Another descriptor of the device; closing the last one closes the device. */
int vfio_client_device_fd(const struct vfio_client *client);

/* The last component of a link in the device's sysfs directory: its group, its type. */
int vfio_client_link(const char *uuid, const char *link, char *target, size_t size);

int vfio_client_info(const struct vfio_client *client, struct vfio_device_info *info);
int vfio_client_region_info(const struct vfio_client *client, uint32_t index,
			    struct vfio_region_info *info);
int vfio_client_irq_info(const struct vfio_client *client, uint32_t index,
			 struct vfio_irq_info *info);
int vfio_client_reset(const struct vfio_client *client);

ssize_t vfio_client_read(const struct vfio_client *client, uint32_t region, uint64_t offset,
			 void *buffer, size_t size);
ssize_t vfio_client_write(const struct vfio_client *client, uint32_t region, uint64_t offset,
			  const void *buffer, size_t size);

/* argsz is made to fit; data has the size in bytes that the caller says. */
int vfio_client_set_irqs(const struct vfio_client *client, uint32_t flags, uint32_t index,
			 uint32_t start, uint32_t count, const void *data, size_t size);
/* The common forms: one vector, flags are VFIO_IRQ_SET_ACTION_*. */
int vfio_client_irq_eventfd(const struct vfio_client *client, uint32_t action, uint32_t index,
			    int fd);
int vfio_client_irq_act(const struct vfio_client *client, uint32_t action, uint32_t index);
int vfio_client_irq_disable(const struct vfio_client *client, uint32_t index);

/* How often the eventfd was signalled since the last call. */
uint64_t vfio_client_signals(int eventfd);
/* The same, waiting for the first for as long as a loaded machine may take; 0: none came. */
uint64_t vfio_client_wait(int eventfd);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions as the user sees them: where they are in the device's file, how large, reading,
 * writing and mapping them. The only place that checks positions and lengths.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* A region begins at index << REGION_SHIFT: room for any BAR, and for many indexes. */
#define REGION_SHIFT 40
#define REGION_OFFSET_MASK (BIT_ULL(REGION_SHIFT) - 1)

/* Those that are the same in struct vfio_region_info. */
#define USER_FLAGS (VFIO_MDEV_READ | VFIO_MDEV_WRITE)

static const struct vfio_mdev_region config_region = {
	.index = VFIO_PCI_CONFIG_REGION_INDEX,
	.flags = VFIO_MDEV_READ | VFIO_MDEV_WRITE,
	.size = PCI_CFG_SPACE_SIZE,
	.width = 4,
};

static const struct vfio_mdev_region express_config_region = {
	.index = VFIO_PCI_CONFIG_REGION_INDEX,
	.flags = VFIO_MDEV_READ | VFIO_MDEV_WRITE,
	.size = PCI_CFG_SPACE_EXP_SIZE,
	.width = 4,
};

static const struct vfio_mdev_region *region_find(struct vfio_mdev_device *vdev, u64 index)
{
	const struct vfio_mdev_desc *desc = vdev->type->desc;

	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return desc->pcie ? &express_config_region : &config_region;
	return vfio_mdev_find_bar(desc, index);
}

/* Tells the user which parts of a region can be mapped. */
static int region_add_areas(struct vfio_info_cap *caps, const struct vfio_mdev_region *region)
{
	struct vfio_region_info_cap_sparse_mmap *sparse;
	size_t size = struct_size(sparse, areas, region->nr_areas);
	int ret;

	sparse = kzalloc(size, GFP_KERNEL);
	if (!sparse)
		return -ENOMEM;
	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.version = 1;
	sparse->nr_areas = region->nr_areas;
	memcpy(sparse->areas, region->areas, region->nr_areas * sizeof(region->areas[0]));
	ret = vfio_info_add_capability(caps, &sparse->header, size);
	kfree(sparse);
	return ret;
}

int vfio_mdev_region_info(struct vfio_device *vfio, struct vfio_region_info *info,
			  struct vfio_info_cap *caps)
{
	const struct vfio_mdev_region *region;

	if (info->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;

	region = region_find(to_vfio_mdev(vfio), info->index);
	info->offset = (u64)info->index << REGION_SHIFT;
	info->size = region ? region->size : 0;
	info->flags = region ? region->flags & USER_FLAGS : 0;
	info->cap_offset = 0;
	if (!region || !vfio_mdev_region_maps(region))
		return 0;
	info->flags |= VFIO_MDEV_MMAP;
	return region->nr_areas ? region_add_areas(caps, region) : 0;
}

/* The region at a position of the file, if it allows @access. Its end is still inside. */
static const struct vfio_mdev_region *region_at(struct vfio_mdev_device *vdev, u64 pos, u32 access,
						u64 *offset)
{
	const struct vfio_mdev_region *region = region_find(vdev, pos >> REGION_SHIFT);

	*offset = pos & REGION_OFFSET_MASK;
	if (!region || !(region->flags & access) || *offset > region->size)
		return NULL;
	return region;
}

/* The largest naturally aligned access at @offset. */
static unsigned int access_size(u64 offset, size_t count, unsigned int width)
{
	while (width > count || !IS_ALIGNED(offset, width))
		width /= 2;
	return width;
}

/* By the size, which costs a third of what copying any number of bytes does. */
static int put_value(void __user *buf, unsigned int size, u64 value)
{
	switch (size) {
	case 1:
		return put_user((u8)value, (u8 __user *)buf);
	case 2:
		return put_user(cpu_to_le16(value), (__le16 __user *)buf);
	case 4:
		return put_user(cpu_to_le32(value), (__le32 __user *)buf);
	default:
		return put_user(cpu_to_le64(value), (__le64 __user *)buf);
	}
}

static int get_value(const void __user *buf, unsigned int size, u64 *value)
{
	__le16 word;
	__le32 dword;
	__le64 qword;
	u8 byte;
	int ret;

	switch (size) {
	case 1:
		ret = get_user(byte, (const u8 __user *)buf);
		*value = byte;
		return ret;
	case 2:
		ret = get_user(word, (const __le16 __user *)buf);
		*value = le16_to_cpu(word);
		return ret;
	case 4:
		ret = get_user(dword, (const __le32 __user *)buf);
		*value = le32_to_cpu(dword);
		return ret;
	default:
		ret = get_user(qword, (const __le64 __user *)buf);
		*value = le64_to_cpu(qword);
		return ret;
	}
}

static int region_read_one(struct vfio_mdev_device *vdev, unsigned int index, char __user *buf,
			   u64 offset, unsigned int size)
{
	u64 value = 0;
	int ret = 0;

	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		value = vfio_mdev_config_read(vdev, offset, size);
	else if (vfio_mdev_msix_has(vdev->type->desc, index, offset))
		value = vfio_mdev_msix_read(vdev, offset, size);
	else
		ret = vdev->ops->read(vdev, index, offset, size, &value);
	return ret ?: put_value(buf, size, value);
}

static int region_write_one(struct vfio_mdev_device *vdev, unsigned int index,
			    const char __user *buf, u64 offset, unsigned int size)
{
	u64 value;
	int ret;

	ret = get_value(buf, size, &value);
	if (ret)
		return ret;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		vfio_mdev_config_write(vdev, offset, size, value);
	else if (vfio_mdev_msix_has(vdev->type->desc, index, offset))
		vfio_mdev_msix_write(vdev, offset, size, value);
	else
		ret = vdev->ops->write(vdev, index, offset, size, value);
	return ret;
}

/* A large region in small accesses takes long: let others run, and let it be killed. */
static int pause_between_accesses(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/*
 * Short at the end of the region. At its end a read gives 0, like that of a file, and a
 * write an error, as 0 makes callers try again. @buf is only read for a write.
 */
static ssize_t region_access(struct vfio_device *vfio, u32 access, char __user *buf, size_t count,
			     loff_t *ppos)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	bool write = access == VFIO_MDEV_WRITE;
	const struct vfio_mdev_region *region;
	size_t done = 0;
	u64 offset;
	int ret = 0;

	region = region_at(vdev, *ppos, access, &offset);
	if (!region || (write && count && offset == region->size))
		return -EINVAL;

	count = min_t(u64, count, region->size - offset);
	while (!ret && done < count) {
		unsigned int size = access_size(offset + done, count - done, region->width);

		if (write)
			ret = region_write_one(vdev, region->index, buf + done, offset + done,
					       size);
		else
			ret = region_read_one(vdev, region->index, buf + done, offset + done, size);
		if (ret)
			break;
		done += size;
		if (done < count)
			ret = pause_between_accesses();
	}
	*ppos += done;
	return done ? done : ret;
}

ssize_t vfio_mdev_region_read(struct vfio_device *vfio, char __user *buf, size_t count,
			      loff_t *ppos)
{
	return region_access(vfio, VFIO_MDEV_READ, buf, count, ppos);
}

ssize_t vfio_mdev_region_write(struct vfio_device *vfio, const char __user *buf, size_t count,
			       loff_t *ppos)
{
	return region_access(vfio, VFIO_MDEV_WRITE, (char __user *)buf, count, ppos);
}

/*
 * Under the user's mmap lock. The mapping holds the device open; without a reference of its own to
 * the page nothing can hold on to that for longer.
 */
static vm_fault_t region_fault(struct vm_fault *vmf)
{
	struct vfio_mdev_device *vdev = vmf->vma->vm_private_data;
	u64 position = (u64)vmf->pgoff << PAGE_SHIFT;
	struct page *page;

	page = vdev->ops->page(vdev, position >> REGION_SHIFT, position & REGION_OFFSET_MASK);
	if (IS_ERR_OR_NULL(page))
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));
}

static const struct vm_operations_struct region_vm_ops = {
	.fault = region_fault,
};

static bool range_lies_in(u64 offset, u64 size, u64 start, u64 length)
{
	return offset >= start && offset - start <= length && size <= length - (offset - start);
}

static bool region_is_mappable(const struct vfio_mdev_region *region, u64 offset, u64 size)
{
	unsigned int i;

	if (!vfio_mdev_region_maps(region))
		return false;
	if (!region->nr_areas)
		return range_lies_in(offset, size, 0, region->size);
	for (i = 0; i < region->nr_areas; i++) {
		if (range_lies_in(offset, size, region->areas[i].offset, region->areas[i].size))
			return true;
	}
	return false;
}

int vfio_mdev_region_mmap(struct vfio_device *vfio, struct vm_area_struct *vma)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	u64 position = (u64)vma->vm_pgoff << PAGE_SHIFT;
	const struct vfio_mdev_region *region;

	/* Bits that the shift has lost are those of a region that does not exist. */
	if (position >> PAGE_SHIFT != vma->vm_pgoff || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	region = region_find(vdev, position >> REGION_SHIFT);
	if (!region ||
	    !region_is_mappable(region, position & REGION_OFFSET_MASK, vma->vm_end - vma->vm_start))
		return -EINVAL;
	if ((vma->vm_flags & VM_WRITE && !(region->flags & VFIO_MDEV_WRITE)) ||
	    (vma->vm_flags & VM_READ && !(region->flags & VFIO_MDEV_READ)))
		return -EACCES;

	/* Nor by mprotect(), later. */
	if (!(region->flags & VFIO_MDEV_WRITE))
		compat_vm_flags_clear(vma, VM_MAYWRITE);
	/* Nobody pins these pages: not the user's other devices, nor the kernel for the user. */
	compat_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = vdev;
	vma->vm_ops = &region_vm_ops;
	return 0;
}

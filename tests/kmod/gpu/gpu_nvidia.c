// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of a GPU with vGPUs without mdev, as NVIDIA's is on Linux 6.8 and later: each virtual
 * function is a device of VFIO and has the directory nvidia, in which it gets its type. The card is
 * QEMU's NVMe disk, which has real virtual functions and no vGPUs: these are only counted.
 *
 * The files and their errors are those of release 580. Unlike there, sriov_numvfs can be written.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include "compat.h"

#define FRAMEBUFFER 12	/* GB */
#define PARAMS_SIZE 1024

/* A driver makes the files after the nodes of VFIO, and some take their time. */
static unsigned int late_ms;
module_param(late_ms, uint, 0644);
MODULE_PARM_DESC(late_ms, "milliseconds between the nodes of a function and its files");

static const struct vgpu_type {
	unsigned int id;
	const char *name;
	unsigned int size;	/* GB */
} vgpu_types[] = {
	{ 901, "NVIDIA X12-4B", 4 },
	{ 902, "NVIDIA X12-4Q", 4 },
	{ 905, "NVIDIA X12-6Q", 6 },
	{ 12034, "NVIDIA X12-12C", 12 },
};

struct gpu {
	struct mutex lock;	/* all of it, and of its functions */
	struct list_head functions;
};

struct function {
	struct vfio_pci_core_device core;	/* must be first */
	struct gpu *gpu;
	struct list_head entry;
	const struct vgpu_type *type;	/* NULL: none */
	unsigned int start;		/* of its part of the framebuffer, in GB */
	bool is_open;
	bool has_files;
	char params[PARAMS_SIZE];
	struct delayed_work add_files;
};

/* Types ------------------------------------------------------------------------ */

/* Where so much is free, or -1: first fit, as no part is moved. */
static int find_room(struct gpu *gpu, unsigned int size)
{
	struct function *other;
	unsigned int start = 0;
	bool moved;

	do {
		moved = false;
		list_for_each_entry(other, &gpu->functions, entry)
			if (other->type && start < other->start + other->type->size &&
			    other->start < start + size) {
				start = other->start + other->type->size;
				moved = true;
			}
	} while (moved);
	return start + size <= FRAMEBUFFER ? start : -1;
}

/* All vGPUs of a GPU have one size. */
static bool is_creatable(struct gpu *gpu, const struct vgpu_type *type)
{
	struct function *other;

	list_for_each_entry(other, &gpu->functions, entry)
		if (other->type && other->type->size != type->size)
			return false;
	return find_room(gpu, type->size) >= 0;
}

static int give_type(struct function *function, unsigned int id)
{
	unsigned int i;

	if (function->type)
		return -EPERM;
	for (i = 0; i < ARRAY_SIZE(vgpu_types); i++)
		if (vgpu_types[i].id == id && is_creatable(function->gpu, &vgpu_types[i])) {
			function->start = find_room(function->gpu, vgpu_types[i].size);
			function->type = &vgpu_types[i];
			return 0;
		}
	return -EIO;
}

static int take_type(struct function *function)
{
	if (!function->type || function->is_open)
		return -EPERM;
	function->type = NULL;
	function->params[0] = '\0';
	return 0;
}

/* Files ------------------------------------------------------------------------ */

/* Locked. */
static struct function *take_function(struct device *dev)
{
	struct function *function = dev_get_drvdata(dev);

	mutex_lock(&function->gpu->lock);
	return function;
}

static void put_function(struct function *function)
{
	mutex_unlock(&function->gpu->lock);
}

static ssize_t creatable_vgpu_types_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = take_function(dev);
	ssize_t length = sysfs_emit(buf, "ID    : vGPU Name\n");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vgpu_types); i++)
		if (is_creatable(function->gpu, &vgpu_types[i]))
			length += sysfs_emit_at(buf, length, "%-5u : %s\n", vgpu_types[i].id,
						vgpu_types[i].name);
	put_function(function);
	return length;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = take_function(dev);
	ssize_t length = sysfs_emit(buf, "%u\n", function->type ? function->type->id : 0);

	put_function(function);
	return length;
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attr,
				       const char *buf, size_t count)
{
	struct function *function;
	unsigned int id;
	int r;

	r = kstrtouint(buf, 10, &id);
	if (r)
		return r;
	function = take_function(dev);
	r = id ? give_type(function, id) : take_type(function);
	put_function(function);
	return r ? r : count;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = take_function(dev);
	ssize_t length = function->type ? sysfs_emit(buf, "%s\n", function->params) : -ENXIO;

	put_function(function);
	return length;
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attr, const char *buf,
				 size_t count)
{
	struct function *function = take_function(dev);
	ssize_t r = count;

	if (!function->type)
		r = -ENXIO;
	else if (function->is_open)
		r = -EPERM;
	else if (count >= PARAMS_SIZE)
		r = -E2BIG;
	else
		strscpy(function->params, buf, strcspn(buf, "\n") + 1);
	put_function(function);
	return r;
}
static DEVICE_ATTR_RW(vgpu_params);

static ssize_t placement_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = take_function(dev);
	ssize_t length = function->type ? sysfs_emit(buf, "%u\n", function->start) : -ENXIO;

	put_function(function);
	return length;
}
static DEVICE_ATTR_RO(placement_id);

static struct attribute *function_attrs[] = {
	&dev_attr_creatable_vgpu_types.attr,
	&dev_attr_current_vgpu_type.attr,
	&dev_attr_vgpu_params.attr,
	&dev_attr_placement_id.attr,
	NULL
};

static const struct attribute_group function_files = {
	.name = "nvidia",
	.attrs = function_attrs,
};

static void add_files(struct work_struct *work)
{
	struct function *function = container_of(to_delayed_work(work), struct function, add_files);

	function->has_files = !sysfs_create_group(&function->core.pdev->dev.kobj, &function_files);
}

/* Functions -------------------------------------------------------------------- */

static struct function *to_function(struct vfio_device *vdev)
{
	return container_of(vdev, struct function, core.vdev);
}

static int function_open(struct vfio_device *vdev)
{
	struct function *function = to_function(vdev);
	int r;

	mutex_lock(&function->gpu->lock);
	r = function->type ? vfio_pci_core_enable(&function->core) : -ENODEV;
	function->is_open = !r;
	mutex_unlock(&function->gpu->lock);
	if (!r)
		vfio_pci_core_finish_enable(&function->core);
	return r;
}

static void function_close(struct vfio_device *vdev)
{
	struct function *function = to_function(vdev);

	vfio_pci_core_close_device(vdev);
	mutex_lock(&function->gpu->lock);
	function->is_open = false;
	mutex_unlock(&function->gpu->lock);
}

static const struct vfio_device_ops function_ops = {
	.name = "nvidia-vgpu-vfio",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = function_open,
	.close_device = function_close,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
#ifdef HAVE_VFIO_REGION_INFO_CAPS
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
#endif
#ifdef HAVE_VFIO_IOMMUFD_OPS
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
#endif
#ifdef HAVE_VFIO_DETACH_IOAS
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#endif
};

static int probe_function(struct pci_dev *pdev, struct gpu *gpu)
{
	struct function *function;
	int r;

	function = vfio_alloc_device(function, core.vdev, &pdev->dev, &function_ops);
	if (IS_ERR(function))
		return PTR_ERR(function);
	function->gpu = gpu;
	INIT_DELAYED_WORK(&function->add_files, add_files);
	mutex_lock(&gpu->lock);
	list_add_tail(&function->entry, &gpu->functions);
	mutex_unlock(&gpu->lock);
	dev_set_drvdata(&pdev->dev, &function->core);
	r = vfio_pci_core_register_device(&function->core);
	if (!r) {
		schedule_delayed_work(&function->add_files, msecs_to_jiffies(late_ms));
		return 0;
	}
	mutex_lock(&gpu->lock);
	list_del(&function->entry);
	mutex_unlock(&gpu->lock);
	vfio_put_device(&function->core.vdev);
	return r;
}

/* The nodes go before the files. */
static void remove_function(struct pci_dev *pdev)
{
	struct function *function = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(&function->core);
	cancel_delayed_work_sync(&function->add_files);
	if (function->has_files)
		sysfs_remove_group(&pdev->dev.kobj, &function_files);
	mutex_lock(&function->gpu->lock);
	list_del(&function->entry);
	mutex_unlock(&function->gpu->lock);
	vfio_put_device(&function->core.vdev);
}

/* The card ----------------------------------------------------------------------- */

static int probe_gpu(struct pci_dev *pdev)
{
	struct gpu *gpu = devm_kzalloc(&pdev->dev, sizeof(*gpu), GFP_KERNEL);

	if (!gpu)
		return -ENOMEM;
	mutex_init(&gpu->lock);
	INIT_LIST_HEAD(&gpu->functions);
	pci_set_drvdata(pdev, gpu);
	return pcim_enable_device(pdev);
}

static struct pci_driver nvidia_driver;

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct pci_dev *physical = pci_physfn(pdev);

	if (!pdev->is_virtfn)
		return probe_gpu(pdev);
	if (physical->dev.driver != &nvidia_driver.driver)
		return -ENODEV;
	return probe_function(pdev, pci_get_drvdata(physical));
}

static void remove(struct pci_dev *pdev)
{
	if (pdev->is_virtfn)
		remove_function(pdev);
	else
		pci_disable_sriov(pdev);
}

static const struct pci_device_id nvidia_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT, 0x0010) },
	{}
};

static struct pci_driver nvidia_driver = {
	.name = "nvidia",
	.id_table = nvidia_ids,
	.probe = probe,
	.remove = remove,
	.sriov_configure = pci_sriov_configure_simple,
	.driver_managed_dma = true,
};
module_pci_driver(nvidia_driver);

MODULE_DESCRIPTION("A GPU whose virtual functions are vGPUs, for tests");
MODULE_LICENSE("GPL");

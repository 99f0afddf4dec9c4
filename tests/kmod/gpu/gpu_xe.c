// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of a GPU with shares for its virtual functions, as xe is since Linux 6.19: the directory
 * sriov_admin of the physical function has a directory for it and for each virtual one. The card is
 * QEMU's NVMe disk, which has real virtual functions, for vfio-pci, and no shares: these are only kept.
 *
 * The files are those of Linux's Documentation/ABI/testing/sysfs-driver-intel-xe-sriov.
 */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#define SHARES_MAX 8
#define MEMORY	   (12ULL * SZ_1G)

enum item { QUANTUM, TIMEOUT, PRIORITY, QUOTA, ITEMS };

static const char *const priorities[] = { "low", "normal", "high" };

/* Of a function. */
struct share {
	struct kobject kobj;
	struct gpu *gpu;
	u64 value[ITEMS];
};

struct gpu {
	struct pci_dev *pdev;
	struct kobject *admin;
	struct mutex lock;		/* the values */
	struct share *shares[SHARES_MAX + 1];	/* the first one is the physical function's */
};

static struct share *to_share(struct kobject *kobj)
{
	return container_of(kobj, struct share, kobj);
}

/* Files ------------------------------------------------------------------------ */

static struct kobj_attribute item_attrs[ITEMS];

static ssize_t show_priority(u64 value, char *buf)
{
	ssize_t length = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(priorities); i++)
		length += sysfs_emit_at(buf, length, i == value ? "%s[%s]" : "%s%s", i ? " " : "",
					priorities[i]);
	return length + sysfs_emit_at(buf, length, "\n");
}

static ssize_t item_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct share *share = to_share(kobj);
	u64 value;

	mutex_lock(&share->gpu->lock);
	value = share->value[attr - item_attrs];
	mutex_unlock(&share->gpu->lock);
	return attr == &item_attrs[PRIORITY] ? show_priority(value, buf) :
					       sysfs_emit(buf, "%llu\n", value);
}

static ssize_t item_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			  size_t count)
{
	struct share *share = to_share(kobj);
	u64 value = 0;
	int r;

	if (attr == &item_attrs[PRIORITY]) {
		r = sysfs_match_string(priorities, buf);
		value = r;
	} else {
		r = kstrtoull(buf, 0, &value);
	}
	if (r < 0)
		return r;
	if (attr == &item_attrs[QUOTA] && value > MEMORY)
		return -EIO;
	mutex_lock(&share->gpu->lock);
	/* The firmware takes the next value that it can have. */
	share->value[attr - item_attrs] = attr == &item_attrs[QUOTA] ? round_up(value, SZ_2M) : value;
	mutex_unlock(&share->gpu->lock);
	return count;
}

static struct kobj_attribute item_attrs[ITEMS] = {
	[QUANTUM] = __ATTR(exec_quantum_ms, 0644, item_show, item_store),
	[TIMEOUT] = __ATTR(preempt_timeout_us, 0644, item_show, item_store),
	[PRIORITY] = __ATTR(sched_priority, 0644, item_show, item_store),
	[QUOTA] = __ATTR(vram_quota, 0644, item_show, item_store),
};

static struct attribute *profile_attrs[] = {
	&item_attrs[QUANTUM].attr,
	&item_attrs[TIMEOUT].attr,
	&item_attrs[PRIORITY].attr,
	&item_attrs[QUOTA].attr,
	NULL
};

/* Only the physical function's priority can be set, and only virtual ones have a part of the memory. */
static umode_t profile_mode(struct kobject *kobj, struct attribute *attr, int index)
{
	bool is_physical = to_share(kobj) == to_share(kobj)->gpu->shares[0];

	if (index == QUOTA && is_physical)
		return 0;
	return index == PRIORITY && !is_physical ? 0444 : attr->mode;
}

static const struct attribute_group profile_group = {
	.name = "profile",
	.attrs = profile_attrs,
	.is_visible = profile_mode,
};

/* Shares ----------------------------------------------------------------------- */

static void share_release(struct kobject *kobj)
{
	kfree(to_share(kobj));
}

static const struct kobj_type share_type = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = share_release,
};

static int add_share(struct gpu *gpu, unsigned int number)
{
	struct share *share = kzalloc(sizeof(*share), GFP_KERNEL);
	int r;

	if (!share)
		return -ENOMEM;
	share->gpu = gpu;
	gpu->shares[number] = share;
	kobject_init(&share->kobj, &share_type);
	r = number ? kobject_add(&share->kobj, gpu->admin, "vf%u", number) :
		     kobject_add(&share->kobj, gpu->admin, "pf");
	return r ? r : sysfs_create_group(&share->kobj, &profile_group);
}

static void remove_shares(struct gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gpu->shares) && gpu->shares[i]; i++) {
		kobject_del(&gpu->shares[i]->kobj);
		kobject_put(&gpu->shares[i]->kobj);
	}
	kobject_put(gpu->admin);
}

static int add_shares(struct gpu *gpu)
{
	unsigned int i, total = min(pci_sriov_get_totalvfs(gpu->pdev), SHARES_MAX);
	int r = 0;

	gpu->admin = kobject_create_and_add("sriov_admin", &gpu->pdev->dev.kobj);
	if (!gpu->admin)
		return -ENOMEM;
	for (i = 0; !r && i <= total; i++)
		r = add_share(gpu, i);
	if (r)
		remove_shares(gpu);
	return r;
}

/* Functions -------------------------------------------------------------------- */

/* Return: to be put, or NULL. */
static struct pci_dev *get_function(struct pci_dev *physical, unsigned int index)
{
	struct pci_dev *pdev = NULL;

	do {
		pdev = pci_get_device(physical->vendor, PCI_ANY_ID, pdev);
	} while (pdev && (!pdev->is_virtfn || pci_physfn(pdev) != physical ||
			  pci_iov_vf_id(pdev) != index));
	return pdev;
}

/* Whose memory was not set gets an equal part. */
static int enable(struct gpu *gpu, unsigned int count)
{
	unsigned int i;
	int r = pci_enable_sriov(gpu->pdev, count);

	for (i = 0; !r && i < count; i++) {
		struct share *share = gpu->shares[i + 1];
		struct pci_dev *function = get_function(gpu->pdev, i);

		if (!share->value[QUOTA])
			share->value[QUOTA] = round_down(MEMORY / count, SZ_2M);
		r = function ? sysfs_create_link(&share->kobj, &function->dev.kobj, "device") : -ENODEV;
		pci_dev_put(function);
	}
	return r ? r : count;
}

static void disable(struct gpu *gpu)
{
	unsigned int i, count = pci_num_vf(gpu->pdev);

	for (i = 1; i <= count; i++) {
		sysfs_remove_link(&gpu->shares[i]->kobj, "device");
		gpu->shares[i]->value[QUOTA] = 0;
	}
	pci_disable_sriov(gpu->pdev);
}

static int configure(struct pci_dev *pdev, int count)
{
	struct gpu *gpu = pci_get_drvdata(pdev);

	if (count > SHARES_MAX)
		return -ERANGE;
	if (count)
		return enable(gpu, count);
	disable(gpu);
	return 0;
}

/* The card --------------------------------------------------------------------- */

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct gpu *gpu;
	int r;

	if (pdev->is_virtfn)
		return -ENODEV;
	gpu = devm_kzalloc(&pdev->dev, sizeof(*gpu), GFP_KERNEL);
	if (!gpu)
		return -ENOMEM;
	gpu->pdev = pdev;
	mutex_init(&gpu->lock);
	pci_set_drvdata(pdev, gpu);
	r = pcim_enable_device(pdev);
	return r ? r : add_shares(gpu);
}

static void remove(struct pci_dev *pdev)
{
	struct gpu *gpu = pci_get_drvdata(pdev);

	disable(gpu);
	remove_shares(gpu);
}

static const struct pci_device_id xe_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT, 0x0010) },
	{}
};

static struct pci_driver xe_driver = {
	.name = "xe",
	.id_table = xe_ids,
	.probe = probe,
	.remove = remove,
	.sriov_configure = configure,
};
module_pci_driver(xe_driver);

MODULE_DESCRIPTION("A GPU whose virtual functions have shares, for tests");
MODULE_LICENSE("GPL");

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_mdev: a toolkit for drivers of mediated devices that are used through VFIO.
 *
 * A driver describes its types of device (struct vfio_mdev_desc), supplies their
 * behaviour (struct vfio_mdev_ops), and registers both as a struct vfio_mdev_driver.
 * The toolkit does the rest: it makes and removes the vfio devices, answers the ioctls below,
 * checks every argument from user space, keeps the PCI configuration space and delivers
 * interrupts.
 *
 * The ioctls are VFIO_DEVICE_GET_INFO, _GET_REGION_INFO, _GET_IRQ_INFO, _SET_IRQS and _RESET, and
 * of VFIO_DEVICE_FEATURE those of migration and, where the kernel can report it, of DMA logging.
 * Others fail with ENOTTY, and a driver cannot add any.
 *
 * Locking. The toolkit calls .read, .write and .reset of one device from several
 * threads at once; a driver has a lock of its own for its registers. .init, .open, .close
 * and .release never run at the same time as each other, and the others only from the reset
 * before .open to .close. .stop, .start, .save, .changed and .load run one at a time, .dma_unmap
 * never at the same time as .open or .close. All callbacks may sleep, and none but .dma_unmap is
 * called with a lock held that a function below takes. The vfio_mdev_irq_*() functions take a
 * spinlock with interrupts off and may be called from any context and below any lock of the
 * driver, except a raw spinlock. Order: lock of the driver, then locks of the toolkit.
 */
#ifndef LIBMDEV_VFIO_MDEV_H
#define LIBMDEV_VFIO_MDEV_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/types.h>
#include <linux/vfio.h>

struct vfio_mdev_config;
struct vfio_mdev_device;
struct vfio_mdev_dma;
struct vfio_mdev_irqs;
struct vfio_mdev_migration;
struct vfio_mdev_parent;

/**
 * struct vfio_mdev_pci_id - what the header of the configuration space says
 * @vendor: vendor id
 * @device: device id
 * @subsystem_vendor: vendor id of the subsystem
 * @subsystem_device: device id of the subsystem
 * @class: base class, sub-class and programming interface, 0xBBSSPP; without one of these PP
 *	is 00
 * @revision: revision of the device
 * @pin: interrupt pin, 1 (INTA) to 4 (INTD); 0 for a device without INTx
 */
struct vfio_mdev_pci_id {
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem_device;
	u32 class;
	u8 revision;
	u8 pin;
};

/* Flags of a region. The low ones are those of struct vfio_region_info. */
#define VFIO_MDEV_READ		VFIO_REGION_INFO_FLAG_READ
#define VFIO_MDEV_WRITE		VFIO_REGION_INFO_FLAG_WRITE
#define VFIO_MDEV_MMAP		VFIO_REGION_INFO_FLAG_MMAP
#define VFIO_MDEV_IO		BIT(16)	/* a BAR in I/O space; without it in memory space */
#define VFIO_MDEV_64BIT		BIT(17)	/* a memory BAR that takes two, the next one is absent */
#define VFIO_MDEV_PREFETCH	BIT(18)	/* a memory BAR that is prefetchable */
#define VFIO_MDEV_IO_RW		(VFIO_MDEV_IO | VFIO_MDEV_READ | VFIO_MDEV_WRITE)
#define VFIO_MDEV_MEM_RW	(VFIO_MDEV_READ | VFIO_MDEV_WRITE)

/**
 * struct vfio_mdev_region - one region of the device
 * @index: VFIO_PCI_BAR0_REGION_INDEX to VFIO_PCI_BAR5_REGION_INDEX. The configuration
 *	space is not listed, every device has it.
 * @flags: VFIO_MDEV_* above
 * @size: in bytes; a BAR's is a power of two, of 4 to 256 in I/O and of 16 or more in memory
 *	space
 * @width: the widest access that .read and .write take, 1, 2, 4 or 8 bytes. Wider ones
 *	are split, lowest address first.
 * @areas: with VFIO_MDEV_MMAP, the parts that can be mapped, in multiples of 4 KiB, in rising
 *	order; NULL if all of it can. On a kernel with larger pages, a region one of whose parts is
 *	no multiple of a page cannot be mapped.
 * @nr_areas: how many
 *
 * .page of struct vfio_mdev_ops supplies what is mapped. .read and .write serve the whole
 * region in any case.
 */
struct vfio_mdev_region {
	u32 index;
	u32 flags;
	u64 size;
	unsigned int width;
	const struct vfio_region_sparse_mmap_area *areas;
	unsigned int nr_areas;
};

/**
 * struct vfio_mdev_msix_desc - MSI-X of a type of device
 * @vectors: how many, up to 2048; 0 for a device without MSI-X
 * @bar: index of the region with the table and the array of pending bits, in memory space,
 *	for reading and writing
 * @table: offset of the table, 16 bytes a vector, a multiple of 8
 * @pba: offset of the pending bits, 8 bytes for every 64 vectors, a multiple of 8
 *
 * Both are the toolkit's: accesses there do not reach .read and .write.
 */
struct vfio_mdev_msix_desc {
	unsigned int vectors;
	unsigned int bar;
	u32 table;
	u32 pba;
};

/**
 * struct vfio_mdev_desc - what a type of device looks like to its user
 * @id: identity; also says whether the device has INTx
 * @regions: the BARs, in any order
 * @nr_regions: how many
 * @nr_msi: MSI vectors, 0 or a power of two up to 32; the configuration space has the
 *	capability if there are any
 * @msix: MSI-X
 * @pcie: it is a PCI Express endpoint: the configuration space has 4096 bytes, the
 *	capability, by which a guest can reset the function, and that of power management, whose
 *	states change nothing; and the user can be told of errors by VFIO_PCI_ERR_IRQ_INDEX
 * @state_size: the most bytes that .save writes; 0 if devices of the type cannot be migrated
 * @state_version: of the layout of what .save writes; a stream of another one is refused
 *
 * Constant, and must live as long as devices of the type do.
 */
struct vfio_mdev_desc {
	struct vfio_mdev_pci_id id;
	const struct vfio_mdev_region *regions;
	unsigned int nr_regions;
	unsigned int nr_msi;
	struct vfio_mdev_msix_desc msix;
	bool pcie;
	size_t state_size;
	u32 state_version;
};

/**
 * struct vfio_mdev_type - a type that a parent offers
 * @type: what mdev_register_parent() is given, with the names filled in: sysfs_name is the half
 *	behind the hyphen, pretty_name, which is optional, what the type's "name" says
 * @desc: how devices of this type look
 *
 * What a driver adds to a type it puts around the description, which is never copied:
 * .init and the others get to it by container_of(vdev->type->desc, ...). Types given to
 * vfio_mdev_register_parent() are copied, with nothing around them. Every type in the table
 * given to mdev_register_parent() must be part of a struct vfio_mdev_type.
 */
struct vfio_mdev_type {
	struct mdev_type type;
	const struct vfio_mdev_desc *desc;
};

/**
 * to_vfio_mdev_type() - the type that a callback of the mdev core is about
 * @type: what get_available or show_description of struct mdev_driver was given
 *
 * Return: the struct vfio_mdev_type that @type is part of.
 */
static inline const struct vfio_mdev_type *to_vfio_mdev_type(const struct mdev_type *type)
{
	return container_of(type, struct vfio_mdev_type, type);
}

/**
 * struct vfio_mdev_ops - behaviour of a device
 * @init: optional. Sets up the driver's part of a new device, which is zeroed memory.
 *	An error undoes the creation and is what the writer of "create" gets; .release
 *	is not called then.
 * @release: optional. Undoes .init, when nobody uses the device any more. The toolkit
 *	frees the memory after it.
 * @open: optional. The device got its first user, and has just been reset. An error
 *	refuses the open.
 * @close: optional. The last user has gone. Pairs with a successful .open.
 * @reset: Puts the registers into their state after power-on, and the interrupt level
 *	with them. Pending interrupts have been reset before, and the configuration space, but
 *	for VFIO_DEVICE_RESET, which keeps it as vfio-pci does.
 *	Called before .open, for VFIO_DEVICE_RESET, which QEMU does when its machine is reset,
 *	and, of a type with pcie, when the guest resets the function.
 * @read: Reads a register. @size is 1, 2, 4 or 8, at most the width of the region,
 *	@offset a multiple of it, and @offset + @size inside the region, which allows
 *	reading. The result goes to @value in the byte order of the CPU; bits above @size are
 *	ignored. Narrow accesses come as they are: what a part of a register reads as is the
 *	driver's to say.
 * @write: Writes a register; same promises. Bits of @value above @size are 0.
 * @page: The page at @offset of a region with VFIO_MDEV_MMAP, a multiple of the page size
 *	inside the region and its areas, or an ERR_PTR(), which is a SIGBUS to the user. The
 *	page stays the driver's. The user has it only while the region is mapped, which keeps the
 *	device open: nothing in the kernel can pin it for the user, so that the pages can serve
 *	the next user. Called with the user's mmap lock held.
 * @dma_unmap: The user is about to unmap @length bytes from @iova on. The driver unpins before it
 *	returns every range it has pinned of which a page is there, and pins none there again
 *	because of what the guest had asked for before. The range may be larger than what is
 *	pinned, or smaller. Mandatory for vfio_mdev_pin_pages(). What it forgets the toolkit
 *	unpins, and says so in the kernel's log; what vfio_mdev_pin_pages() is about to return
 *	there it unpins silently, so that a driver looks after the call whether there has been a
 *	.dma_unmap meanwhile. Of the functions below it may call vfio_mdev_unpin_pages() only. A
 *	lock that it takes is better not held while pages are pinned or copied: type1 takes its
 *	own locks in both orders, so that opening another device in the same moment may hang.
 * @stop: optional. From its return on the device does nothing by itself: it does not
 *	change, raise interrupts or touch the user's memory. .read and .write still work, and
 *	may interrupt: devices that are migrated together stop one after the other, and until
 *	all have, one that runs may reach the registers of one that does not.
 * @start: optional. Undoes .stop. Each .stop is followed by one .start, at the latest
 *	before .close.
 * @save: Writes the driver's part of the device's state to @state, which has room for
 *	state_size bytes of the type and is zeroed, and returns how many it wrote. It is
 *	called while the device is stopped and, for what is copied in advance, while it
 *	runs; a driver takes the lock of its registers.
 * @changed: optional. Could .save write something else than it did the last time? Asked for while
 *	the device runs, in place of a .save that would find that nothing has changed, by users
 *	that poll. A driver whose regions are mapped cannot know.
 * @load: Takes what .save of the same type and version wrote, of @size bytes. That comes
 *	from the user, who may have changed it: a driver checks it all, sizes and indexes
 *	first, and returns -EINVAL for what its .save cannot have written. The device is
 *	stopped and has just been reset; after an error it is reset again.
 *
 * .read and .write return 0, or an error that goes to the user. They are called whether or not
 * the command register enables the region's space: that is for the user to obey.
 *
 * .save and .load are mandatory for types with a state_size. The configuration space, the levels
 * of interrupts and those that are pending are the toolkit's to save and load. They are loaded
 * before .load, which may set the level anew.
 */
struct vfio_mdev_ops {
	int (*init)(struct vfio_mdev_device *vdev);
	void (*release)(struct vfio_mdev_device *vdev);
	int (*open)(struct vfio_mdev_device *vdev);
	void (*close)(struct vfio_mdev_device *vdev);
	void (*reset)(struct vfio_mdev_device *vdev);
	int (*read)(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
		    unsigned int size, u64 *value);
	int (*write)(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
		     unsigned int size, u64 value);
	struct page *(*page)(struct vfio_mdev_device *vdev, unsigned int index, u64 offset);
	void (*dma_unmap)(struct vfio_mdev_device *vdev, u64 iova, u64 length);
	void (*stop)(struct vfio_mdev_device *vdev);
	void (*start)(struct vfio_mdev_device *vdev);
	ssize_t (*save)(struct vfio_mdev_device *vdev, void *state);
	bool (*changed)(struct vfio_mdev_device *vdev);
	int (*load)(struct vfio_mdev_device *vdev, const void *state, size_t size);
};

/**
 * struct vfio_mdev_device - a mediated device and the vfio device made for it
 * @vfio: the vfio device
 * @mdev: the mediated device. Valid from .init to .release; its driver data is the
 *	struct vfio_mdev_device while the device is bound, for the driver's attributes.
 * @type: its type
 * @ops: what it does
 * @config: private to the toolkit
 * @irqs: private to the toolkit
 * @migration: private to the toolkit
 * @dma: private to the toolkit
 * @released: private to the toolkit
 *
 * The first member of the driver's structure of a device. The toolkit allocates and
 * frees the whole.
 */
struct vfio_mdev_device {
	struct vfio_device vfio;
	struct mdev_device *mdev;
	const struct vfio_mdev_type *type;
	const struct vfio_mdev_ops *ops;
	struct vfio_mdev_config *config;
	struct vfio_mdev_irqs *irqs;
	struct vfio_mdev_migration *migration;
	struct vfio_mdev_dma *dma;
	struct completion *released;
};

/**
 * VFIO_MDEV_DEVICE_SIZE() - device_size of a driver
 * @type: the driver's structure of a device
 * @member: the struct vfio_mdev_device in it, which has to come first: else this does not compile
 */
#define VFIO_MDEV_DEVICE_SIZE(type, member) \
	(sizeof(type) + BUILD_BUG_ON_ZERO(offsetof(type, member)))

/**
 * struct vfio_mdev_driver - a driver of mediated devices
 * @mdev: what mdev_register_parent() is given. The driver fills in driver.name, and either
 *	max_instances, how many devices of all types a parent can have, or get_available: with
 *	neither there can be no device. show_description and driver.dev_groups are optional.
 * @device_size: VFIO_MDEV_DEVICE_SIZE() of the driver's structure of a device
 * @ops: what devices do
 * @parent_groups: optional. Attributes of its parents by vfio_mdev_register_parent(), which
 *	exist before any device does and until the last has gone.
 */
struct vfio_mdev_driver {
	struct mdev_driver mdev;
	size_t device_size;
	const struct vfio_mdev_ops *ops;
	const struct attribute_group **parent_groups;
};

/**
 * vfio_mdev_register_driver() - make a driver known to the mdev core
 * @drv: the driver; stays with the caller, which unregisters it before it goes away
 *
 * To be called before mdev_register_parent() with &drv->mdev. What the types look like
 * is checked when a device is created: "create" fails with -EINVAL for a description that is
 * not valid, and the kernel's log says what of it.
 *
 * Context: Process context. Sleeps.
 *
 * Return: 0; -EINVAL, with a line in the kernel's log, without ops, .reset, .read, .write, or
 * too small a device_size; otherwise an error of mdev_register_driver(), and nothing is
 * registered.
 */
#define vfio_mdev_register_driver(drv) \
	__vfio_mdev_register_driver(drv, THIS_MODULE, KBUILD_MODNAME)
int __vfio_mdev_register_driver(struct vfio_mdev_driver *drv, struct module *owner,
				const char *mod_name);

/**
 * vfio_mdev_unregister_driver() - undo vfio_mdev_register_driver()
 * @drv: the driver
 *
 * To be called after all its parents have been unregistered, so that no device is
 * left. No callback runs after it.
 *
 * Context: Process context. Sleeps, until no device is being created.
 */
void vfio_mdev_unregister_driver(struct vfio_mdev_driver *drv);

/**
 * vfio_mdev_register_parent() - offer types of device that have no hardware behind them
 * @name: of the parent, which becomes /sys/devices/virtual/NAME/NAME, and the first half of
 *	the names of its types; must live as long as the parent
 * @drv: the driver, which has been registered
 * @types: the types, with type.sysfs_name and desc filled in; they are copied
 * @nr_types: how many, at least one
 *
 * A driver whose devices have a parent in hardware gives that to mdev_register_parent()
 * instead.
 *
 * Context: Process context. Sleeps.
 *
 * Return: the parent, which vfio_mdev_unregister_parent() frees, or an ERR_PTR() of what the
 * driver core or mdev_register_parent() says, and nothing is registered.
 */
struct vfio_mdev_parent *vfio_mdev_register_parent(const char *name, struct vfio_mdev_driver *drv,
						   const struct vfio_mdev_type *types,
						   unsigned int nr_types);

/**
 * vfio_mdev_unregister_parent() - undo vfio_mdev_register_parent()
 * @parent: the parent
 *
 * Removes its devices, and waits for the users of those that are open.
 *
 * Context: Process context. Sleeps.
 */
void vfio_mdev_unregister_parent(struct vfio_mdev_parent *parent);

/**
 * module_vfio_mdev_driver() - all that a module of devices without hardware does by itself
 * @__driver: the driver, a struct vfio_mdev_driver
 * @__types: the types, an array of struct vfio_mdev_type
 *
 * When the module is loaded it registers the driver, and a parent of the driver's name that
 * offers the types; when it is unloaded it unregisters both.
 */
#define module_vfio_mdev_driver(__driver, __types)					\
static struct vfio_mdev_parent *__driver##_parent;					\
static int __init __driver##_init(void)							\
{											\
	int ret = vfio_mdev_register_driver(&(__driver));				\
											\
	if (ret)									\
		return ret;								\
	__driver##_parent = vfio_mdev_register_parent((__driver).mdev.driver.name,	\
						      &(__driver), __types,		\
						      ARRAY_SIZE(__types));		\
	if (IS_ERR(__driver##_parent))							\
		vfio_mdev_unregister_driver(&(__driver));				\
	return PTR_ERR_OR_ZERO(__driver##_parent);					\
}											\
module_init(__driver##_init);								\
static void __exit __driver##_exit(void)						\
{											\
	vfio_mdev_unregister_parent(__driver##_parent);					\
	vfio_mdev_unregister_driver(&(__driver));					\
}											\
module_exit(__driver##_exit)

/**
 * vfio_mdev_irq_set_level() - say whether the device asserts a level-triggered interrupt
 * @vdev: the device
 * @index: VFIO_PCI_INTX_IRQ_INDEX
 * @level: true if the device wants service
 *
 * The user is signalled once and the line is masked until the user unmasks it; a line
 * that is still asserted then signals again. The interrupt status bit of the configuration
 * space follows the level, and the interrupt disable bit of the command register holds the
 * signal back. Calling it again with the same level does nothing, so a driver can
 * call it after each access. To keep levels in order it calls it under the lock of its
 * registers.
 *
 * Context: Any, below any lock but a raw spinlock. Takes a spinlock with interrupts off.
 */
void vfio_mdev_irq_set_level(struct vfio_mdev_device *vdev, unsigned int index, bool level);

/**
 * vfio_mdev_irq_trigger() - send an edge-triggered interrupt
 * @vdev: the device
 * @index: VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX, or VFIO_PCI_ERR_IRQ_INDEX, which
 *	tells the user of a PCI Express device that it has failed
 * @vector: number of the vector
 *
 * A vector that the user has given no eventfd, or that does not exist, is not sent. Of MSI-X,
 * what the guest has masked is sent when it no longer is.
 *
 * Context: Any, below any lock but a raw spinlock. Takes a spinlock with interrupts off.
 */
void vfio_mdev_irq_trigger(struct vfio_mdev_device *vdev, unsigned int index,
			   unsigned int vector);

/**
 * vfio_mdev_pin_pages() - pin pages of the user's memory by the address that the device uses
 * @vdev: the device
 * @iova: address of the first, a multiple of the page size
 * @npage: how many, up to VFIO_PIN_PAGES_MAX_ENTRIES
 * @prot: IOMMU_READ, IOMMU_WRITE, or both
 * @pages: where the pages go
 *
 * All or nothing. What is pinned is to be unpinned by vfio_mdev_unpin_pages() when it has been
 * used, or from .dma_unmap or .close. With IOMMU_WRITE it counts as written until then, for a user
 * that migrates its memory.
 *
 * Context: Process context, from .open to .close. Sleeps, and takes the user's mmap lock.
 *
 * Return: 0; -EINVAL for an address that is not aligned or a range that wraps around; -EPERM if
 * the guest has not made the device bus master, or the mapping does not allow @prot; -ENOMEM;
 * -EOPNOTSUPP if the driver has no .dma_unmap; otherwise an error of vfio_pin_pages().
 */
int vfio_mdev_pin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
			struct page **pages);

/**
 * vfio_mdev_unpin_pages() - undo vfio_mdev_pin_pages()
 * @vdev: the device
 * @iova: address of the first page
 * @npage: how many
 *
 * The range has to be one that was pinned, and all of it: iommufd has no way to unpin a part. Of
 * another one nothing is unpinned, and the kernel's log says so. A driver that wants to unpin
 * single pages pins them one by one.
 *
 * Context: Process context, from .open to .close. Sleeps.
 */
void vfio_mdev_unpin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage);

/**
 * vfio_mdev_dma_read() - copy from the user's memory
 * @vdev: the device
 * @iova: where, in addresses that the device uses; any alignment
 * @data: where to
 * @size: how many bytes; a part of them may have been copied when an error is found
 *
 * Behind a type1 container the caller has to be a kernel thread, as of a workqueue, or a thread of
 * the process that has mapped the memory, as in .read and .write of a guest that runs. For another
 * process, one that writes to an attribute for example, it fails with -EFAULT there, and only
 * there: leave the copying to a worker.
 *
 * Context: Process context, from .open to .close. Sleeps, and takes the user's mmap lock.
 *
 * Return: 0; -EINVAL for a range that wraps around; -EPERM if the guest has not made the
 * device bus master, or the mapping does not allow it; otherwise an error of vfio_dma_rw().
 */
int vfio_mdev_dma_read(struct vfio_mdev_device *vdev, u64 iova, void *data, size_t size);

/**
 * vfio_mdev_dma_write() - copy to the user's memory
 * @vdev: the device
 * @iova: where, in addresses that the device uses; any alignment
 * @data: where from
 * @size: how many bytes; a part of them may have been copied when an error is found
 *
 * Otherwise as vfio_mdev_dma_read().
 *
 * Context: Process context, from .open to .close. Sleeps, and takes the user's mmap lock.
 *
 * Return: as vfio_mdev_dma_read().
 */
int vfio_mdev_dma_write(struct vfio_mdev_device *vdev, u64 iova, const void *data, size_t size);

#endif /* LIBMDEV_VFIO_MDEV_H */

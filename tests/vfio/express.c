// SPDX-License-Identifier: GPL-2.0-only
/* Checks of testdev-express: PCI Express, MSI-X, and regions that can be mapped. */
#include <setjmp.h>
#include <signal.h>
#include <sys/uio.h>

#include "check.h"

#define RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define MMAP VFIO_REGION_INFO_FLAG_MMAP
#define CAPS VFIO_REGION_INFO_FLAG_CAPS

#define PAGE 4096
#define VECTORS 65
#define TABLE 0x1000
#define PBA 0x1800

static unsigned int find_capability(struct device *dev, uint8_t id)
{
	unsigned int offset = peek(dev, CONFIG, PCI_CAPABILITY_LIST, 1);
	unsigned int steps = 0;

	while (offset && peek(dev, CONFIG, offset, 1) != id) {
		equal(offset % 4, 0);
		is_true(steps++ < 48);
		offset = peek(dev, CONFIG, offset + PCI_CAP_LIST_NEXT, 1);
	}
	is_true(offset);
	return offset;
}

static void express_capabilities(struct device *dev)
{
	unsigned int msi = find_capability(dev, PCI_CAP_ID_MSI);
	unsigned int msix = find_capability(dev, PCI_CAP_ID_MSIX);
	unsigned int express = find_capability(dev, PCI_CAP_ID_EXP);
	unsigned int power = find_capability(dev, PCI_CAP_ID_PM);
	struct vfio_region_info info;

	equal(vfio_region_info(dev, CONFIG, &info), 0);
	equal(info.size, 4096);
	/* The extended capabilities: none. */
	equal(peek(dev, CONFIG, 0x100, 4), 0);
	equal(peek(dev, CONFIG, 4092, 4), 0);

	is_true(msi < msix && msix < express && express < power);
	equal(peek(dev, CONFIG, power + PCI_CAP_LIST_NEXT, 1), 0);
	/* DEVSEL is 0 in PCI Express. */
	equal(peek(dev, CONFIG, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	equal(peek(dev, CONFIG, msix + PCI_MSIX_FLAGS, 2), VECTORS - 1);
	equal(peek(dev, CONFIG, msix + PCI_MSIX_TABLE, 4), TABLE);
	equal(peek(dev, CONFIG, msix + PCI_MSIX_PBA, 4), PBA);
	poke(dev, CONFIG, msix + PCI_MSIX_FLAGS, 2, 0xffff);
	equal(peek(dev, CONFIG, msix + PCI_MSIX_FLAGS, 2),
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL | (VECTORS - 1));
	poke(dev, CONFIG, msix + PCI_MSIX_TABLE, 4, 0xffffffff);
	equal(peek(dev, CONFIG, msix + PCI_MSIX_TABLE, 4), TABLE);

	equal(peek(dev, CONFIG, express + PCI_EXP_FLAGS, 2), 2);
	equal(peek(dev, CONFIG, express + PCI_EXP_DEVCAP, 4),
	      PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	equal(peek(dev, CONFIG, express + PCI_EXP_LNKSTA, 2),
	      PCI_EXP_LNKSTA_CLS_2_5GB | PCI_EXP_LNKSTA_NLW_X1);
	poke(dev, CONFIG, express + PCI_EXP_DEVCTL, 2, 0x7fff);
	equal(peek(dev, CONFIG, express + PCI_EXP_DEVCTL, 2), 0x78ff & ~0x700);
}

/* D0 and D3hot, in which the device keeps what it has. */
static void express_power_states(struct device *dev)
{
	unsigned int offset = find_capability(dev, PCI_CAP_ID_PM);
	unsigned int control = offset + PCI_PM_CTRL;

	equal(peek(dev, CONFIG, offset + PCI_PM_PMC, 2), 3);
	poke(dev, 2, 0, 8, 0x1234);
	poke(dev, CONFIG, control, 2, 0xfffc | 3);
	equal(peek(dev, CONFIG, control, 4), PCI_PM_CTRL_NO_SOFT_RESET | 3);
	poke(dev, CONFIG, control, 2, 1);
	equal(peek(dev, CONFIG, control, 1), PCI_PM_CTRL_NO_SOFT_RESET | 3);
	poke(dev, CONFIG, control, 1, 0);
	equal(peek(dev, CONFIG, control, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	poke(dev, CONFIG, offset, 8, 0x2ULL << 32);
	equal(peek(dev, CONFIG, control, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	equal(peek(dev, 2, 0, 8), 0x1234);
}

/* A reset by the guest: like the user's, but eventfds stay as they do there, too. */
static void express_function_reset(struct device *dev)
{
	unsigned int control = find_capability(dev, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;
	int fd = new_eventfd();
	unsigned int i;

	/* By the word, by the byte, and in the middle of a wider write. */
	for (i = 0; i < 3; i++) {
		poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
		poke(dev, 2, 0, 8, 1);
		equal(vfio_irq_eventfd(dev, TRIGGER, MSI, fd), 0);
		if (i == 0)
			poke(dev, CONFIG, control, 2, PCI_EXP_DEVCTL_BCR_FLR);
		else if (i == 1)
			poke(dev, CONFIG, control + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8);
		else
			poke(dev, CONFIG, control, 4, PCI_EXP_DEVCTL_BCR_FLR);
		equal(peek(dev, 2, 0, 8), 0);
		equal(peek(dev, CONFIG, PCI_COMMAND, 2), 0);
		equal(peek(dev, CONFIG, control, 2), 0x2810);
		poke(dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
		equal(signals(fd), 1);
	}
}

static void express_error_notification(struct device *dev)
{
	int fd = new_eventfd();

	poke(dev, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(vfio_irq_eventfd(dev, TRIGGER, ERR, fd), 0);
	equal(signals(fd), 0);
	poke(dev, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(signals(fd), 1);
	equal(vfio_irq_disable(dev, ERR), 0);
	poke(dev, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(signals(fd), 0);
}

static void send_msix(struct device *dev, unsigned int vector)
{
	poke(dev, TESTDEV_CONTROL, TESTDEV_MSIX, 2, vector);
}

static void enable_msix(struct device *dev, uint16_t flags)
{
	poke(dev, CONFIG, find_capability(dev, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS, 2, flags);
}

static void express_msix_vectors(struct device *dev)
{
	int32_t fds[VECTORS], none = -1;
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		fds[i] = new_eventfd();
	/* Without an eventfd and disabled: lost. */
	send_msix(dev, 0);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, 0, VECTORS, fds, sizeof(fds)), 0);
	equal(signals(fds[0]), 0);
	for (i = 0; i < VECTORS; i++)
		send_msix(dev, i);
	send_msix(dev, VECTORS);
	for (i = 0; i < VECTORS; i++)
		equal(signals(fds[i]), 1);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, VECTORS - 1, 2, fds, 8), -EINVAL);
	equal(vfio_set_irqs(dev, NONE | MASK, MSIX, 0, 1, NULL, 0), -ENOTTY);

	/* Enabled, without an eventfd: pending, until there is one. */
	enable_msix(dev, PCI_MSIX_FLAGS_ENABLE);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, 64, 1, &none, 4), 0);
	send_msix(dev, 64);
	send_msix(dev, 64);
	equal(peek(dev, 0, PBA, 8), 0);
	equal(peek(dev, 0, PBA + 8, 8), 1);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, 64, 1, &fds[64], 4), 0);
	equal(signals(fds[64]), 1);
	equal(peek(dev, 0, PBA + 8, 8), 0);
}

static void express_msix_table(struct device *dev)
{
	unsigned int entry = TABLE + 3 * PCI_MSIX_ENTRY_SIZE;
	int32_t fd = new_eventfd();

	equal(peek(dev, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 0);
	poke(dev, 0, entry, 8, 0xfedcba9876543213);
	poke(dev, 0, entry + 8, 8, UINT64_MAX);
	equal(peek(dev, 0, entry, 8), 0xfedcba9876543210);
	equal(peek(dev, 0, entry + 8, 8), 0x1ffffffff);
	poke(dev, 0, PBA, 8, UINT64_MAX);
	equal(peek(dev, 0, PBA, 8), 0);
	/* Its neighbours are the driver's. */
	poke(dev, 0, TABLE - 8, 8, 0x1234);
	equal(peek(dev, 0, TABLE - 8, 8), 0x1234);
	poke(dev, 0, TABLE + VECTORS * PCI_MSIX_ENTRY_SIZE, 8, 0x5678);
	equal(peek(dev, 0, TABLE + VECTORS * PCI_MSIX_ENTRY_SIZE, 8), 0x5678);

	enable_msix(dev, PCI_MSIX_FLAGS_ENABLE);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, 3, 1, &fd, 4), 0);
	send_msix(dev, 3);
	equal(signals(fd), 0);
	equal(peek(dev, 0, PBA, 1), 1 << 3);
	poke(dev, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, 0);
	equal(signals(fd), 1);
	equal(peek(dev, 0, PBA, 1), 0);

	/* All of them. */
	enable_msix(dev, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	send_msix(dev, 3);
	equal(signals(fd), 0);
	enable_msix(dev, PCI_MSIX_FLAGS_ENABLE);
	equal(signals(fd), 1);

	/* Disabling drops what is pending, and so does a reset. */
	poke(dev, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, 1);
	send_msix(dev, 3);
	enable_msix(dev, 0);
	equal(peek(dev, 0, PBA, 8), 0);
	enable_msix(dev, PCI_MSIX_FLAGS_ENABLE);
	send_msix(dev, 3);
	equal(vfio_reset(dev), 0);
	equal(peek(dev, 0, PBA, 8), 0);
	equal(peek(dev, 0, entry, 8), 0);
	equal(signals(fd), 0);
}

/* The capability with the areas, in a buffer of every size from too small to too large. */
static void express_sparse(struct device *dev)
{
	struct vfio_region_info_cap_sparse_mmap *cap;
	uint32_t needed = sizeof(struct vfio_region_info) + sizeof(*cap) + 2 * sizeof(cap->areas[0]);
	struct vfio_region_info *info = malloc(4096);
	uint32_t size;

	is_true(info);
	for (size = 0; size <= needed + 8; size++) {
		memset(info, 0xa5, 4096);
		info->argsz = size;
		info->index = 0;
		if (size < sizeof(*info)) {
			equal(result(ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info)), -EINVAL);
			continue;
		}
		equal(ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info), 0);
		equal(info->flags, RW | MMAP | CAPS);
		equal(info->size, 65536);
		equal(info->argsz, size < needed ? needed : size);
		equal(info->cap_offset, size < needed ? 0 : sizeof(*info));
		equal(((uint8_t *)info)[size < needed ? sizeof(*info) : needed], 0xa5);
	}
	cap = (void *)((uint8_t *)info + info->cap_offset);
	equal(cap->header.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	equal(cap->header.version, 1);
	equal(cap->header.next, 0);
	equal(cap->nr_areas, 2);
	equal(cap->areas[0].offset, 0x2000);
	equal(cap->areas[0].size, 0x1000);
	equal(cap->areas[1].offset, 0x8000);
	equal(cap->areas[1].size, 0x4000);
	free(info);
}

static void *try_map(struct device *dev, unsigned int index, uint64_t offset, size_t size,
		     int prot, int flags)
{
	off_t position = ((off_t)index << REGION_SHIFT) + offset;

	return mmap(NULL, size, prot, flags, dev->fd, position);
}

static uint8_t *map(struct device *dev, unsigned int index, uint64_t offset, size_t size, int prot)
{
	uint8_t *memory = try_map(dev, index, offset, size, prot, MAP_SHARED);

	is_true(memory != MAP_FAILED);
	return memory;
}

/* What is mapped and what is read and written are the same memory. */
static void express_mapping(struct device *dev)
{
	int prot = PROT_READ | PROT_WRITE;
	uint8_t *first = map(dev, 0, 0x2000, PAGE, prot);
	uint8_t *second = map(dev, 0, 0xb000, PAGE, prot);
	uint8_t *all = map(dev, 2, 0, 4 * PAGE, prot);
	uint8_t *rom = map(dev, 4, 0, PAGE, PROT_READ);

	poke(dev, 0, 0x2008, 8, 0x1122334455667788);
	equal(first[8], 0x88);
	second[PAGE - 1] = 0x77;
	equal(peek(dev, 0, 0xbfff, 1), 0x77);
	all[PAGE] = 0x66;
	equal(peek(dev, 2, PAGE, 1), 0x66);
	equal(rom[0], 0);
	equal(result(mprotect(rom, PAGE, PROT_READ | PROT_WRITE)), -EACCES);
	equal(mprotect(all, PAGE, PROT_READ), 0);
	equal(mprotect(all, PAGE, prot), 0);

	/* A reset changes the memory, not the mapping. */
	equal(vfio_reset(dev), 0);
	equal(first[8] | second[PAGE - 1] | all[PAGE], 0);

	/* The mapping holds the device open. */
	all[0] = 1;
	equal(close(dev->fd), 0);
	dev->fd = -1;
	equal(all[0], 1);
	equal(munmap(first, PAGE) | munmap(second, PAGE) | munmap(all, 4 * PAGE) | munmap(rom, PAGE), 0);
}

/*
 * The kernel takes no reference to the pages for its user, which could outlast the device's being
 * open: the next user would share its memory with this one.
 */
static void express_mapping_not_pinned(struct device *dev)
{
	uint8_t *memory = map(dev, 2, 0, PAGE, PROT_READ | PROT_WRITE);
	struct iovec part = { memory, PAGE };
	int pipes[2];

	memory[0] = 1;
	equal(pipe(pipes), 0);
	equal(result(vmsplice(pipes[1], &part, 1, 0)), -EFAULT);
	/* Copying is no matter. */
	equal(write(pipes[1], memory, 1), 1);
	equal(munmap(memory, PAGE), 0);
}

static void expect_no_map(struct device *dev, unsigned int index, uint64_t offset,
			  size_t size, int prot, int flags, int error)
{
	is_true(try_map(dev, index, offset, size, prot, flags) == MAP_FAILED);
	equal(errno, error);
}

static void express_no_mapping(struct device *dev)
{
	int rw = PROT_READ | PROT_WRITE;
	unsigned int i;

	expect_no_map(dev, 0, 0, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 0, TABLE, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 0, 0x2000, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 0, 0x7000, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 0, 0x8000, 5 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 0, 0xc000, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 2, 0, 5 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 2, 4 * PAGE, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 2, (1ULL << 40) - PAGE, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(dev, 2, 0, PAGE, rw, MAP_PRIVATE, EINVAL);
	expect_no_map(dev, 4, 0, PAGE, rw, MAP_SHARED, EACCES);
	expect_no_map(dev, 4, 0, PAGE, PROT_WRITE, MAP_SHARED, EACCES);
	expect_no_map(dev, 3, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
	for (i = 5; i < 64; i++)
		expect_no_map(dev, i, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
	expect_no_map(dev, (1U << 23) - 1, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
}

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
	siglongjmp(after_fault, signal);
}

/* The driver has no such page: the user gets a signal, and nobody else anything. */
static void express_missing_page(struct device *dev)
{
	volatile uint8_t *all = map(dev, 2, 0, 4 * PAGE, PROT_READ | PROT_WRITE);
	int got = sigsetjmp(after_fault, 1);

	if (!got) {
		is_true(signal(SIGBUS, on_fault) != SIG_ERR);
		all[3 * PAGE] = 1;
	}
	equal(got, SIGBUS);
	all[2 * PAGE] = 1;
	equal(peek(dev, 2, 2 * PAGE, 1), 1);
}

const struct check express_checks[] = {
	CHECK(express_capabilities, EXPRESS, "they are in a list, and have the right bits"),
	CHECK(express_power_states, EXPRESS, "there are D0 and D3hot"),
	CHECK(express_function_reset, EXPRESS, "a guest resets the function by its capability"),
	CHECK(express_error_notification, EXPRESS, "the user is told of an error of the device"),
	CHECK(express_msix_vectors, EXPRESS, "vectors are signalled, or pend without an eventfd"),
	CHECK(express_msix_table, EXPRESS, "the table masks, and its pending bits tell"),
	CHECK(express_sparse, EXPRESS, "a region that can be mapped in parts says which"),
	CHECK(express_mapping, EXPRESS, "a mapping is the region, and holds the device open"),
	CHECK(express_mapping_not_pinned, EXPRESS, "nothing pins the pages of a mapping"),
	CHECK(express_no_mapping, EXPRESS, "what cannot be mapped is not mapped"),
	CHECK(express_missing_page, EXPRESS, "a page that the driver does not have is a SIGBUS"),
	{ 0 },
};

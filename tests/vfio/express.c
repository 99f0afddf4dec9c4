// SPDX-License-Identifier: GPL-2.0-only
/* Checks of testdev-express: PCI Express, MSI-X, and regions that can be mapped. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "check.h"

#define RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define MMAP VFIO_REGION_INFO_FLAG_MMAP
#define CAPS VFIO_REGION_INFO_FLAG_CAPS

#define PAGE 4096
#define VECTORS 65
#define TABLE 0x1000
#define PBA 0x1800

static unsigned int find_capability(struct vfio_client *client, uint8_t id)
{
	unsigned int offset = read_register(client, CONFIG, PCI_CAPABILITY_LIST, 1);
	unsigned int steps = 0;

	while (offset && read_register(client, CONFIG, offset, 1) != id) {
		equal(offset % 4, 0);
		is_true(steps++ < 48);
		offset = read_register(client, CONFIG, offset + PCI_CAP_LIST_NEXT, 1);
	}
	is_true(offset);
	return offset;
}

static void capabilities(struct vfio_client *client)
{
	unsigned int msi = find_capability(client, PCI_CAP_ID_MSI);
	unsigned int msix = find_capability(client, PCI_CAP_ID_MSIX);
	unsigned int express = find_capability(client, PCI_CAP_ID_EXP);
	unsigned int power = find_capability(client, PCI_CAP_ID_PM);
	struct vfio_region_info info;

	equal(vfio_client_region_info(client, CONFIG, &info), 0);
	equal(info.size, 4096);
	/* The extended capabilities: none. */
	equal(read_register(client, CONFIG, 0x100, 4), 0);
	equal(read_register(client, CONFIG, 4092, 4), 0);

	is_true(msi < msix && msix < express && express < power);
	equal(read_register(client, CONFIG, power + PCI_CAP_LIST_NEXT, 1), 0);
	/* DEVSEL is 0 in PCI Express. */
	equal(read_register(client, CONFIG, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	equal(read_register(client, CONFIG, msix + PCI_MSIX_FLAGS, 2), VECTORS - 1);
	equal(read_register(client, CONFIG, msix + PCI_MSIX_TABLE, 4), TABLE);
	equal(read_register(client, CONFIG, msix + PCI_MSIX_PBA, 4), PBA);
	write_register(client, CONFIG, msix + PCI_MSIX_FLAGS, 2, 0xffff);
	equal(read_register(client, CONFIG, msix + PCI_MSIX_FLAGS, 2),
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL | (VECTORS - 1));
	write_register(client, CONFIG, msix + PCI_MSIX_TABLE, 4, 0xffffffff);
	equal(read_register(client, CONFIG, msix + PCI_MSIX_TABLE, 4), TABLE);

	equal(read_register(client, CONFIG, express + PCI_EXP_FLAGS, 2), 2);
	equal(read_register(client, CONFIG, express + PCI_EXP_DEVCAP, 4),
	      PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	equal(read_register(client, CONFIG, express + PCI_EXP_LNKSTA, 2),
	      PCI_EXP_LNKSTA_CLS_2_5GB | PCI_EXP_LNKSTA_NLW_X1);
	write_register(client, CONFIG, express + PCI_EXP_DEVCTL, 2, 0x7fff);
	equal(read_register(client, CONFIG, express + PCI_EXP_DEVCTL, 2), 0x78ff & ~0x700);
}

/* D0 and D3hot, in which the device keeps what it has. */
static void power_states(struct vfio_client *client)
{
	unsigned int offset = find_capability(client, PCI_CAP_ID_PM);
	unsigned int control = offset + PCI_PM_CTRL;

	equal(read_register(client, CONFIG, offset + PCI_PM_PMC, 2), 3);
	write_register(client, 2, 0, 8, 0x1234);
	write_register(client, CONFIG, control, 2, 0xfffc | 3);
	equal(read_register(client, CONFIG, control, 4), PCI_PM_CTRL_NO_SOFT_RESET | 3);
	write_register(client, CONFIG, control, 2, 1);
	equal(read_register(client, CONFIG, control, 1), PCI_PM_CTRL_NO_SOFT_RESET | 3);
	write_register(client, CONFIG, control, 1, 0);
	equal(read_register(client, CONFIG, control, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	write_register(client, CONFIG, offset, 8, 0x2ULL << 32);
	equal(read_register(client, CONFIG, control, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	equal(read_register(client, 2, 0, 8), 0x1234);
}

/* A reset by the guest: like the user's, but eventfds stay as they do there, too. */
static void function_reset(struct vfio_client *client)
{
	unsigned int control = find_capability(client, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;
	int fd = new_eventfd();
	unsigned int i;

	/* By the word, by the byte, and in the middle of a wider write. */
	for (i = 0; i < 3; i++) {
		write_register(client, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
		write_register(client, 2, 0, 8, 1);
		equal(vfio_client_irq_eventfd(client, TRIGGER, MSI, fd), 0);
		if (i == 0)
			write_register(client, CONFIG, control, 2, PCI_EXP_DEVCTL_BCR_FLR);
		else if (i == 1)
			write_register(client, CONFIG, control + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8);
		else
			write_register(client, CONFIG, control, 4, PCI_EXP_DEVCTL_BCR_FLR);
		equal(read_register(client, 2, 0, 8), 0);
		equal(read_register(client, CONFIG, PCI_COMMAND, 2), 0);
		equal(read_register(client, CONFIG, control, 2), 0x2810);
		write_register(client, TESTDEV_CONTROL, TESTDEV_MSI, 2, 0);
		equal(vfio_client_signals(fd), 1);
	}
}

static void irq_info(struct vfio_client *client)
{
	struct vfio_irq_info info;

	equal(vfio_client_irq_info(client, MSIX, &info), 0);
	equal(info.count, VECTORS);
	equal(info.flags, VFIO_IRQ_INFO_EVENTFD);
	equal(vfio_client_irq_info(client, ERR, &info), 0);
	equal(info.count, 1);
	equal(info.flags, VFIO_IRQ_INFO_EVENTFD);
}

static void error_notification(struct vfio_client *client)
{
	int fd = new_eventfd();

	write_register(client, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(vfio_client_irq_eventfd(client, TRIGGER, ERR, fd), 0);
	equal(vfio_client_signals(fd), 0);
	write_register(client, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_irq_disable(client, ERR), 0);
	write_register(client, TESTDEV_CONTROL, TESTDEV_ERROR, 2, 1);
	equal(vfio_client_signals(fd), 0);
}

static void send_msix(struct vfio_client *client, unsigned int vector)
{
	write_register(client, TESTDEV_CONTROL, TESTDEV_MSIX, 2, vector);
}

static void enable_msix(struct vfio_client *client, uint16_t flags)
{
	write_register(client, CONFIG, find_capability(client, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS, 2,
		       flags);
}

static void msix_vectors(struct vfio_client *client)
{
	int32_t fds[VECTORS], none = -1;
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		fds[i] = new_eventfd();
	/* Without an eventfd and disabled: lost. */
	send_msix(client, 0);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, 0, VECTORS, fds, sizeof(fds)), 0);
	equal(vfio_client_signals(fds[0]), 0);
	for (i = 0; i < VECTORS; i++)
		send_msix(client, i);
	send_msix(client, VECTORS);
	for (i = 0; i < VECTORS; i++)
		equal(vfio_client_signals(fds[i]), 1);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, VECTORS - 1, 2, fds, 8), -EINVAL);
	equal(vfio_client_set_irqs(client, NONE | MASK, MSIX, 0, 1, NULL, 0), -ENOTTY);

	/* Enabled, without an eventfd: pending, until there is one. */
	enable_msix(client, PCI_MSIX_FLAGS_ENABLE);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, 64, 1, &none, 4), 0);
	send_msix(client, 64);
	send_msix(client, 64);
	equal(read_register(client, 0, PBA, 8), 0);
	equal(read_register(client, 0, PBA + 8, 8), 1);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, 64, 1, &fds[64], 4), 0);
	equal(vfio_client_signals(fds[64]), 1);
	equal(read_register(client, 0, PBA + 8, 8), 0);
}

static void msix_table(struct vfio_client *client)
{
	unsigned int entry = TABLE + 3 * PCI_MSIX_ENTRY_SIZE;
	int32_t fd = new_eventfd();

	equal(read_register(client, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4), 0);
	write_register(client, 0, entry, 8, 0xfedcba9876543213);
	write_register(client, 0, entry + 8, 8, UINT64_MAX);
	equal(read_register(client, 0, entry, 8), 0xfedcba9876543210);
	equal(read_register(client, 0, entry + 8, 8), 0x1ffffffff);
	write_register(client, 0, PBA, 8, UINT64_MAX);
	equal(read_register(client, 0, PBA, 8), 0);
	/* Its neighbours are the driver's. */
	write_register(client, 0, TABLE - 8, 8, 0x1234);
	equal(read_register(client, 0, TABLE - 8, 8), 0x1234);
	write_register(client, 0, TABLE + VECTORS * PCI_MSIX_ENTRY_SIZE, 8, 0x5678);
	equal(read_register(client, 0, TABLE + VECTORS * PCI_MSIX_ENTRY_SIZE, 8), 0x5678);

	enable_msix(client, PCI_MSIX_FLAGS_ENABLE);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, 3, 1, &fd, 4), 0);
	send_msix(client, 3);
	equal(vfio_client_signals(fd), 0);
	equal(read_register(client, 0, PBA, 1), 1 << 3);
	write_register(client, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, 0);
	equal(vfio_client_signals(fd), 1);
	equal(read_register(client, 0, PBA, 1), 0);

	/* All of them. */
	enable_msix(client, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	send_msix(client, 3);
	equal(vfio_client_signals(fd), 0);
	enable_msix(client, PCI_MSIX_FLAGS_ENABLE);
	equal(vfio_client_signals(fd), 1);

	/* Disabling drops what is pending, and so does a reset. */
	write_register(client, 0, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, 1);
	send_msix(client, 3);
	enable_msix(client, 0);
	equal(read_register(client, 0, PBA, 8), 0);
	enable_msix(client, PCI_MSIX_FLAGS_ENABLE);
	send_msix(client, 3);
	equal(vfio_client_reset(client), 0);
	equal(read_register(client, 0, PBA, 8), 0);
	equal(read_register(client, 0, entry, 8), 0);
	equal(vfio_client_signals(fd), 0);
}

static void regions(struct vfio_client *client)
{
	struct vfio_region_info info;

	equal(vfio_client_region_info(client, 0, &info), 0);
	equal(info.size, 65536);
	equal(info.flags, RW | MMAP | CAPS);
	equal(vfio_client_region_info(client, 2, &info), 0);
	equal(info.flags, RW | MMAP);
	equal(info.cap_offset, 0);
	equal(vfio_client_region_info(client, 4, &info), 0);
	equal(info.flags, VFIO_REGION_INFO_FLAG_READ | MMAP);
}

/* The capability with the areas, in a buffer of every size from too small to too large. */
static void sparse(struct vfio_client *client)
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
			equal(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info), -1);
			equal(errno, EINVAL);
			continue;
		}
		equal(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info), 0);
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

static void *try_map(struct vfio_client *client, unsigned int index, uint64_t offset, size_t size,
		     int prot, int flags)
{
	off_t position = ((off_t)index << VFIO_CLIENT_REGION_SHIFT) + offset;

	return mmap(NULL, size, prot, flags, client->device, position);
}

static uint8_t *map(struct vfio_client *client, unsigned int index, uint64_t offset, size_t size,
		    int prot)
{
	uint8_t *memory = try_map(client, index, offset, size, prot, MAP_SHARED);

	is_true(memory != MAP_FAILED);
	return memory;
}

/* What is mapped and what is read and written are the same memory. */
static void mapping(struct vfio_client *client)
{
	int prot = PROT_READ | PROT_WRITE;
	uint8_t *first = map(client, 0, 0x2000, PAGE, prot);
	uint8_t *second = map(client, 0, 0xb000, PAGE, prot);
	uint8_t *all = map(client, 2, 0, 4 * PAGE, prot);
	uint8_t *rom = map(client, 4, 0, PAGE, PROT_READ);

	write_register(client, 0, 0x2008, 8, 0x1122334455667788);
	equal(first[8], 0x88);
	second[PAGE - 1] = 0x77;
	equal(read_register(client, 0, 0xbfff, 1), 0x77);
	all[PAGE] = 0x66;
	equal(read_register(client, 2, PAGE, 1), 0x66);
	equal(rom[0], 0);
	equal(mprotect(rom, PAGE, PROT_READ | PROT_WRITE), -1);
	equal(errno, EACCES);
	equal(mprotect(all, PAGE, PROT_READ), 0);
	equal(mprotect(all, PAGE, prot), 0);

	/* A reset changes the memory, not the mapping. */
	equal(vfio_client_reset(client), 0);
	equal(first[8] | second[PAGE - 1] | all[PAGE], 0);

	/* The mapping holds the device open. */
	all[0] = 1;
	equal(close(client->device), 0);
	client->device = -1;
	equal(all[0], 1);
	equal(munmap(first, PAGE) | munmap(second, PAGE) | munmap(all, 4 * PAGE) | munmap(rom, PAGE), 0);
}

/*
 * The kernel takes no reference to the pages for its user, which could outlast the device's being
 * open: the next user would share its memory with this one.
 */
static void mapping_not_pinned(struct vfio_client *client)
{
	uint8_t *memory = map(client, 2, 0, PAGE, PROT_READ | PROT_WRITE);
	struct iovec part = { memory, PAGE };
	int pipes[2];

	memory[0] = 1;
	equal(pipe(pipes), 0);
	equal(vmsplice(pipes[1], &part, 1, 0), -1);
	equal(errno, EFAULT);
	/* Copying is no matter. */
	equal(write(pipes[1], memory, 1), 1);
	equal(munmap(memory, PAGE), 0);
}

static void expect_no_map(struct vfio_client *client, unsigned int index, uint64_t offset,
			  size_t size, int prot, int flags, int error)
{
	is_true(try_map(client, index, offset, size, prot, flags) == MAP_FAILED);
	equal(errno, error);
}

static void no_mapping(struct vfio_client *client)
{
	int rw = PROT_READ | PROT_WRITE;
	unsigned int i;

	expect_no_map(client, 0, 0, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 0, TABLE, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 0, 0x2000, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 0, 0x7000, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 0, 0x8000, 5 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 0, 0xc000, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 2, 0, 5 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 2, 4 * PAGE, PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 2, (1ULL << 40) - PAGE, 2 * PAGE, rw, MAP_SHARED, EINVAL);
	expect_no_map(client, 2, 0, PAGE, rw, MAP_PRIVATE, EINVAL);
	expect_no_map(client, 4, 0, PAGE, rw, MAP_SHARED, EACCES);
	expect_no_map(client, 4, 0, PAGE, PROT_WRITE, MAP_SHARED, EACCES);
	expect_no_map(client, 3, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
	for (i = 5; i < 64; i++)
		expect_no_map(client, i, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
	expect_no_map(client, (1U << 23) - 1, 0, PAGE, PROT_READ, MAP_SHARED, EINVAL);
}

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
	siglongjmp(after_fault, signal);
}

/* The driver has no such page: the user gets a signal, and nobody else anything. */
static void missing_page(struct vfio_client *client)
{
	volatile uint8_t *all = map(client, 2, 0, 4 * PAGE, PROT_READ | PROT_WRITE);
	int got = sigsetjmp(after_fault, 1);

	if (!got) {
		is_true(signal(SIGBUS, on_fault) != SIG_ERR);
		all[3 * PAGE] = 1;
	}
	equal(got, SIGBUS);
	all[2 * PAGE] = 1;
	equal(read_register(client, 2, 2 * PAGE, 1), 1);
}

const struct check express_checks[] = {
	{ .name = "express-capabilities", .run = capabilities },
	{ .name = "express-power-states", .run = power_states },
	{ .name = "express-function-reset", .run = function_reset },
	{ .name = "express-irq-info", .run = irq_info },
	{ .name = "express-error-notification", .run = error_notification },
	{ .name = "express-msix-vectors", .run = msix_vectors },
	{ .name = "express-msix-table", .run = msix_table },
	{ .name = "express-regions", .run = regions },
	{ .name = "express-sparse", .run = sparse },
	{ .name = "express-mapping", .run = mapping },
	{ .name = "express-mapping-not-pinned", .run = mapping_not_pinned },
	{ .name = "express-no-mapping", .run = no_mapping },
	{ .name = "express-missing-page", .run = missing_page },
	{ 0 },
};

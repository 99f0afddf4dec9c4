// SPDX-License-Identifier: GPL-2.0-only
/* vfio-check CHECK UUID: runs one check on a device. Without arguments it lists them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "check.h"

static const struct check *const groups[] = {
	config_checks, region_checks, irq_checks, express_checks, migration_checks, hostile_checks,
	dma_checks, dma_log_checks, iommufd_checks, doorbell_checks, stress_checks, life_checks, fault_checks,
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

void check_equal(const char *file, int line, const char *what, long long got, long long want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s:%d: %s is %lld (0x%llx), not %lld (0x%llx)\n", file, line, what, got,
		got, want, want);
	exit(1);
}

int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	is_true(fd >= 0);
	return fd;
}

uint64_t read_register(struct vfio_client *client, uint32_t region, uint64_t offset, size_t size)
{
	uint64_t value = 0;

	equal(vfio_client_read(client, region, offset, &value, size), size);
	return value;
}

void write_register(struct vfio_client *client, uint32_t region, uint64_t offset, size_t size,
		    uint64_t value)
{
	equal(vfio_client_write(client, region, offset, &value, size), size);
}

static const struct check *find(const char *name)
{
	const struct check *check;
	size_t i;

	for (i = 0; i < GROUPS; i++) {
		for (check = groups[i]; check->name; check++) {
			if (!name)
				puts(check->name);
			else if (strcmp(check->name, name) == 0)
				return check;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct check *check = find(argc > 1 ? argv[1] : NULL);
	struct vfio_client client;

	if (argc == 1)
		return 0;
	if (argc != 3 || !check) {
		fprintf(stderr, "Usage: %s [CHECK UUID]\n", argv[0]);
		return 2;
	}
	if (check->no_device)
		client = (struct vfio_client){ argv[2], -1, -1, -1, 0, -1 };
	else if (vfio_client_open(&client, argv[2]))
		return 1;
	check->run(&client);
	vfio_client_close(&client);
	return 0;
}

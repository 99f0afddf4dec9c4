// SPDX-License-Identifier: LGPL-2.1-or-later
/* Documentation/ABI/testing/sysfs-bus-pci. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "util/text.h"

/* As PCI counts them. */
#define MAX_FUNCTIONS 0xffff

/* How many links there should be. */
static unsigned int pci_count_functions(struct mdev_ctx *ctx, int device)
{
	unsigned int count;

	if (sysfs_read_number(ctx, device, "sriov_numvfs", &count) < 0)
		return 0;
	return count < MAX_FUNCTIONS ? count : MAX_FUNCTIONS;
}

static int pci_add_function(int device, unsigned int number, struct strings *functions)
{
	_cleanup_free_ char *function = NULL;
	char link[sizeof("virtfn4294967295")];
	int r;

	snprintf(link, sizeof(link), "virtfn%u", number);
	r = sysfs_read_link_base(device, link, &function);
	if (r < 0)
		return r;
	return name_is_valid(function) ? strings_add(functions, function) : 0;
}

int pci_list_functions_of(struct mdev_ctx *ctx, const char *name, int device,
			  struct strings *functions)
{
	int r;

	for (unsigned int number = 0;; number++) {
		r = pci_add_function(device, number, functions);
		if (r == 0)
			continue;
		/* The kernel numbers the links without gaps: one that is missing is behind the last. */
		if (r == -ENOENT || r == -ENOMEM)
			break;
		log_warning(ctx, "Ignoring a virtual function of %s: its link virtfn%u cannot be read: "
			    OS_ERROR, name, number, OS_ERROR_ARGS(r));
		/* Where none can be read, none is missing. */
		if (number + 1 >= pci_count_functions(ctx, device))
			break;
	}
	return r == -ENOMEM ? r : 0;
}

int pci_list_functions(struct mdev_ctx *ctx, const char *name, struct strings *functions)
{
	_cleanup_close_ int device = -1;
	int r;

	r = name_is_valid(name) ? sysfs_open(ctx, &device, "bus/pci/devices/%s", name) : -ENOENT;
	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	return pci_list_functions_of(ctx, name, device, functions);
}

/* The 16 bits below the domain, by which a function sends requests. */
static bool pci_read_id(const char *name, unsigned int *id)
{
	unsigned int bus, device, function;
	const char *rest = strchr(name, ':');

	if (!pci_is_name(name) || sscanf(rest + 1, "%2x:%2x.%1u", &bus, &device, &function) != 3)
		return false;
	*id = bus << 8 | device << 3 | function;
	return true;
}

int pci_read_layout(struct mdev_ctx *ctx, int dir, struct pci_layout *layout)
{
	int r = sysfs_read_number(ctx, dir, "sriov_totalvfs", &layout->total);

	if (r == 0)
		r = sysfs_read_number(ctx, dir, "sriov_offset", &layout->offset);
	return r < 0 ? r : sysfs_read_number(ctx, dir, "sriov_stride", &layout->stride);
}

unsigned int pci_find_number(const char *name, const char *physical,
			     const struct pci_layout *layout)
{
	size_t domain = strcspn(physical, ":");
	unsigned int id, first, number;

	if (!pci_read_id(name, &id) || !pci_read_id(physical, &first) ||
	    strcspn(name, ":") != domain || memcmp(name, physical, domain) != 0)
		return 0;
	first += layout->offset;
	if (id < first || layout->total == 0)
		return 0;
	/* With one function there is nothing to step over. */
	if (id == first)
		return 1;
	if (layout->stride == 0 || (id - first) % layout->stride != 0)
		return 0;
	number = (id - first) / layout->stride + 1;
	return number <= layout->total ? number : 0;
}

#define HEX "0123456789abcdef"

/* The bus takes domains of more digits, as those of a VMD, but pads them to four. */
bool pci_is_name(const char *name)
{
	size_t domain = strspn(name, HEX);

	name += domain;
	return domain >= 4 && domain <= 8 && name[0] == ':' && strspn(name + 1, HEX) == 2 &&
	       name[3] == ':' && strspn(name + 4, HEX) == 2 && name[6] == '.' &&
	       name[7] >= '0' && name[7] <= '7' && name[8] == '\0';
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* Documentation/ABI/testing/sysfs-bus-pci. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pci.h"
#include "sysfs.h"
#include "util/text.h"

int pci_list_functions_of(int device, struct strings *functions)
{
	int r = 0;

	/* The kernel numbers the links without gaps. */
	for (unsigned int i = 0; r == 0; i++) {
		_cleanup_free_ char *function = NULL;
		char link[sizeof("virtfn4294967295")];

		snprintf(link, sizeof(link), "virtfn%u", i);
		r = sysfs_read_link_base(device, link, &function);
		if (r == 0 && name_is_valid(function))
			r = strings_add(functions, function);
	}
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int pci_list_functions(struct mdev_ctx *ctx, const char *name, struct strings *functions)
{
	_cleanup_close_ int device = -1;
	int r;

	r = name_is_valid(name) ? sysfs_open(ctx, &device, "bus/pci/devices/%s", name) : -ENOENT;
	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	return pci_list_functions_of(device, functions);
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

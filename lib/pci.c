// SPDX-License-Identifier: LGPL-2.1-or-later
/* Documentation/ABI/testing/sysfs-bus-pci. */
#include <errno.h>
#include <stdio.h>

#include "pci.h"
#include "sysfs.h"
#include "util/text.h"

int pci_list_functions(struct mdev_ctx *ctx, const char *name, struct strings *functions)
{
	_cleanup_close_ int device = -1;
	int r;

	r = name_is_valid(name) ? sysfs_open(ctx, &device, "bus/pci/devices/%s", name) : -ENOENT;
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

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Preloaded by tests/vm/selftests-guest. Linux's VFIO selftests ask a VFIO group for a device by
 * its PCI address. The name of a mediated device is its UUID instead: the last part of the target
 * of the link "mdev", which the script has made.
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

static const char *name_of(const char *address, char target[static PATH_MAX])
{
	char link[PATH_MAX];
	const char *slash;
	ssize_t length;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/mdev", address);
	length = readlink(link, target, PATH_MAX - 1);
	if (length < 0)
		return address;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	char target[PATH_MAX];
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == VFIO_GROUP_GET_DEVICE_FD)
		return next(fd, request, name_of(arg, target));
	return next(fd, request, arg);
}

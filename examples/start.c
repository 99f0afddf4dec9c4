// SPDX-License-Identifier: LGPL-2.1-or-later
/* Starts a device and prints the node that a virtual machine opens: start PARENT TYPE [UUID] */
#include <libmdev.h>
#include <stdio.h>

int main(int argc, char *argv[])
{
	struct mdev_definition *definition = NULL;
	struct mdev_device_info *info = NULL;
	struct mdev_device *device = NULL;
	struct mdev_uuid uuid;
	struct mdev_ctx *ctx;
	const char *node;
	bool ok;

	if (argc < 3 || argc > 4 || (argc == 4 && mdev_uuid_parse(argv[3], &uuid) < 0) ||
	    mdev_ctx_new(&ctx) < 0)
		return 2;
	/* Without a UUID a new one is generated. */
	ok = mdev_definition_new(ctx, argc == 4 ? &uuid : NULL, &definition) == 0 &&
	     mdev_definition_set_parent(definition, argv[1]) == 0 &&
	     mdev_definition_set_type(definition, argv[2]) == 0 &&
	     mdev_start(definition, 0) == 0 &&
	     mdev_device_lookup(ctx, mdev_definition_get_uuid(definition), &device) == 0 &&
	     mdev_device_get_info(device, &info) == 0;
	if (!ok)
		fprintf(stderr, "%s\n", mdev_ctx_last_error(ctx));
	node = ok ? mdev_device_info_get_vfio_node(info) : NULL;
	if (ok && !node)
		node = mdev_device_info_get_group_node(info);
	if (ok)
		printf("%s %s\n", mdev_device_get_uuid(device)->text, node ? node : "without a node");
	mdev_device_info_unref(info);
	mdev_device_unref(device);
	mdev_definition_unref(definition);
	mdev_ctx_unref(ctx);
	return ok ? 0 : 1;
}

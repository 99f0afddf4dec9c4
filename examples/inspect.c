// SPDX-License-Identifier: LGPL-2.1-or-later
/* Prints the details of an active device and its users: inspect UUID */
#include <libmdev.h>
#include <stdio.h>
#include <stdlib.h>

static void print(const char *name, const char *value)
{
	printf("%s: %s\n", name, value ? value : "none");
}

static int print_info(const struct mdev_device *device)
{
	struct mdev_device_info *info;
	int r = mdev_device_get_info(device, &info);

	if (r < 0)
		return r;
	print("parent", mdev_device_get_parent(device));
	print("type", mdev_device_get_type(device));
	print("path", mdev_device_info_get_path(info));
	print("driver", mdev_device_info_get_driver(info));
	print("group node", mdev_device_info_get_group_node(info));
	print("VFIO node", mdev_device_info_get_vfio_node(info));
	printf("NUMA node: %d\n", mdev_device_info_get_numa_node(info));
	mdev_device_info_unref(info);
	return 0;
}

static int print_users(const struct mdev_device *device)
{
	struct mdev_user **users;
	int r = mdev_device_list_users(device, &users);

	if (r < 0)
		return r;
	for (size_t i = 0; users[i]; i++)
		printf("user: %d %s\n", mdev_user_get_pid(users[i]),
		       mdev_user_get_command(users[i]));
	if (r == 1)
		printf("user: perhaps others, which only root can see\n");
	mdev_user_list_free(users);
	return 0;
}

int main(int argc, char *argv[])
{
	struct mdev_device *device = NULL;
	struct mdev_uuid uuid;
	struct mdev_ctx *ctx;
	int r;

	if (argc != 2 || mdev_uuid_parse(argv[1], &uuid) < 0 || mdev_ctx_new(&ctx) < 0)
		return 2;
	r = mdev_device_lookup(ctx, &uuid, &device);
	if (r == 0)
		r = print_info(device);
	if (r == 0)
		r = print_users(device);
	if (r < 0)
		fprintf(stderr, "%s\n", mdev_ctx_last_error(ctx));
	mdev_device_unref(device);
	mdev_ctx_unref(ctx);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

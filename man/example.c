// SPDX-License-Identifier: LGPL-2.1-or-later
/* The program in libmdev(3): built and run by tests/api/install.bats. */
#include <libmdev.h>
#include <stdio.h>

static int start(struct mdev_ctx *ctx, const char *parent, const char *type)
{
	struct mdev_definition *definition;
	int r;

	r = mdev_definition_new(ctx, NULL, &definition);
	if (r < 0)
		return r;
	r = mdev_definition_set_parent(definition, parent);
	if (r == 0)
		r = mdev_definition_set_type(definition, type);
	if (r == 0)
		r = mdev_start(definition, 0);
	if (r == 0)
		printf("Started %s\n", mdev_definition_get_uuid(definition)->text);
	mdev_definition_unref(definition);
	return r;
}

static int list(struct mdev_ctx *ctx, const char *parent)
{
	struct mdev_device **devices;
	int r;

	r = mdev_device_list(ctx, NULL, parent, &devices);
	if (r < 0)
		return r;
	for (size_t i = 0; devices[i]; i++)
		printf("%s is a %s\n", mdev_device_get_uuid(devices[i])->text,
		       mdev_device_get_type(devices[i]));
	mdev_device_list_free(devices);
	return 0;
}

/* Starts a device of TYPE on PARENT and lists the devices there. */
int main(int argc, char **argv)
{
	struct mdev_ctx *ctx;
	int r;

	if (argc != 3) {
		fprintf(stderr, "Usage: %s PARENT TYPE\n", argv[0]);
		return 2;
	}
	if (mdev_ctx_new(&ctx) < 0) {
		fprintf(stderr, "Out of memory\n");
		return 1;
	}
	r = start(ctx, argv[1], argv[2]);
	if (r == 0)
		r = list(ctx, argv[1]);
	if (r < 0)
		fprintf(stderr, "Error: %s\n", mdev_ctx_last_error(ctx));
	mdev_ctx_unref(ctx);
	return r < 0 ? 1 : 0;
}

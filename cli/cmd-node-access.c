// SPDX-License-Identifier: LGPL-2.1-or-later
/* For udev's rule, which imports what this prints as properties of the node. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"
#include "util/buffer.h"

struct access_values {
	const char *node;
};

static const struct cli_option access_options[] = {
	OPTION(access_values, node, NULL, OPTION_FILE, .argument = true, .required = true,
	       .help = "VFIO node, such as /dev/vfio/12"),
	{ 0 }
};

/* What goes with a user, and with a group, that has no mode. */
#define MODE_OF_USER  "0600"
#define MODE_OF_GROUP "0660"

/* Adds a part of USER:GROUP:MODE, or @usual if it is empty. Return: what follows it. */
static const char *access_add(struct buffer *out, const char *key, const char *part,
			      const char *usual)
{
	size_t length = strcspn(part, ":");

	if (length > 0)
		buffer_add_format(out, "%s=%.*s\n", key, (int)length, part);
	else
		buffer_add_format(out, "%s=%s\n", key, usual);
	return part + length + (part[length] == ':');
}

static int access_print(const struct mdev_device *device, const char *access)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	const char *group, *mode;

	buffer_add_format(&out, "MDEVCTL_UUID=%s\n", mdev_device_get_uuid(device)->text);
	if (access) {
		/* A node may have had another user or group until now. */
		group = access_add(&out, "MDEVCTL_USER", access, "root");
		mode = access_add(&out, "MDEVCTL_GROUP", group, "root");
		access_add(&out, "MDEVCTL_MODE", mode,
			   *group && *group != ':' ? MODE_OF_GROUP : MODE_OF_USER);
	}
	return cli_written(out.failed ? -ENOMEM : out_write(out.text, out.length));
}

/* Nodes of other devices, and devices without a definition, are none of ours. */
static int access_run(struct cli *cli, const void *values)
{
	const struct access_values *wanted = values;
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = mdev_device_lookup_node(cli->ctx, wanted->node, &device);
	if (r < 0)
		return r == -ENODEV ? EXIT_SUCCESS : cli_failed(cli);
	r = mdev_definition_lookup(cli->ctx, mdev_device_get_uuid(device),
				   mdev_device_get_parent(device), &definition);
	if (r < 0 && r != -ENOENT)
		return cli_failed(cli);
	return access_print(device, definition ? mdev_definition_get_access(definition) : NULL);
}

const struct cmd cmd_node_access = {
	.name = "node-access",
	.summary = "Print who may open a VFIO node, as udev imports it",
	.options = access_options,
	.values_size = sizeof(struct access_values),
	.hidden = true,
	.run = access_run,
};

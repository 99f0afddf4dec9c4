// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "instances.h"
#include "jsonfile.h"
#include "option_table.h"

struct define_values {
	struct mdev_uuid uuid;
	bool autostart;
	const char *parent;
	const char *type;
	const char *jsonfile;
	const char *access;
	struct option_index count;
	bool any;
	bool force;
};

static const struct cli_option define_options[] = {
	OPTION(define_values, uuid, "u", OPTION_UUID, .unless = { "parent", "any" },
	       .help = "UUID of the device (default: a new one, which is printed)"),
	{ .name = "auto",
	  .letter = "a",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct define_values, autostart),
	  .help = "Start it when its parent appears" },
	OPTION(define_values, parent, "p", OPTION_PARENT, .unless = { "uuid", "any" },
	       .help = "Parent of the device (default: that of the active device)"),
	OPTION(define_values, type, "t", OPTION_TYPE,
	       .help = "Type of the device (default: that of the active device)"),
	OPTION(define_values, jsonfile, NULL, OPTION_FILE, .excludes = { "type", "auto" },
	       .help = "Take type, start mode and attributes from this file"),
	OPTION(define_values, access, NULL, OPTION_ACCESS, .excludes = { "jsonfile" },
	       .help = "Have udev give its VFIO nodes to this user and group, with this mode"),
	OPTION(define_values, count, "n", OPTION_COUNT, .excludes = { "uuid" },
	       .help = "Define this many devices, or none if not all can be defined"),
	OPTION(define_values, any, NULL, OPTION_FLAG, .needs = { "type", "jsonfile" },
	       .help = "On any parent, if none is given; TYPE may be a name or a device API"),
	OPTION(define_values, force, "f", OPTION_FLAG,
	       .help = "Define it even if the active device cannot be read or a script refuses"),
	{ 0 }
};

/* Finds the active device, if there is one: @device stays NULL otherwise. */
static int define_find_active(struct cli *cli, const struct define_values *define,
			      struct mdev_device **device)
{
	int r;

	if (!option_uuid(&define->uuid))
		return 0;
	r = mdev_device_lookup(cli->ctx, &define->uuid, device);
	if (r == 0 || r == -ENODEV)
		return 0;
	if (!define->force)
		return r;
	log_warning(&cli->log, "For device %s a sysfs update caused the error: %s",
		    define->uuid.text, mdev_ctx_last_error(cli->ctx));
	return 0;
}

/* Whether @definition will be that of @device, so that it gets the device's attributes. */
static bool defines(const struct mdev_definition *definition, const struct mdev_device *device)
{
	const char *parent = mdev_definition_get_parent(definition);
	const char *type = mdev_definition_get_type(definition);

	return parent && type && strcmp(parent, mdev_device_get_parent(device)) == 0 &&
	       strcmp(type, mdev_device_get_type(device)) == 0;
}

/*
 * Fills in from the active device what the options do not give, the parent only together with the
 * type; @flags gets the flags of the operation for this case.
 */
static int define_configure(struct cli *cli, const struct define_values *define,
			    struct mdev_definition *definition, unsigned int *flags)
{
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;
	const char *parent = define->parent, *type = define->type;
	int r;

	r = define_find_active(cli, define, &device);
	if (r < 0)
		return r;
	if (device && !parent && !type)
		parent = mdev_device_get_parent(device);
	if (device && !type)
		type = mdev_device_get_type(device);
	if (parent)
		r = mdev_definition_set_parent(definition, parent);
	if (r == 0 && type)
		r = mdev_definition_set_type(definition, type);
	if (define->autostart)
		mdev_definition_set_start(definition, MDEV_START_AUTO);
	if (r == 0 && define->access && *define->access)
		r = mdev_definition_set_access(definition, define->access);
	if (r == 0 && device && defines(definition, device))
		*flags |= MDEV_OP_ADOPT;
	return r;
}

/* Fails if there is such a definition, even a malformed one. */
static int define_refuse_to_overwrite(struct cli *cli, const struct define_values *define)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	int r;

	/* Without a parent the place of the definition is not known yet. */
	if (!option_uuid(&define->uuid) || !define->parent)
		return EXIT_SUCCESS;
	r = mdev_definition_lookup(cli->ctx, &define->uuid, define->parent, &definition);
	if (r == -ENOENT)
		return EXIT_SUCCESS;
	if (r == 0 || r == -EBADMSG)
		return cli_error("Cowardly refusing to overwrite existing config for %s/%s",
				 define->parent, define->uuid.text);
	return cli_failed(cli);
}

static int define_configure_from_file(struct cli *cli, const struct define_values *define,
				      struct mdev_definition *definition)
{
	_cleanup_(jsonfile_clear) struct jsonfile file = { 0 };
	int status;

	if (jsonfile_read(&file, define->jsonfile, "file") < 0)
		return EXIT_FAILURE;
	if (!define->parent && !define->any)
		return cli_error("Parent device required to define device via \"%s\"",
				 define->jsonfile);
	status = define_refuse_to_overwrite(cli, define);
	if (status != EXIT_SUCCESS)
		return status;
	if (define->parent && mdev_definition_set_parent(definition, define->parent) < 0)
		return cli_failed(cli);
	return jsonfile_apply(cli, &file, definition) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int define_run(struct cli *cli, const void *values)
{
	const struct define_values *define = values;
	const struct mdev_uuid *uuid = option_uuid(&define->uuid);
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	struct instances instances = {
		.make = mdev_define_instances,
		.done = "defined",
		.count = define->count.given ? define->count.index : 1,
		.flags = define->force ? MDEV_OP_FORCE : 0,
		.print = !uuid,
	};
	int status;

	status = uuid ? EXIT_SUCCESS : cli_probe_output();
	if (status != EXIT_SUCCESS)
		return status;
	if (mdev_definition_new(cli->ctx, uuid, &definition) < 0)
		return cli_failed(cli);
	if (define->jsonfile)
		status = define_configure_from_file(cli, define, definition);
	else if (define_configure(cli, define, definition, &instances.flags) < 0)
		status = cli_failed(cli);
	if (status != EXIT_SUCCESS)
		return status;
	/* The active device has its place. */
	if (instances.flags & MDEV_OP_ADOPT)
		return mdev_define(definition, instances.flags) < 0 ? cli_failed(cli) :
								      EXIT_SUCCESS;
	instances.model = definition;
	instances.flags |= define->any ? MDEV_OP_ANY : 0;
	return instances_run(cli, &instances);
}

const struct cmd cmd_define = {
	.name = "define",
	.summary = "Define a mediated device, so that it can be started by its UUID",
	.options = define_options,
	.values_size = sizeof(struct define_values),
	.changes = true,
	.run = define_run,
};

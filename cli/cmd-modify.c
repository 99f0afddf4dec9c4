// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "jsonfile.h"
#include "option_table.h"
#include "stored.h"

struct modify_values {
	struct mdev_uuid uuid;
	const char *parent;
	const char *type;
	const char *addattr;
	bool delattr;
	struct option_index index;
	const char *value;
	struct option_list edits;
	const char *access;
	bool autostart;
	bool manual;
	bool live;
	bool defined;
	const char *jsonfile;
	bool force;
};

static const struct cli_option modify_options[] = {
	OPTION(modify_values, uuid, "u", OPTION_UUID, .required = true,
	       .help = "UUID of the device"),
	OPTION(modify_values, parent, "p", OPTION_PARENT,
	       .help = "Parent of the device, if its UUID is defined for several"),
	OPTION(modify_values, type, "t", OPTION_TYPE, .choice = true, .help = "Change the type"),
	OPTION(modify_values, addattr, NULL, OPTION_NAME, .choice = true, .needs = { "value" },
	       .excludes = { "delattr" }, .help = "Add an attribute"),
	OPTION(modify_values, delattr, NULL, OPTION_FLAG, .choice = true, .excludes = { "value" },
	       .help = "Remove an attribute"),
	OPTION(modify_values, index, "i", OPTION_INDEX, .needs = { "addattr", "delattr" },
	       .help = "Position of the attribute, counted from 0 (default: at the end)"),
	OPTION(modify_values, value, NULL, OPTION_VALUE, .needs = { "addattr" },
	       .help = "Value of the attribute"),
	{ .name = "setattr",
	  .kind = OPTION_SETTING,
	  .offset = offsetof(struct modify_values, edits),
	  .repeats = true,
	  .choice = true,
	  .excludes = { "addattr", "delattr" },
	  .help = "Set an attribute to a value, or add it if there is none of that name" },
	{ .name = "unsetattr",
	  .kind = OPTION_NAME,
	  .offset = offsetof(struct modify_values, edits),
	  .repeats = true,
	  .choice = true,
	  .excludes = { "addattr", "delattr" },
	  .help = "Remove all attributes of this name" },
	OPTION(modify_values, access, NULL, OPTION_ACCESS, .choice = true,
	       .excludes = { "addattr", "delattr" },
	       .help = "Have udev give its VFIO nodes to this user and group, with this mode"),
	{ .name = "auto",
	  .letter = "a",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct modify_values, autostart),
	  .choice = true,
	  .excludes = { "manual", "addattr", "delattr", "index", "value" },
	  .help = "Start it when its parent appears" },
	OPTION(modify_values, manual, "m", OPTION_FLAG, .choice = true,
	       .excludes = { "addattr", "delattr", "index", "value" },
	       .help = "Start it on request only"),
	OPTION(modify_values, live, "l", OPTION_FLAG, .excludes = { "type", "auto", "manual" },
	       .help = "Change the active device"),
	OPTION(modify_values, defined, "d", OPTION_FLAG,
	       .help = "Change the definition (default without --live); with --live, change both"),
	OPTION(modify_values, jsonfile, NULL, OPTION_FILE, .choice = true,
	       .excludes = { "type", "auto", "manual", "access", "addattr", "delattr", "setattr",
			     "unsetattr" },
	       .help = "Take type, start mode and attributes from this file"),
	OPTION(modify_values, force, "f", OPTION_FLAG,
	       .help = "Change the definition even if a callout script refuses"),
	{ 0 }
};

/* Messages name a device as it was named on the command line. */
static int not_there(const struct modify_values *modify, const char *state)
{
	return cli_error("Mediated device %s%s%s is not %s", modify->parent ?: "",
			 modify->parent ? "/" : "", modify->uuid.text, state);
}

static unsigned int op_flags(const struct modify_values *modify)
{
	return modify->force ? MDEV_OP_FORCE : 0;
}

/* Changes by options --------------------------------------------------------- */

static int wrong_index(const struct modify_values *modify, size_t count)
{
	unsigned int index = modify->index.index;

	if (count == 0)
		return cli_error("Attribute index %u is invalid: Device %s has no attributes",
				 index, modify->uuid.text);
	return cli_error(
		"Attribute index %u is invalid: Device %s has %zu attribute%s, the first of "
		"which has index 0",
		index, modify->uuid.text, count, count == 1 ? "" : "s");
}

static int edit_at_index(struct cli *cli, const struct modify_values *modify,
			 struct mdev_definition *definition)
{
	size_t index = modify->index.given ? modify->index.index : MDEV_ATTR_END;
	size_t count = mdev_definition_count_attrs(definition);
	int r;

	if (modify->delattr && count == 0 && !modify->index.given)
		return EXIT_SUCCESS;
	if (modify->addattr)
		r = mdev_definition_insert_attr(definition, index, modify->addattr, modify->value);
	else
		r = mdev_definition_remove_attr(definition, index);
	if (r == -ERANGE || r == -ENOENT)
		return wrong_index(modify, count);
	return r < 0 ? cli_failed(cli) : EXIT_SUCCESS;
}

/* "NAME=VALUE" of the command line, as the name has to end where "=" is. */
static int set_attr(struct mdev_definition *definition, const char *setting)
{
	/* The option was only accepted with a name and "=" after it. */
	const char *value = strchr(setting + 1, '=') + 1;
	_cleanup_(freep) char *name = strndup(setting, value - 1 - setting);

	return name ? mdev_definition_set_attr(definition, name, value) : -ENOMEM;
}

static int edit_by_name(struct cli *cli, const struct option_list *edits,
			struct mdev_definition *definition)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct option_item *edit = &edits->items[i];
		int r;

		if (edit->option->kind == OPTION_SETTING)
			r = set_attr(definition, edit->value);
		else
			r = mdev_definition_unset_attr(definition, edit->value);
		if (r < 0)
			return cli_failed(cli);
	}
	return EXIT_SUCCESS;
}

static int edit(struct cli *cli, const struct modify_values *modify,
		struct mdev_definition *definition)
{
	if (modify->type && mdev_definition_set_type(definition, modify->type) < 0)
		return cli_failed(cli);
	if (modify->autostart)
		mdev_definition_set_start(definition, MDEV_START_AUTO);
	if (modify->manual)
		mdev_definition_set_start(definition, MDEV_START_MANUAL);
	if (modify->access &&
	    mdev_definition_set_access(definition, *modify->access ? modify->access : NULL) < 0)
		return cli_failed(cli);
	if (modify->addattr || modify->delattr)
		return edit_at_index(cli, modify, definition);
	return edit_by_name(cli, &modify->edits, definition);
}

/* Storing -------------------------------------------------------------------- */

/*
 * Each attempt but the last fails because another process has changed the definition. So many
 * changes between reading and writing are no accident.
 */
#define MAX_ATTEMPTS 1000

/* Makes the new definition from the stored one. */
struct change {
	const struct modify_values *modify;
	const struct jsonfile *file;	  /* NULL if options say what changes */
	const struct mdev_device *device; /* the active one, if that changes, too */
	int (*make)(struct cli *cli, const struct change *change,
		    struct mdev_definition **definition);
};

/* The definition changed since it was read; not an ESTALE of the file system. */
static bool is_stale(const struct cli *cli, int r)
{
	return r == -ESTALE && mdev_ctx_last_error_domain(cli->ctx) == MDEV_DOMAIN_LIBRARY;
}

/* Stores @definition, and makes it again if the stored one has changed. */
static int store_change(struct cli *cli, const struct change *change,
			struct mdev_definition **definition)
{
	unsigned int flags = op_flags(change->modify);
	const char *also = change->device ? "; the active device was modified" : "";
	int r, status;

	for (unsigned int i = 1; (r = mdev_modify(*definition, flags)) < 0; i++) {
		if (!is_stale(cli, r))
			return cli_error("%s%s", mdev_ctx_last_error(cli->ctx), also);
		if (i == MAX_ATTEMPTS)
			return cli_error("%s, in each of %d attempts%s",
					 mdev_ctx_last_error(cli->ctx), MAX_ATTEMPTS, also);
		mdev_definition_unref(*definition);
		*definition = NULL;
		status = change->make(cli, change, definition);
		if (status == EXIT_SUCCESS)
			continue;
		if (change->device)
			log_warning(&cli->log,
				    "The active device %s was modified, its definition "
				    "was not",
				    change->modify->uuid.text);
		return status;
	}
	return EXIT_SUCCESS;
}

static int change_stored(struct cli *cli, const struct change *change)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	int status;

	status = change->make(cli, change, &definition);
	return status == EXIT_SUCCESS ? store_change(cli, change, &definition) : status;
}

static int make_by_options(struct cli *cli, const struct change *change,
			   struct mdev_definition **definition)
{
	int status;

	status = stored_find(cli, &change->modify->uuid, change->modify->parent, definition);
	return status == EXIT_SUCCESS ? edit(cli, change->modify, *definition) : status;
}

static int modify_by_options(struct cli *cli, const struct modify_values *modify)
{
	const struct change change = { .modify = modify, .make = make_by_options };

	return change_stored(cli, &change);
}

/* Changes by a file ---------------------------------------------------------- */

/* A definition that cannot be read, as something that can be given another text. */
static int modify_find_malformed(struct cli *cli, const struct modify_values *modify,
				 struct mdev_definition **definition)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **all = NULL;

	if (mdev_definition_list_all(cli->ctx, &modify->uuid, modify->parent, &all) < 0)
		return cli_failed(cli);
	if (!all[0])
		return not_there(modify, "defined");
	*definition = mdev_definition_ref(all[0]);
	return EXIT_SUCCESS;
}

/*
 * Members that the file does not have are kept, so the definition is read, unless it is malformed:
 * then the file repairs it.
 */
static int apply_to_stored(struct cli *cli, const struct change *change,
			   struct mdev_definition **definition)
{
	const struct modify_values *modify = change->modify;
	int r, status;

	r = mdev_definition_lookup(cli->ctx, &modify->uuid, modify->parent, definition);
	if (r == -EBADMSG)
		status = modify_find_malformed(cli, modify, definition);
	else if (r < 0)
		status = r == -ENOENT ? not_there(modify, "defined") : cli_failed(cli);
	else
		status = EXIT_SUCCESS;
	if (status == EXIT_SUCCESS && jsonfile_apply(cli, change->file, *definition) < 0)
		status = EXIT_FAILURE;
	return status;
}

static int modify_stored_by_file(struct cli *cli, const struct modify_values *modify,
				 const struct jsonfile *file)
{
	const struct change change = { .modify = modify, .file = file, .make = apply_to_stored };

	if (!modify->parent)
		return cli_error("Parent device required to modify device via json file \"%s\"",
				 modify->jsonfile);
	return change_stored(cli, &change);
}

static int modify_find_active(struct cli *cli, const struct modify_values *modify,
			      struct mdev_device **device)
{
	int r = mdev_device_lookup(cli->ctx, &modify->uuid, device);
	const char *parent;

	if (r == -ENODEV)
		return not_there(modify, "active");
	if (r < 0)
		return cli_failed(cli);
	parent = mdev_device_get_parent(*device);
	if (modify->parent && strcmp(modify->parent, parent) != 0)
		return cli_error("Mediated device %s/%s is not active; %s is active on %s",
				 modify->parent, modify->uuid.text, modify->uuid.text, parent);
	return EXIT_SUCCESS;
}

/* Whether the change removes attributes, and does not only set values. */
static bool removes(const struct modify_values *modify)
{
	for (size_t i = 0; i < modify->edits.count; i++)
		if (modify->edits.items[i].option->kind == OPTION_NAME)
			return true;
	return modify->delattr;
}

/*
 * The desired active device. Without a script that reports attributes, it has only those of the
 * command line, and they are written.
 */
static int edit_active(struct cli *cli, const struct modify_values *modify,
		       const struct mdev_device *device, struct mdev_definition **wanted)
{
	if (mdev_device_get_definition(device, MDEV_OP_LIVE, wanted) < 0)
		return cli_failed(cli);
	if (removes(modify) && mdev_definition_count_attrs(*wanted) == 0)
		return cli_error("No attribute of the active device %s can be removed: no callout "
				 "script reports any",
				 modify->uuid.text);
	return edit(cli, modify, *wanted);
}

static int want(struct cli *cli, const struct modify_values *modify, const struct jsonfile *file,
		const struct mdev_device *device, struct mdev_definition **wanted)
{
	if (!file)
		return edit_active(cli, modify, device, wanted);
	if (mdev_definition_new(cli->ctx, &modify->uuid, wanted) < 0 ||
	    mdev_definition_set_parent(*wanted, mdev_device_get_parent(device)) < 0)
		return cli_failed(cli);
	return jsonfile_apply(cli, file, *wanted) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The stored definition is that of the active device, or it cannot become the same. */
static int want_stored(struct cli *cli, const struct change *change,
		       struct mdev_definition **stored)
{
	const char *active_type = mdev_device_get_type(change->device), *type;
	const struct mdev_uuid *uuid = &change->modify->uuid;
	int status;

	status = stored_find(cli, uuid, mdev_device_get_parent(change->device), stored);
	if (status != EXIT_SUCCESS)
		return status;
	type = mdev_definition_get_type(*stored);
	if (strcmp(type, active_type) != 0)
		return cli_error("'type' of active and defined mdev does not match: %s is %s, and "
				 "defined as %s",
				 uuid->text, active_type, type);
	if (!change->file)
		return edit(cli, change->modify, *stored);
	return jsonfile_apply(cli, change->file, *stored) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Whether the device itself changes, and not only who may open its nodes. */
static bool changes_attrs(const struct modify_values *modify)
{
	return !modify->access || modify->edits.count > 0 || modify->jsonfile;
}

/*
 * The active device comes first, so that it has accepted the values that are stored afterwards.
 * @file: NULL if options describe the change.
 */
static int modify_live(struct cli *cli, const struct modify_values *modify,
		       const struct jsonfile *file)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *wanted = NULL, *stored = NULL;
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;
	struct change change = { .modify = modify, .file = file, .make = want_stored };
	int status;

	if (modify->access && !modify->defined)
		return cli_error("The access to device %s is part of its definition: give "
				 "--defined, too", modify->uuid.text);
	status = modify_find_active(cli, modify, &device);
	if (status == EXIT_SUCCESS)
		status = want(cli, modify, file, device, &wanted);
	change.device = device;
	if (status == EXIT_SUCCESS && modify->defined)
		status = want_stored(cli, &change, &stored);
	if (status != EXIT_SUCCESS)
		return status;
	if (changes_attrs(modify) && mdev_modify_live(device, wanted, 0) < 0)
		return cli_failed(cli);
	status = stored ? store_change(cli, &change, &stored) : EXIT_SUCCESS;
	if (status == EXIT_SUCCESS && modify->access && mdev_device_renew_access(device) < 0)
		return cli_failed(cli);
	return status;
}

static int modify_run(struct cli *cli, const void *values)
{
	const struct modify_values *modify = values;
	_cleanup_(jsonfile_clear) struct jsonfile file = { 0 };

	if (!modify->jsonfile)
		return modify->live ? modify_live(cli, modify, NULL) :
				      modify_by_options(cli, modify);
	if (jsonfile_read(&file, modify->jsonfile, "file") < 0)
		return EXIT_FAILURE;
	if (modify->live)
		return modify_live(cli, modify, &file);
	return modify_stored_by_file(cli, modify, &file);
}

const struct cmd cmd_modify = {
	.name = "modify",
	.summary = "Change the definition of a mediated device, or the active device",
	.options = modify_options,
	.values_size = sizeof(struct modify_values),
	.changes = true,
	.run = modify_run,
};

// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "editor.h"
#include "jsonfile.h"
#include "option_table.h"
#include "stored.h"

struct edit_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool force;
};

static const struct cli_option edit_options[] = {
	OPTION(edit_values, uuid, "u", OPTION_UUID, .required = true, .help = "UUID of the device"),
	OPTION(edit_values, parent, "p", OPTION_PARENT,
	       .help = "Parent of the device, if its UUID is defined for several"),
	OPTION(edit_values, force, "f", OPTION_FLAG,
	       .help = "Change the definition even if a callout script refuses"),
	{ 0 }
};

/* A definition in the editor. */
struct edit {
	const struct edit_values *values;
	struct mdev_definition *stored;
	char *text, *path;
	bool keep;	/* the file, which has what the user wrote */
};

static void edit_clear(struct edit *edit)
{
	if (edit->path && !edit->keep)
		unlink(edit->path);
	free(edit->path);
	free(edit->text);
	mdev_definition_unref(edit->stored);
}

/* Editors end the last line, which the file of a definition does not: that is no change. */
static int edit_take(struct edit *edit, const char *text)
{
	size_t length = strlen(text);
	const char *end = length > 0 && text[length - 1] == '\n' ? "" : "\n";

	if (asprintf(&edit->text, "%s%s", text, end) >= 0)
		return EXIT_SUCCESS;
	edit->text = NULL;
	return cli_error("%s", strerror(ENOMEM));
}

/* One that is malformed is what an editor is for. */
static int edit_find(struct cli *cli, struct edit *edit)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **all = NULL;
	const struct edit_values *values = edit->values;
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *again = NULL;
	_cleanup_(freep) char *text = NULL;
	int status;

	if (mdev_definition_list_all(cli->ctx, &values->uuid, values->parent, &all) < 0)
		return cli_failed(cli);
	if (!all[0] || all[1])
		return stored_find(cli, &values->uuid, values->parent, &edit->stored);
	edit->stored = mdev_definition_ref(all[0]);
	if (mdev_definition_get_text(edit->stored, &text) == 0)
		return edit_take(edit, text);
	/* Its file cannot be read: looking it up says why. */
	status = stored_find(cli, &values->uuid, mdev_definition_get_parent(all[0]), &again);
	return status == EXIT_SUCCESS ? cli_failed(cli) : status;
}

/* Stores what the file says. Return: 0, -errno; the error has been printed. */
static int edit_store(struct cli *cli, const struct edit *edit, const struct jsonfile *file)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *changed = NULL;
	unsigned int flags = edit->values->force ? MDEV_OP_FORCE : 0;
	int r;

	r = mdev_definition_copy(edit->stored, &changed);
	if (r == 0)
		r = mdev_definition_replace_json(changed, file->text, file->length);
	if (r == -EBADMSG)
		cli_error("%s: %s", file->path, mdev_ctx_last_error(cli->ctx));
	else if (r < 0 || (r = mdev_modify(changed, flags)) < 0)
		cli_failed(cli);
	return r;
}

/* Return: 0, 1 if nothing was changed, -errno; the error has been printed. */
static int edit_once(struct cli *cli, struct edit *edit)
{
	_cleanup_(jsonfile_clear) struct jsonfile file = { 0 };
	int r;

	r = editor_run(edit->path);
	if (r < 0)
		return r;
	edit->keep = true;
	r = jsonfile_read(&file, edit->path, "file");
	if (r < 0)
		return r;
	if (file.length == strlen(edit->text) && memcmp(file.text, edit->text, file.length) == 0)
		r = 1;
	else
		r = edit_store(cli, edit, &file);
	edit->keep = r < 0;
	return r;
}

static int edit_run(struct cli *cli, const void *values)
{
	_cleanup_(edit_clear) struct edit edit = { .values = values };
	int r, status;

	status = edit_find(cli, &edit);
	if (status != EXIT_SUCCESS)
		return status;
	if (editor_make_file(edit.text, &edit.path) < 0)
		return EXIT_FAILURE;
	/* What another process has stored meanwhile is not in the editor: editing on is no use. */
	do
		r = edit_once(cli, &edit);
	while (r < 0 && edit.keep && r != -ESTALE && editor_ask_again());
	if (edit.keep)
		cli_complain("The definition was not changed; your text is in %s", edit.path);
	else if (r > 0 && isatty(STDERR_FILENO))
		cli_complain("The definition was not changed");
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct cmd cmd_edit = {
	.name = "edit",
	.summary = "Change a definition in an editor",
	.options = edit_options,
	.values_size = sizeof(struct edit_values),
	.changes = true,
	.run = edit_run,
};

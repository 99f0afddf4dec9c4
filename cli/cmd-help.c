// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"
#include "usage.h"

struct help_values {
	const char *command;
	bool dump;
};

static const struct cli_option help_options[] = {
	OPTION(help_values, command, NULL, OPTION_COMMAND, .argument = true,
	       .help = "Command to explain (default: mdevctl itself)"),
	OPTION(help_values, dump, NULL, OPTION_FLAG, .excludes = { "command" },
	       .help = "Print the options of all commands as JSON"),
	{ 0 }
};

enum {
	DUMP_COMMAND,
	DUMP_NAME,
	DUMP_KIND,
	DUMP_LETTER,
	DUMP_VALUE,
	DUMP_REQUIRED,
	DUMP_UNLESS,
	DUMP_REPEATS,
	DUMP_NEEDS,
	DUMP_EXCLUDES,
	DUMP_HELP,
	DUMP_COLUMNS
};

static bool name_at(const char *const *names, size_t max, size_t index, const char **name,
		    const char **value)
{
	if (index >= max || !names[index])
		return false;
	*name = "name";
	*value = names[index];
	return true;
}

static bool unless_at(const void *object, size_t index, const char **name, const char **value)
{
	const struct cli_option *option = object;

	return name_at(option->unless, OPTION_MAX_UNLESS, index, name, value);
}

static bool needed_at(const void *object, size_t index, const char **name, const char **value)
{
	const struct cli_option *option = object;

	return name_at(option->needs, OPTION_MAX_NEEDS, index, name, value);
}

static bool excluded_at(const void *object, size_t index, const char **name, const char **value)
{
	const struct cli_option *option = object;

	return name_at(option->excludes, OPTION_MAX_EXCLUDES, index, name, value);
}

static const struct out_column dump_columns[DUMP_COLUMNS] = {
	[DUMP_COMMAND] = { .group = 1 },
	[DUMP_NAME] = { .group = 2 },
	[DUMP_KIND] = { .key = "kind" },
	[DUMP_LETTER] = { .key = "letter" },
	[DUMP_VALUE] = { .key = "value" },
	[DUMP_REQUIRED] = { .key = "required" },
	[DUMP_UNLESS] = { .kind = OUT_PAIRS, .key = "unless", .pair = unless_at },
	[DUMP_REPEATS] = { .key = "repeats" },
	[DUMP_NEEDS] = { .kind = OUT_PAIRS, .key = "needs", .pair = needed_at },
	[DUMP_EXCLUDES] = { .kind = OUT_PAIRS, .key = "excludes", .pair = excluded_at },
	[DUMP_HELP] = { .key = "help" },
};

static const char *kind_of(const struct cli_option *option)
{
	if (option->argument)
		return "argument";
	return option->kind == OPTION_FLAG ? "flag" : "option";
}

static const char *required(const struct cli_option *option)
{
	if (option->choice)
		return "choice";
	return option->required ? "always" : NULL;
}

static int add_options(struct out *out, const struct cmd *cmd)
{
	const struct cli_option *option;
	int r = 0;

	for (size_t i = 0; r == 0 && (option = option_at(cmd, i)); i++) {
		const union out_cell row[DUMP_COLUMNS] = {
			[DUMP_COMMAND].string = cmd->name,
			[DUMP_NAME].string = option->name,
			[DUMP_KIND].string = kind_of(option),
			[DUMP_LETTER].string = option->letter,
			[DUMP_VALUE].string = option_value_name(option),
			[DUMP_REQUIRED].string = required(option),
			[DUMP_UNLESS].object = option,
			[DUMP_REPEATS].string = option->repeats ? "yes" : NULL,
			[DUMP_NEEDS].object = option,
			[DUMP_EXCLUDES].object = option,
			[DUMP_HELP].string = option->help,
		};

		r = out_add(out, row);
	}
	return r;
}

/* Commands are rows like options are, under the name "commands". */
static int add_commands(struct out *out)
{
	int r = 0;

	for (const struct cmd *const *cmd = cmd_mdevctl.commands; r == 0 && *cmd; cmd++) {
		const union out_cell row[DUMP_COLUMNS] = {
			[DUMP_COMMAND].string = "commands",
			[DUMP_NAME].string = (*cmd)->name,
			[DUMP_KIND].string = (*cmd)->hidden ? "hidden-command" : "command",
			[DUMP_HELP].string = (*cmd)->summary,
		};

		r = out_add(out, row);
	}
	return r;
}

static int dump(void)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(dump_columns);
	int r;

	r = add_commands(&out);
	if (r == 0)
		r = add_options(&out, &cmd_mdevctl);
	for (const struct cmd *const *cmd = cmd_mdevctl.commands; r == 0 && *cmd; cmd++)
		r = add_options(&out, *cmd);
	return cli_written(r < 0 ? r : out_print(&out, OUT_JSON));
}

static int help_run(struct cli *cli, const void *values)
{
	const struct help_values *help = values;
	const struct cmd *cmd = &cmd_mdevctl;
	char program[CLI_PROGRAM_SIZE];

	(void)cli;
	if (help->dump)
		return dump();
	if (help->command)
		cmd = cmd_find(help->command);
	if (!cmd)
		return usage_unknown_command(stderr, help->command);
	cli_name_program(cmd, program, sizeof(program));
	return cli_help(cmd, program);
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "Print this help, or that of a command",
	.options = help_options,
	.values_size = sizeof(struct help_values),
	.run = help_run,
};

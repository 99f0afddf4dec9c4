// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "option_table.h"

const struct cli_option option_help = { .name = "help", .letter = "h", .help = "Print help" };
const struct cli_option option_version = { .name = "version",
					   .letter = "V",
					   .help = "Print version" };

const struct cli_option *option_at(const struct cmd *cmd, size_t index)
{
	size_t own = 0;

	while (cmd->options && cmd->options[own].name)
		own++;
	if (index < own)
		return &cmd->options[index];
	if (index == own)
		return &option_help;
	return index == own + 1 && cmd->version ? &option_version : NULL;
}

const char *option_value_name(const struct cli_option *option)
{
	static const char *const names[] = {
		[OPTION_UUID] = "UUID",	      [OPTION_PARENT] = "PARENT",
		[OPTION_TYPE] = "TYPE",	      [OPTION_FILE] = "JSONFILE",
		[OPTION_DOCUMENT] = "FILE",   [OPTION_COMMAND] = "COMMAND",
		[OPTION_SECONDS] = "SECONDS", [OPTION_INDEX] = "INDEX",
		[OPTION_COUNT] = "COUNT",     [OPTION_NAME] = "NAME",
		[OPTION_VALUE] = "VALUE",     [OPTION_COLUMNS] = "COLUMNS",
		[OPTION_WHEN] = "WHEN",	      [OPTION_SETTING] = "NAME=VALUE",
		[OPTION_WHO] = "USER:GROUP",  [OPTION_ACCESS] = "USER:GROUP:MODE",
	};

	return names[option->kind];
}

const struct cli_option *option_by_name(const struct cmd *cmd, const char *name, size_t length)
{
	const struct cli_option *option;

	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		if (!option->argument && strlen(option->name) == length &&
		    memcmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

const struct cli_option *option_by_letter(const struct cmd *cmd, char letter)
{
	const struct cli_option *option;

	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		if (option->letter && *option->letter == letter)
			return option;
	}
	return NULL;
}

const struct cli_option *option_of_rule(const struct cmd *cmd, const char *name)
{
	const struct cli_option *option = cmd->options;

	while (strcmp(option->name, name) != 0)
		option++;
	return option;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any command line of any command, an argument a line. What is wrong is told in lines
 * of text that cannot harm a terminal; what is right tells nothing.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "cli/options.h"
#include "cli/usage.h"
#include "require.h"

#define MAX_ARGS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Splits @text, whose memory the arguments share. */
static void split(char *text, const char *args[MAX_ARGS + 1])
{
	size_t count = 0;

	for (char *arg; count < MAX_ARGS && (arg = strsep(&text, "\n"));)
		args[count++] = arg;
	args[count] = NULL;
}

static void check_told(enum options_result result, const char *told, size_t length)
{
	require((result == OPTIONS_WRONG) == (length > 0));
	require(length == 0 || told[length - 1] == '\n');
	for (size_t i = 0; i < length; i++)
		require(!iscntrl((unsigned char)told[i]) || told[i] == '\n');
}

static void parse(const struct cmd *cmd, const char *const *args)
{
	void *values = calloc(1, cmd->values_size + 1);
	char program[CLI_PROGRAM_SIZE], *told = NULL;
	enum options_result result;
	size_t length = 0;
	FILE *errors = open_memstream(&told, &length);

	require(values && errors);
	cli_name_program(cmd, program, sizeof(program));
	result = options_parse(cmd, program, args, values, errors);
	require(fclose(errors) == 0);
	check_told(result, told, length);
	options_release(cmd, values);
	free(values);
	free(told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *args[MAX_ARGS + 1];
	const struct cmd *cmd;
	char *text = strndup((const char *)data, size);

	require(text);
	split(text, args);
	cmd = args[0] ? cmd_find(args[0]) : NULL;
	if (cmd)
		parse(cmd, args + 1);
	else
		parse(&cmd_mdevctl, args);
	free(text);
	return 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* mdevctl: a table of commands and a dispatcher. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "options.h"
#include "out.h"
#include "progress.h"
#include "terminal.h"
#include "usage.h"
#include "util/text.h"

static const struct cmd *const commands[] = {
	&cmd_apply, &cmd_clone, &cmd_define, &cmd_edit, &cmd_export, &cmd_graph, &cmd_list,
	&cmd_modify, &cmd_monitor, &cmd_move, &cmd_plan, &cmd_show, &cmd_start, &cmd_status,
	&cmd_stop, &cmd_types, &cmd_undefine, &cmd_help, &cmd_node_access, &cmd_start_parent_mdevs,
	NULL,
};

const struct cmd cmd_mdevctl = {
	.name = "mdevctl",
	.summary = "Manage mediated devices: slices of a physical device for virtual machines",
	.version = true,
	.commands = commands,
};

const struct cmd *cmd_find(const char *name)
{
	for (const struct cmd *const *cmd = commands; *cmd; cmd++) {
		if (strcmp((*cmd)->name, name) == 0)
			return *cmd;
	}
	return NULL;
}

static void complain(const char *prefix, const char *format, va_list args)
{
	_cleanup_(freep) char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	if (text)
		text_make_line(text);
	terminal_print_line(stderr, prefix, text ?: strerror(ENOMEM));
}

void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain("", format, args);
	va_end(args);
}

int cli_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain("Error: ", format, args);
	va_end(args);
	return EXIT_FAILURE;
}

int cli_failed(const struct cli *cli)
{
	const char *text = mdev_ctx_last_error(cli->ctx);

	/* Only a failure before the library is called has no text: out of memory. */
	return cli_error("%s", *text ? text : strerror(ENOMEM));
}

#define NOT_WRITTEN "Failed to write data: %s (os error %d)"

int cli_written(int r)
{
	if (r == 0)
		return EXIT_SUCCESS;
	/*
	 * The reader, head(1) for instance, has closed the pipe. Usually SIGPIPE has ended us
	 * before.
	 */
	if (r == -EPIPE)
		return EXIT_FAILURE;
	return cli_error(NOT_WRITTEN, strerror(-r), -r);
}

int cli_probe_output(void)
{
	int r = out_probe();

	return r == 0 ? EXIT_SUCCESS : cli_error(NOT_WRITTEN, strerror(-r), -r);
}

int cli_print_done(const struct mdev_definition *definition, const char *done, const char *line)
{
	int r = out_print_line(line);

	if (r == 0)
		return EXIT_SUCCESS;
	return cli_error(NOT_WRITTEN "; device %s was %s", strerror(-r), -r,
			 mdev_definition_get_uuid(definition)->text, done);
}

int cli_print_uuid(const struct mdev_definition *definition, const char *done)
{
	return cli_print_done(definition, done, mdev_definition_get_uuid(definition)->text);
}

void cli_name_program(const struct cmd *cmd, char *program, size_t size)
{
	if (cmd == &cmd_mdevctl)
		snprintf(program, size, "%s", cmd->name);
	else
		snprintf(program, size, "%s %s", cmd_mdevctl.name, cmd->name);
}

int cli_help(const struct cmd *cmd, const char *program)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);

	if (!file)
		return cli_written(-errno);
	usage_help(file, cmd, program);
	if (fclose(file) != 0)
		return cli_written(-errno);
	return cli_written(out_write(text, length));
}

/* "mdevctl list" prints the version of "mdevctl-list". */
static int print_version(const char *program)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %s", program, MDEVCTL_VERSION);
	for (char *blank = text; (blank = strchr(blank, ' ')) != strrchr(text, ' ');)
		*blank = '-';
	return cli_written(out_print_line(text));
}

#define CALLOUT_TIMEOUT "MDEVCTL_CALLOUT_TIMEOUT"

/* Set in the environment, because scripts also run for clients that cannot give an option. */
static void limit_callouts(struct cli *cli)
{
	const char *text = secure_getenv(CALLOUT_TIMEOUT), *wrong;
	unsigned int milliseconds = 0;

	if (!text)
		return;
	wrong = options_parse_seconds(text, &milliseconds);
	if (!wrong && milliseconds == 0)
		wrong = "must not be 0";
	if (wrong)
		log_warning(&cli->log, "Ignoring " CALLOUT_TIMEOUT "='%s': %s", text, wrong);
	else
		mdev_ctx_set_callout_timeout(cli->ctx, milliseconds);
}

static int execute(const struct cmd *cmd, const void *values)
{
	_cleanup_(mdev_ctx_unrefp) struct mdev_ctx *ctx = NULL;
	struct cli cli;
	int r;

	/* A closed pipe is an error to report like any other. */
	if (cmd->changes)
		signal(SIGPIPE, SIG_IGN);
	r = mdev_ctx_new(&ctx);
	if (r < 0)
		return cli_error("%s", strerror(-r));
	cli.ctx = ctx;
	log_open(&cli.log, ctx);
	progress_open(ctx);
	limit_callouts(&cli);
	return cmd->run(&cli, values);
}

/* @program is how the command was called, @args what follows that. */
static int run_command(const struct cmd *cmd, const char *program, const char *const *args)
{
	_cleanup_(freep) void *values = calloc(1, cmd->values_size + 1);
	int status = EXIT_USAGE;

	if (!values)
		return cli_error("%s", strerror(ENOMEM));
	switch (options_parse(cmd, program, args, values, stderr)) {
	case OPTIONS_HELP:
		status = cli_help(cmd, program);
		break;
	case OPTIONS_VERSION:
		status = print_version(program);
		break;
	case OPTIONS_RUN:
		status = execute(cmd, values);
		break;
	case OPTIONS_WRONG:
		break;
	}
	options_release(cmd, values);
	return status;
}

/* Options before a command, or instead of one. */
static int run_without_command(const char *const *args)
{
	switch (options_parse(&cmd_mdevctl, cmd_mdevctl.name, args, NULL, stderr)) {
	case OPTIONS_HELP:
		return cli_help(&cmd_mdevctl, cmd_mdevctl.name);
	case OPTIONS_VERSION:
		return print_version(cmd_mdevctl.name);
	case OPTIONS_RUN:
		usage_help(stderr, &cmd_mdevctl, cmd_mdevctl.name);
		break;
	case OPTIONS_WRONG:
		break;
	}
	return EXIT_USAGE;
}

static int run_program(const char *const *args)
{
	const struct cmd *cmd;
	char program[CLI_PROGRAM_SIZE];

	if (!args[0] || args[0][0] == '-')
		return run_without_command(args);
	cmd = cmd_find(args[0]);
	if (!cmd)
		return usage_unknown_command(stderr, args[0]);
	cli_name_program(cmd, program, sizeof(program));
	return run_command(cmd, program, args + 1);
}

/*
 * The next files to be opened would get the numbers of closed standard descriptors, and output
 * would go to them. Opening /dev/null in the wrong direction makes their use fail as before.
 */
static void occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

static bool is_called_lsmdev(const char *path)
{
	static const char name[] = "lsmdev";
	size_t length = strlen(path);

	return length >= strlen(name) && strcmp(path + length - strlen(name), name) == 0;
}

int main(int argc, char *argv[])
{
	const char *const *args = (const char *const *)argv;

	occupy_standard_descriptors();
	/* Ignored SIGCHLD is inherited, and would lose the exit statuses of scripts. */
	signal(SIGCHLD, SIG_DFL);
	if (argc > 0 && is_called_lsmdev(args[0]))
		return run_command(&cmd_list, "lsmdev", args + 1);
	return run_program(args + (argc > 0));
}

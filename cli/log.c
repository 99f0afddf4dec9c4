// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "log.h"
#include "terminal.h"
#include "util/text.h"

#define LEVEL_OFF (-1)

static const struct {
	const char *name;
	int level;
} filter_levels[] = {
	{ "off", LEVEL_OFF },	   { "error", MDEV_LOG_ERROR }, { "warn", MDEV_LOG_WARNING },
	{ "info", MDEV_LOG_INFO }, { "debug", MDEV_LOG_DEBUG }, { "trace", MDEV_LOG_DEBUG },
};

/* All have the width of the widest one. */
static const char *const labels[] = {
	[MDEV_LOG_ERROR] = "ERROR",
	[MDEV_LOG_WARNING] = "WARN ", /* and MDEV_LOG_SCRIPT has none */
	[MDEV_LOG_INFO] = "INFO ",
	[MDEV_LOG_DEBUG] = "DEBUG",
};

/* A later version of the library may have levels that are not known here. */
static const char *log_label(enum mdev_log_level level)
{
	const char *label = (size_t)level < ARRAY_SIZE(labels) ? labels[level] : "DEBUG";

	return label ?: "ERROR";
}

/* Whether @name is a level, which goes to @level. */
static bool parse_level_name(const char *name, int *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(filter_levels); i++) {
		if (strcasecmp(name, filter_levels[i].name) == 0) {
			*level = filter_levels[i].level;
			return true;
		}
	}
	return false;
}

/*
 * One element of the list: @level changes if it is about all targets or about
 * mdevctl. A bare target stands for everything it logs.
 */
static void parse_directive(char *directive, int *level)
{
	char *value = strchr(directive, '=');

	if (value)
		*value++ = '\0';
	if (!value && parse_level_name(directive, level))
		return;
	if (strcmp(directive, "mdevctl") != 0)
		return;
	if (!value)
		*level = MDEV_LOG_DEBUG;
	else
		parse_level_name(value, level);
}

int log_parse_level(const char *filter)
{
	_cleanup_(freep) char *copy = strdup(filter ?: "");
	char *rest = copy, *directive;
	int level = MDEV_LOG_WARNING;

	if (!copy)
		return level;
	/* Text after a slash filters records by their text. */
	copy[strcspn(copy, "/")] = '\0';
	while ((directive = strsep(&rest, ","))) {
		directive += strspn(directive, " ");
		directive[strcspn(directive, " ")] = '\0';
		parse_directive(directive, &level);
	}
	return level;
}

/* @text: one line. */
static void write_record(const struct log *log, enum mdev_log_level level, const char *text)
{
	time_t now = time(NULL);
	char stamp[32], prefix[64];
	struct tm utc;

	if ((int)level > log->level)
		return;
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	snprintf(prefix, sizeof(prefix), "[%s %s mdevctl] ", stamp, log_label(level));
	terminal_print_line(stderr, prefix, text);
}

/*
 * Script output is not a record, and not filtered. An error of the library either ends the
 * command, which prints it once, in the words and the form of mdevctl 1.4.0, or is expected, as
 * that a device to start is not defined. The record cannot know which: it is for debugging only.
 */
static void sink(void *data, enum mdev_log_level level, const char *text)
{
	struct log *log = data;

	if (level == MDEV_LOG_SCRIPT) {
		terminal_print_line(stderr, "", text);
		return;
	}
	if (level == MDEV_LOG_WARNING)
		log->library_warnings++;
	write_record(log, level == MDEV_LOG_ERROR ? MDEV_LOG_DEBUG : level, text);
}

void log_open(struct log *log, struct mdev_ctx *ctx)
{
	enum mdev_log_level wanted = MDEV_LOG_SCRIPT;

	*log = (struct log){ .level = log_parse_level(secure_getenv("MDEVCTL_LOG")) };
	if (log->level > MDEV_LOG_SCRIPT)
		wanted = log->level;
	mdev_ctx_set_log(ctx, wanted, sink, log);
}

void log_warning(const struct log *log, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	text_make_line(text);
	write_record(log, MDEV_LOG_WARNING, text);
}

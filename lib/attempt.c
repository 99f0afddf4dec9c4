// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"
#include "lock.h"
#include "log.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"

/* The first line of a record; another format would get another one. */
#define ATTEMPT_MAGIC "mdevctl autostart 1"

/* Of a record; errors are cut so that they fit. */
#define ATTEMPT_SIZE_MAX  16384
#define ATTEMPT_ERROR_MAX 8192

void attempt_clear(struct attempt *attempt)
{
	free(attempt->time);
	free(attempt->by);
	free(attempt->error);
	*attempt = (struct attempt){ 0 };
}

/* A UUID may be defined for several parents. Return: NULL without memory; to be freed. */
static char *attempt_name(const struct mdev_uuid *uuid, const char *parent)
{
	char *name;

	return asprintf(&name, "%s.%s.autostart", uuid->text, parent) < 0 ? NULL : name;
}

/* Writing -------------------------------------------------------------------------- */

/* The service in whose control group this process runs; NULL if it is in none. */
static char *attempt_get_unit(void)
{
	_cleanup_close_ int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	char *end, *unit;
	size_t length;

	if (fd < 0 || read_all(fd, 0, ATTEMPT_SIZE_MAX, &text, &length) < 0)
		return NULL;
	end = strstr(text, ".service\n");
	if (!end)
		return NULL;
	end[strlen(".service")] = '\0';
	unit = strrchr(text, '/');
	return unit ? strdup(unit + 1) : NULL;
}

static void attempt_add_maker(struct buffer *buffer)
{
	_cleanup_free_ char *unit = attempt_get_unit();

	if (unit)
		buffer_add_string(buffer, unit);
	else
		buffer_add_format(buffer, "%s (process %d)", program_invocation_short_name,
				  (int)getpid());
}

static int attempt_format(const char *definition, int result, const char *error, char **text)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *line = NULL;
	time_t now = time(NULL);
	char stamp[32];
	struct tm utc;

	line = strndup(error, utf8_prefix(error, strnlen(error, ATTEMPT_ERROR_MAX)));
	if (!line)
		return -ENOMEM;
	text_make_line(line);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	buffer_add_format(&buffer, ATTEMPT_MAGIC "\n%016jx\n%d\n%s\n",
			  (uintmax_t)text_digest(TEXT_DIGEST, definition), -result, stamp);
	attempt_add_maker(&buffer);
	buffer_add_format(&buffer, "\n%s\n", line);
	return buffer_take(&buffer, text);
}

static int attempt_write(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
			 const char *text)
{
	_cleanup_free_ char *name = attempt_name(uuid, parent);

	return name ? lock_replace(ctx, name, 0600, text) : -ENOMEM;
}

void attempt_record(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		    const char *definition, int result, const char *error)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = attempt_format(definition, result, error, &text);
	if (r == 0)
		r = attempt_write(ctx, uuid, parent, text);
	if (r < 0)
		log_debug(ctx, "The attempt to start device %s is not recorded: " OS_ERROR,
			  uuid->text, OS_ERROR_ARGS(r));
}

void attempt_forget(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent)
{
	_cleanup_free_ char *name = attempt_name(uuid, parent);

	if (name)
		lock_remove(ctx, name);
}

/* Reading -------------------------------------------------------------------------- */

/* The next line, without its end; NULL if the text ends before it does. */
static char *attempt_next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return line;
}

static bool attempt_is_about(char **rest, const char *definition)
{
	const char *magic = attempt_next_line(rest), *digest = magic ? attempt_next_line(rest) : NULL;
	char expected[17];

	snprintf(expected, sizeof(expected), "%016jx", (uintmax_t)text_digest(TEXT_DIGEST, definition));
	return digest && strcmp(magic, ATTEMPT_MAGIC) == 0 && strcmp(digest, expected) == 0;
}

static int attempt_parse(char *text, const char *definition, struct attempt *attempt)
{
	const char *result, *stamp, *by, *error;
	unsigned int number;

	if (!attempt_is_about(&text, definition))
		return 0;
	result = attempt_next_line(&text);
	stamp = result ? attempt_next_line(&text) : NULL;
	by = stamp ? attempt_next_line(&text) : NULL;
	error = by ? attempt_next_line(&text) : NULL;
	/* More lines, or control characters, are not ours. */
	if (!error || *text || parse_number(result, &number) < 0 || number > INT16_MAX ||
	    !*stamp || !*by || text_has_control(stamp) || text_has_control(by) ||
	    text_has_control(error) || !utf8_is_valid(by) || !utf8_is_valid(error) ||
	    number == 0 || !*error)
		return 0;
	attempt->time = strdup(stamp);
	attempt->by = strdup(by);
	attempt->error = strdup(error);
	if (!attempt->time || !attempt->by || !attempt->error) {
		attempt_clear(attempt);
		return -ENOMEM;
	}
	attempt->result = -(int)number;
	return 0;
}

int attempt_read(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		 const char *definition, struct attempt *attempt)
{
	_cleanup_free_ char *name = attempt_name(uuid, parent), *text = NULL;
	size_t length;
	int r;

	*attempt = (struct attempt){ 0 };
	r = name ? lock_read(ctx, name, ATTEMPT_SIZE_MAX, &text, &length) : -ENOMEM;
	if (r == 0 && strlen(text) == length)
		r = attempt_parse(text, definition, attempt);
	return r == -ENOMEM ? r : 0;
}

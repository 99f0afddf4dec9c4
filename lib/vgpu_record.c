// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "log.h"
#include "sysfs.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"
#include "vgpu_record.h"

/* The first line of a record; another format would get another one. */
#define RECORD_MAGIC  "mdevctl vgpu 1"
#define RECORD_SUFFIX ".vgpu"

/* More than names and an owner can have. */
#define RECORD_SIZE_MAX 8192

/* The lines after the first one. */
enum record_line {
	LINE_FUNCTION,
	LINE_ID,
	LINE_BOOT,
	LINE_REGISTRATION,
	LINE_PARENT,
	LINE_TYPE,
	LINE_NAME,
	LINE_OWNER,
	LINES
};

void vgpu_record_clear(struct vgpu_record *record)
{
	free(record->function);
	free(record->parent);
	free(record->type);
	free(record->name);
	free(record->owner);
	free(record->identity);
	*record = (struct vgpu_record){ 0 };
}

void vgpu_records_clear(struct vgpu_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		vgpu_record_clear(&records->items[i]);
	free(records->items);
	*records = (struct vgpu_records){ 0 };
}

/* Which one it is --------------------------------------------------------------- */

/* Of the kernel whose functions these are; empty where that does not say. */
static int record_read_boot(const struct mdev_ctx *ctx, char **boot)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	size_t length = 0;
	int r;

	if (asprintf(&path, "%s/proc/sys/kernel/random/boot_id", ctx->prefix) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : read_all(fd, 0, RECORD_SIZE_MAX, boot, &length);
	if (r < 0)
		*boot = r == -ENOMEM ? NULL : strdup("");
	if (!*boot)
		return -ENOMEM;
	(*boot)[strcspn(*boot, "\n")] = '\0';
	return 0;
}

/* Boot and registration, which a later one does not have, as two lines. */
static int record_identify(const struct vgpu_function *function, char **identity)
{
	_cleanup_free_ char *boot = NULL;
	_cleanup_buffer_ struct buffer buffer = { 0 };
	uint64_t registration;
	int r;

	r = function->transport->read_registration(function, &registration);
	if (r == 0)
		r = record_read_boot(function->ctx, &boot);
	if (r < 0)
		return r;
	buffer_add_format(&buffer, "%s\n%ju\n", boot, (uintmax_t)registration);
	return buffer_take(&buffer, identity);
}

/* Version 8 of RFC 9562: of a kind of our own. */
int vgpu_make_uuid(const struct vgpu_function *function, unsigned int current,
		   struct mdev_uuid *uuid)
{
	_cleanup_free_ char *identity = NULL;
	uint64_t high = TEXT_DIGEST, low;
	char id[VGPU_ID_SIZE];
	int r;

	r = record_identify(function, &identity);
	if (r < 0)
		return r;
	vgpu_format_id(current, id);
	high = text_digest(text_digest(high, function->name), id);
	high = text_digest(high, identity);
	low = text_digest(high, function->name);
	snprintf(uuid->text, sizeof(uuid->text), "%08x-%04x-8%03x-%04x-%012jx",
		 (unsigned int)(high >> 32), (unsigned int)(high >> 16 & 0xffff),
		 (unsigned int)(high & 0xfff), (unsigned int)(low >> 48 & 0x3fff) | 0x8000,
		 (uintmax_t)(low & UINT64_C(0xffffffffffff)));
	return 0;
}

bool vgpu_is_made_uuid(const struct mdev_uuid *uuid)
{
	return uuid->text[14] == '8';
}

/* Reading -------------------------------------------------------------------------- */

struct record_text {
	char *bytes;
	const char *lines[LINES];
};

static bool record_split(struct record_text *text)
{
	char *line = text->bytes, *end = strchr(line, '\n');

	if (!end)
		return false;
	*end = '\0';
	if (strcmp(line, RECORD_MAGIC) != 0)
		return false;
	for (size_t i = 0; i < LINES; i++) {
		line = end + 1;
		end = strchr(line, '\n');
		if (!end)
			return false;
		*end = '\0';
		if (text_has_control(line))
			return false;
		text->lines[i] = line;
	}
	return true;
}

static int record_parse(char *bytes, struct vgpu_record *record)
{
	struct record_text text = { .bytes = bytes };
	unsigned int id;

	if (!record_split(&text) || parse_number(text.lines[LINE_ID], &id) < 0 || id == 0 ||
	    !name_is_valid(text.lines[LINE_PARENT]) || !name_is_valid(text.lines[LINE_TYPE]))
		return -ENODEV;
	record->id = id;
	record->function = strdup(text.lines[LINE_FUNCTION]);
	record->parent = strdup(text.lines[LINE_PARENT]);
	record->type = strdup(text.lines[LINE_TYPE]);
	record->name = strdup(text.lines[LINE_NAME]);
	record->owner = strdup(text.lines[LINE_OWNER]);
	if (asprintf(&record->identity, "%s\n%s\n", text.lines[LINE_BOOT],
		     text.lines[LINE_REGISTRATION]) < 0)
		record->identity = NULL;
	if (record->function && record->parent && record->type && record->name && record->owner &&
	    record->identity)
		return 0;
	vgpu_record_clear(record);
	return -ENOMEM;
}

/* Return: NULL without memory; to be freed. */
static char *record_name(const struct mdev_uuid *uuid)
{
	char *name;

	return asprintf(&name, "%s" RECORD_SUFFIX, uuid->text) < 0 ? NULL : name;
}

static int record_read_text(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, char **bytes)
{
	_cleanup_free_ char *name = record_name(uuid);
	size_t length;
	int r;

	r = name ? lock_read(ctx, name, RECORD_SIZE_MAX, bytes, &length) : -ENOMEM;
	return r == 0 || r == -ENOMEM ? r : -ENODEV;
}

int vgpu_record_read(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
		     struct vgpu_record *record)
{
	_cleanup_free_ char *bytes = NULL;
	int r;

	r = record_read_text(ctx, uuid, &bytes);
	if (r == 0)
		r = record_parse(bytes, record);
	if (r == 0)
		record->uuid = *uuid;
	return r;
}

int vgpu_record_holds(const struct vgpu_record *record, const struct vgpu_function *function,
		      unsigned int current)
{
	_cleanup_free_ char *identity = NULL;
	int r;

	if (current != record->id || strcmp(record->function, function->name) != 0)
		return 0;
	r = record_identify(function, &identity);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return strcmp(identity, record->identity) == 0;
}

struct record_walk {
	struct mdev_ctx *ctx;
	struct vgpu_records *records;
};

static int record_add(void *data, int dir, const struct dirent64 *entry)
{
	_cleanup_vgpu_record_ struct vgpu_record record = { 0 };
	struct record_walk *walk = data;
	char name[MDEV_UUID_STRING_SIZE];
	struct mdev_uuid uuid;
	int r;

	(void)dir;
	if (strlen(entry->d_name) != sizeof(name) - 1 + strlen(RECORD_SUFFIX) ||
	    strcmp(entry->d_name + sizeof(name) - 1, RECORD_SUFFIX) != 0)
		return 0;
	memcpy(name, entry->d_name, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (mdev_uuid_parse(name, &uuid) < 0)
		return 0;
	r = vgpu_record_read(walk->ctx, &uuid, &record);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (array_reserve(&walk->records->items, walk->records->count, sizeof(record)) < 0)
		return -ENOMEM;
	walk->records->items[walk->records->count++] = record;
	record = (struct vgpu_record){ 0 };
	return 0;
}

int vgpu_records_read(struct mdev_ctx *ctx, struct vgpu_records *records)
{
	struct record_walk walk = { .ctx = ctx, .records = records };
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = lock_open(ctx, ".", O_RDONLY | O_DIRECTORY, &path, &dir);
	if (r == 0)
		r = walk_directory(dir, record_add, &walk);
	return r == -ENOMEM ? r : 0;
}

/* Writing -------------------------------------------------------------------------- */

void vgpu_record_remove(struct mdev_ctx *ctx, const struct mdev_uuid *uuid)
{
	_cleanup_free_ char *name = record_name(uuid);

	if (name)
		lock_remove(ctx, name);
}

static int record_forget_others(const struct vgpu_function *function, const struct mdev_uuid *uuid)
{
	_cleanup_vgpu_records_ struct vgpu_records records = { 0 };
	int r;

	r = vgpu_records_read(function->ctx, &records);
	for (size_t i = 0; r == 0 && i < records.count; i++)
		if (strcmp(records.items[i].function, function->name) == 0 &&
		    strcmp(records.items[i].uuid.text, uuid->text) != 0)
			vgpu_record_remove(function->ctx, &records.items[i].uuid);
	return r;
}

static int record_format(const struct vgpu_function *function, const struct vgpu_record *record,
			 char **text)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *identity = NULL;
	int r;

	r = record_identify(function, &identity);
	if (r < 0)
		return r;
	buffer_add_format(&buffer, RECORD_MAGIC "\n%s\n%u\n%s%s\n%s\n%s\n%s\n", function->name,
			  record->id, identity, record->parent, record->type,
			  record->name ? record->name : "", record->owner ? record->owner : "");
	return buffer_take(&buffer, text);
}

/* Lists are for everybody. */
static int record_replace(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *text)
{
	_cleanup_free_ char *name = record_name(uuid);
	int r = name ? lock_replace(ctx, name, 0644, text) : -ENOMEM;

	return r == -ENOENT ? -ENOLCK : r;
}

int vgpu_record_write(const struct vgpu_function *function, const struct vgpu_record *record)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = record_forget_others(function, &record->uuid);
	if (r == 0)
		r = record_format(function, record, &text);
	return r < 0 ? r : record_replace(function->ctx, &record->uuid, text);
}

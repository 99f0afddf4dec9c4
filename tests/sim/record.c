// SPDX-License-Identifier: LGPL-2.1-or-later
/* The stream stays open: a copy of all lines for each write would grow with their square. */
#include "record.h"

#include "mem.h"

struct record {
	FILE *stream;
	char *text;
	size_t length;
};

static void record_open(struct record *record)
{
	record->stream = open_memstream(&record->text, &record->length);
	if (!record->stream || fflush(record->stream))
		err(1, "no memory");
}

static void record_close(struct record *record)
{
	fclose(record->stream);
	free(record->text);
}

struct record *record_new(void)
{
	struct record *record = mem_zero(sizeof(*record));

	record_open(record);
	return record;
}

void record_free(struct record *record)
{
	record_close(record);
	free(record);
}

void record_clear(struct record *record)
{
	record_close(record);
	record_open(record);
}

static void add_bytes(FILE *stream, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n')
			fputs("\\n", stream);
		else if (c < ' ' || c > '~')
			fprintf(stream, "\\x%02x", c);
		else
			fprintf(stream, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
	}
}

void record_add(struct record *record, const char *path, const char *bytes, size_t size, int rc)
{
	fprintf(record->stream, "write %s \"", path);
	add_bytes(record->stream, bytes, size);
	fprintf(record->stream, rc < 0 ? "\" %s\n" : "\"\n", strerrorname_np(-rc));
	if (fflush(record->stream))
		err(1, "no memory");
}

const char *record_text(const struct record *record)
{
	return record->text;
}

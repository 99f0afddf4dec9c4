// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a test can order of a GPU: KEY=VALUE. */
#include "gpu.h"

#include <errno.h>
#include <stddef.h>

#include "mem.h"
#include "words.h"

/* A setting; a value's number is its place among @values. */
struct setting {
	const char *key;
	size_t offset;
	const char *values[4];
};

#define SETTING(name, field, ...)                                                                  \
	{                                                                                          \
		.key = name, .offset = offsetof(struct gpu_settings, field), .values = {           \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const struct setting settings[] = {
	SETTING("occupied", occupied, "same", "none"),
	SETTING("sriov", sriov, "works", "silent", "busy"),
	SETTING("failed", resets, "keeps", "resets"),
	SETTING("numbers", writable, "ro", "rw"),
	SETTING("idle", words, "ENXIO", "words"),
};

static const struct {
	const char *name;
	unsigned int form;
} list_forms[] = {
	{ "usual", 0 },
	{ "spaces", LIST_SPACES },
	{ "bare", LIST_BARE },
	{ "name-first", LIST_NAME_FIRST },
	{ "unended", LIST_UNENDED },
	{ "empty", LIST_EMPTY },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The forms of a list like "bare,unended". */
static int set_list(struct gpu *gpu, const char *value)
{
	char *copy = mem_strdup(value), *rest = copy, *name;
	unsigned int forms = 0;
	int rc = 0;

	while (!rc && (name = strsep(&rest, ","))) {
		size_t i = 0;

		while (i < COUNT(list_forms) && strcmp(list_forms[i].name, name))
			i++;
		rc = i < COUNT(list_forms) ? 0 : -EINVAL;
		forms |= rc ? 0 : list_forms[i].form;
	}
	free(copy);
	if (!rc)
		gpu->set.list = forms;
	return rc;
}

/* The files of virtual functions that are there are those of the old one. */
static int set_dialect(struct gpu *gpu, const char *value)
{
	const struct dialect *dialect = dialect_find(value);

	if (!dialect)
		return -EINVAL;
	if (gpu->vf_count)
		return -EBUSY;
	gpu->dialect = *dialect;
	return 0;
}

/* The errno of a situation, which is that of the dialect otherwise. */
static const struct {
	const char *key;
	size_t offset;
} errors[] = {
	{ "on-unknown", offsetof(struct dialect, unknown) },
	{ "on-other", offsetof(struct dialect, other) },
	{ "on-full", offsetof(struct dialect, full) },
	{ "on-occupied", offsetof(struct dialect, occupied) },
	{ "on-idle", offsetof(struct dialect, idle) },
	{ "on-open", offsetof(struct dialect, open) },
	{ "on-negative", offsetof(struct dialect, negative) },
};

static int set_error(struct gpu *gpu, size_t offset, const char *value)
{
	int error = word_errno(value);

	if (!error && strcmp(value, "0"))
		return -EINVAL;
	*(int *)((char *)&gpu->dialect + offset) = error;
	return 0;
}

static int set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
	return 0;
}

/* One of the values that the setting can have. */
static int set_one(struct gpu *gpu, const struct setting *setting, const char *value)
{
	for (unsigned int n = 0; n < COUNT(setting->values) && setting->values[n]; n++)
		if (!strcmp(setting->values[n], value)) {
			*(unsigned int *)((char *)&gpu->set + setting->offset) = n;
			return 0;
		}
	return -EINVAL;
}

int gpu_set(struct gpu *gpu, const char *key, const char *value)
{
	if (!strcmp(key, "dialect"))
		return set_dialect(gpu, value);
	if (!strcmp(key, "list"))
		return set_list(gpu, value);
	if (!strcmp(key, "header"))
		return set_text(&gpu->set.header, value);
	if (!strcmp(key, "line"))
		return set_text(&gpu->set.line, value);
	for (size_t i = 0; i < COUNT(errors); i++)
		if (!strcmp(errors[i].key, key))
			return set_error(gpu, errors[i].offset, value);
	for (size_t i = 0; i < COUNT(settings); i++)
		if (!strcmp(settings[i].key, key))
			return set_one(gpu, &settings[i], value);
	return -EINVAL;
}

void gpu_clear_settings(struct gpu *gpu)
{
	free(gpu->set.header);
	free(gpu->set.line);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define PATH_SIZE 512

const struct mdev_uuid *uuid_of(const char *text, struct mdev_uuid *uuid)
{
	if (!text)
		return NULL;
	assert_int_equal(mdev_uuid_parse(text, uuid), 0);
	return uuid;
}

_printf_format_(3, 4) static void format_path(struct fixture *f, char path[PATH_SIZE],
					      const char *format, ...)
{
	int length = snprintf(path, PATH_SIZE, "%s/", f->root);
	va_list args;

	va_start(args, format);
	length += vsnprintf(path + length, PATH_SIZE - length, format, args);
	va_end(args);
	assert_true(length < PATH_SIZE);
}

static void make_parents_of(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
}

void make_dir(struct fixture *f, const char *path)
{
	char full[PATH_SIZE];

	format_path(f, full, "%s/", path);
	make_parents_of(full);
}

void make_file(struct fixture *f, const char *path, const char *text)
{
	char full[PATH_SIZE];
	FILE *file;

	format_path(f, full, "%s", path);
	make_parents_of(full);
	file = fopen(full, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

void make_link(struct fixture *f, const char *path, const char *target)
{
	char full[PATH_SIZE];

	format_path(f, full, "%s", path);
	make_parents_of(full);
	assert_int_equal(symlink(target, full), 0);
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

void remove_tree(struct fixture *f, const char *path)
{
	char full[PATH_SIZE];

	format_path(f, full, "%s", path);
	nftw(full, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

bool exists(struct fixture *f, const char *path)
{
	char full[PATH_SIZE];

	format_path(f, full, "%s", path);
	return access(full, F_OK) == 0;
}

char *read_text(struct fixture *f, const char *path)
{
	char full[PATH_SIZE];
	size_t length;
	char *text;
	int fd;

	format_path(f, full, "%s", path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read_all(fd, 0, SIZE_MAX, &text, &length), 0);
	close(fd);
	return text;
}

void assert_file(struct fixture *f, const char *path, const char *text)
{
	char *found = read_text(f, path);

	assert_string_equal(found, text);
	free(found);
}

/* The tree of sysfs --------------------------------------------------------- */

void make_parent(struct fixture *f, const char *name)
{
	char path[PATH_SIZE], target[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/mdev_supported_types", name);
	make_dir(f, path);
	snprintf(path, sizeof(path), "sys/class/mdev_bus/%s", name);
	snprintf(target, sizeof(target), "../../devices/virtual/mtty/%s", name);
	make_link(f, path, target);
	make_dir(f, "sys/bus/mdev/devices");
}

void make_type(struct fixture *f, const char *parent, const char *id, const char *instances)
{
	const struct { const char *file, *text; } files[] = {
		{ "available_instances", instances }, { "device_api", "vfio-pci\n" }, { "create", "" },
	};
	char dir[PATH_SIZE], path[2 * PATH_SIZE];

	snprintf(dir, sizeof(dir), "sys/devices/virtual/mtty/%s/mdev_supported_types/%s", parent, id);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i].file);
		make_file(f, path, files[i].text);
	}
	snprintf(path, sizeof(path), "%s/devices", dir);
	make_dir(f, path);
}

void make_device(struct fixture *f, const char *parent, const char *type, const char *uuid)
{
	char path[PATH_SIZE], target[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/%s/remove", parent, uuid);
	make_file(f, path, "");
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/%s/mdev_type", parent, uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", type);
	make_link(f, path, target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	snprintf(target, sizeof(target), "../../../devices/virtual/mtty/%s/%s", parent, uuid);
	make_link(f, path, target);
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/mdev_supported_types/%s/devices/%s",
		 parent, type, uuid);
	snprintf(target, sizeof(target), "../../../%s", uuid);
	make_link(f, path, target);
}

void remove_device(struct fixture *f, const char *parent, const char *uuid)
{
	char path[PATH_SIZE], link[PATH_SIZE], type[PATH_SIZE] = "";

	format_path(f, link, "sys/devices/virtual/mtty/%s/%s/mdev_type", parent, uuid);
	if (readlink(link, type, sizeof(type) - 1) < 0)
		return;
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/mdev_supported_types/%.64s/devices/%s",
		 parent, path_base(type), uuid);
	remove_tree(f, path);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	remove_tree(f, path);
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/%s/%s", parent, uuid);
	remove_tree(f, path);
}

void bind_to_vfio(struct fixture *f, const char *uuid)
{
	char path[PATH_SIZE];

	make_dir(f, "sys/kernel/iommu_groups/12");
	snprintf(path, sizeof(path), MTTY "/%s/iommu_group", uuid);
	make_link(f, path, "../../../../../kernel/iommu_groups/12");
	snprintf(path, sizeof(path), MTTY "/%s/driver", uuid);
	make_link(f, path, "../../../../../bus/mdev/drivers/vfio_mtty");
	snprintf(path, sizeof(path), MTTY "/%s/vfio-dev/vfio3", uuid);
	make_dir(f, path);
}

void make_process(struct fixture *f, const char *pid, const char *command, const char *file)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "proc/%s/comm", pid);
	make_file(f, path, command);
	snprintf(path, sizeof(path), "proc/%s/fd/0", pid);
	make_link(f, path, "/dev/null");
	snprintf(path, sizeof(path), "proc/%s/fd/17", pid);
	make_link(f, path, file);
}

void make_definition(struct fixture *f, const char *parent, const char *file)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), DEFS "/%s/%s", parent, file);
	make_file(f, path, "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\"}");
}

/* The small kernel ---------------------------------------------------------- */

static int kernel_open(void *data, int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags);

	(void)data;
	return fd < 0 ? -errno : fd;
}

static void sleep_model(void *data, unsigned int milliseconds)
{
	struct fixture *f = data;

	(void)milliseconds;
	f->sleeps++;
	if (f->on_sleep)
		f->on_sleep(f);
}

/* @path: .../<parent>/mdev_supported_types/<type>/create */
static void create_model(struct fixture *f, const char *path, const char *uuid)
{
	char parent[64], type[64];

	assert_int_equal(sscanf(path, "sys/devices/virtual/mtty/%63[^/]/mdev_supported_types/"
				"%63[^/]/create", parent, type), 2);
	make_device(f, parent, type, uuid);
	snprintf(f->created, sizeof(f->created), "sys/devices/virtual/mtty/%s/%s", parent, uuid);
	for (const char *const *name = f->attrs; name && *name; name++) {
		char attr[2 * PATH_SIZE];

		snprintf(attr, sizeof(attr), "%s/%s", f->created, *name);
		make_file(f, attr, "");
	}
}

/* @path: .../<parent>/<uuid>/remove */
static void remove_model(struct fixture *f, const char *path)
{
	char parent[64], uuid[64];

	assert_int_equal(sscanf(path, "sys/devices/virtual/mtty/%63[^/]/%63[^/]/remove", parent, uuid),
			 2);
	remove_device(f, parent, uuid);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static ssize_t write_model(void *data, int fd, const char *bytes, size_t length)
{
	char link[64], path[PATH_SIZE] = "", value[256];
	struct fixture *f = data;
	size_t used = strlen(f->written);
	const char *below;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, path, sizeof(path) - 1) > 0);
	below = path + strlen(f->root) + 1;
	snprintf(value, sizeof(value), "%.*s", (int)length, bytes);
	snprintf(f->written + used, sizeof(f->written) - used, "%s=%s;", path_base(path), value);
	if (f->on_write)
		f->on_write(f, below);
	if (f->fail_write && ends_with(below, f->fail_write))
		return -f->fail_error;
	if (ends_with(below, "/create"))
		create_model(f, below, value);
	else if (ends_with(below, "/remove"))
		remove_model(f, below);
	return length;
}

static const struct sysfs_ops model_ops = {
	.open = kernel_open,
	.write = write_model,
	.sleep = sleep_model,
};

/* Set-up -------------------------------------------------------------------- */

static void keep_warning(void *data, enum mdev_log_level level, const char *text)
{
	struct fixture *f = data;
	size_t used = strlen(f->warnings);

	(void)level;
	assert_true(used + strlen(text) + 2 < sizeof(f->warnings));
	sprintf(f->warnings + used, "%s\n", text);
}

void fixture_keep_log(struct fixture *f, enum mdev_log_level level)
{
	mdev_ctx_set_log(f->ctx, level, keep_warning, f);
}

int fixture_set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->root, "/tmp/libmdev-unit-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	assert_int_equal(mdev_ctx_new(&f->ctx), 0);
	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	fixture_keep_log(f, MDEV_LOG_WARNING);
	f->ctx->sysfs = &model_ops;
	f->ctx->sysfs_data = f;
	*state = f;
	return 0;
}

int fixture_tear_down(void **state)
{
	struct fixture *f = *state;

	remove_tree(f, "");
	mdev_ctx_unref(f->ctx);
	free(f);
	return 0;
}

struct mdev_definition *new_definition(struct fixture *f, const char *uuid, const char *parent,
				       const char *type, ...)
{
	struct mdev_definition *definition;
	const char *name, *value;
	va_list args;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(uuid), &definition), 0);
	assert_int_equal(mdev_definition_set_parent(definition, parent), 0);
	assert_int_equal(mdev_definition_set_type(definition, type), 0);
	va_start(args, type);
	while ((name = va_arg(args, const char *))) {
		value = va_arg(args, const char *);
		assert_int_equal(mdev_definition_insert_attr(definition, MDEV_ATTR_END, name, value),
				 0);
	}
	va_end(args);
	return definition;
}

bool scripts_can_run(void)
{
	int fd = pidfd_open(getpid(), 0);

	util_close(fd);
	return fd >= 0;
}

void assert_error(struct fixture *f, const char *text)
{
	assert_string_equal(mdev_ctx_last_error(f->ctx), text);
}

void assert_error_has(struct fixture *f, const char *part)
{
	if (!strstr(mdev_ctx_last_error(f->ctx), part))
		assert_string_equal(mdev_ctx_last_error(f->ctx), part);
}

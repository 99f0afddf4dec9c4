// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is below nvidia/ of a virtual function, and what writing it does. */
#include "gpu.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "clock.h"
#include "mem.h"

/* The longest text for the plugin that takes it; no source tells the driver's own limit. */
#define PARAMS_MAX 1023

static const struct dialect dialects[] = {
	{
		.name = "r580",
		.files = 6,
		.unknown = EIO,
		.other = EIO,
		.full = EIO,
		.occupied = EPERM,
		.idle = EPERM,
		.open = EPERM,
		.negative = EIO,
	},
	{
		.name = "r525",
		.files = 2,
		.unknown = EIO,
		.other = EIO,
		.full = EIO,
		.occupied = EPERM,
		.idle = EPERM,
		.open = EPERM,
		.negative = EIO,
	},
	{
		.name = "rfc",
		.files = 6,
		.unknown = ENODEV,
		.other = EINVAL,
		.full = ENOSPC,
		.open = EBUSY,
		.negative = EINVAL,
		.one_type = true,
		.blank = true,
	},
};

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++)
		if (!strcmp(dialects[i].name, name))
			return &dialects[i];
	return NULL;
}

/* Setting and clearing ------------------------------------------------------- */

void vgpu_clear(struct vf *vf)
{
	share_drop(vf->gpu, vf->share);
	vf->share = NULL;
	free(vf->params);
	vf->params = mem_strdup("");
	vf->opens = 0;
}

static bool vgpu_is_busy(struct vf *vf)
{
	if (vf->opens)
		return true;
	if (vf->busy_writes) {
		vf->busy_writes--;
		return true;
	}
	return clock_now() < vf->busy_until;
}

static int vgpu_unset(struct vf *vf)
{
	const struct dialect *dialect = &vf->gpu->dialect;

	if (!vf->share)
		return -dialect->idle;
	if (vgpu_is_busy(vf))
		return -dialect->open;
	if (vf->stuck)
		return -EBUSY;
	vgpu_clear(vf);
	return 0;
}

static int vgpu_set(struct vf *vf, unsigned int id)
{
	const struct dialect *dialect = &vf->gpu->dialect;
	struct share share;

	if (vf->share && dialect->occupied)
		return -dialect->occupied;
	switch (share_find(vf->gpu, id, &share)) {
	case FITS_UNKNOWN:
		return -dialect->unknown;
	case FITS_OTHER:
		return -dialect->other;
	case FITS_FULL:
		return -dialect->full;
	case FITS:
		break;
	}
	/* A dialect that allows a second id does not give the first one's room back. */
	vf->share = share_take(vf->gpu, &share);
	return 0;
}

int vgpu_set_type(struct vf *vf, unsigned int id)
{
	int rc;

	if (vf->worn)
		return -EINVAL;
	rc = id ? vgpu_set(vf, id) : vgpu_unset(vf);
	if (rc && id && vf->gpu->set.resets)
		vgpu_clear(vf);
	return rc;
}

int vgpu_open(struct vf *vf)
{
	if (!vf->share)
		return -ENODEV;
	vf->opens++;
	return 0;
}

int vgpu_close(struct vf *vf)
{
	if (!vf->opens)
		return -EINVAL;
	vf->opens--;
	return 0;
}

/* Numbers -------------------------------------------------------------------- */

/* As the kernel's kstrtoint() with base 10: one newline behind it, and nothing else. */
static int parse_int(const char *bytes, size_t size, int *value)
{
	char *text = mem_printf("%.*s", (int)size, bytes), *end;
	const char *digits = text + (*text == '-' || *text == '+');
	long long got;
	int rc = -EINVAL;

	errno = 0;
	got = strtoll(text, &end, 10);
	if (isdigit((unsigned char)*digits) && (!*end || !strcmp(end, "\n")))
		rc = errno || got < INT_MIN || got > INT_MAX ? -ERANGE : 0;
	*value = (int)got;
	free(text);
	return rc;
}

/* Files ---------------------------------------------------------------------- */

/* The line that a test has ordered. */
static void list_line_as(FILE *list, const char *line, const struct vgpu_type *type)
{
	for (; *line; line++) {
		if (line[0] != '%' || (line[1] != 'i' && line[1] != 'n'))
			fputc(*line, list);
		else if (*++line == 'i')
			fprintf(list, "%u", type->id);
		else
			fputs(type->name, list);
	}
	fputc('\n', list);
}

static void list_line(FILE *list, const struct gpu *gpu, const struct vgpu_type *type)
{
	if (gpu->set.line)
		list_line_as(list, gpu->set.line, type);
	else if (gpu->set.list & LIST_NAME_FIRST)
		fprintf(list, "%-20s%u\n", type->name, type->id);
	else
		fprintf(list, "%-5u : %s\n", type->id, type->name);
}

static char *list_header(const struct gpu *gpu)
{
	if (gpu->set.header)
		return mem_printf("%s\n", gpu->set.header);
	if (gpu->set.list & (LIST_BARE | LIST_NAME_FIRST))
		return mem_strdup("");
	return mem_strdup(gpu->set.list & LIST_SPACES ? "ID  : VGPU NAME\n"
						      : "ID    : vGPU Name\n");
}

static char *show_creatable(const struct node *file)
{
	const struct vf *vf = file->object;
	const struct gpu *gpu = vf->gpu;
	bool empty = vf->share && gpu->set.occupied == OCCUPIED_NONE;
	char *lines = NULL, *header, *text;
	struct share share;
	size_t size;
	FILE *list = open_memstream(&lines, &size);

	if (!list)
		err(1, "no memory");
	for (const struct vgpu_type *type = gpu->types; type && !empty; type = type->next)
		if (*type->name && share_find(gpu, type->id, &share) == FITS)
			list_line(list, gpu, type);
	if (fclose(list))
		err(1, "no memory");
	empty = !size && (gpu->dialect.blank || gpu->set.list & LIST_EMPTY);
	header = list_header(gpu);
	text = mem_printf("%s%s", empty ? "" : header, lines);
	free(header);
	free(lines);
	if (gpu->set.list & LIST_UNENDED && *text)
		text[strlen(text) - 1] = '\0';
	return text;
}

static char *show_current(const struct node *file)
{
	const struct vf *vf = file->object;

	return mem_printf("%u\n", vf->share ? vf->share->type->id : 0);
}

static int store_current(struct node *file, const char *bytes, size_t size)
{
	struct vf *vf = file->object;
	int value, rc = parse_int(bytes, size, &value);

	if (!rc && value < 0)
		rc = -vf->gpu->dialect.negative;
	return rc ? rc : vgpu_set_type(vf, (unsigned int)value);
}

/* The driver waits for its tasks before it answers. */
static unsigned int wait_current(const struct node *file, const char *bytes, size_t size)
{
	const struct vf *vf = file->object;
	int value;

	if (parse_int(bytes, size, &value) || !value == !vf->share || vf->opens)
		return 0;
	return value ? vf->slow : vf->stuck;
}

static char *show_error(int error)
{
	errno = error;
	return NULL;
}

static char *show_params(const struct node *file)
{
	const struct vf *vf = file->object;

	return vf->share ? mem_printf("%s\n", vf->params) : show_error(ENXIO);
}

static int store_params(struct node *file, const char *bytes, size_t size)
{
	struct vf *vf = file->object;

	if (vf->worn)
		return -EINVAL;
	if (!vf->share)
		return -ENXIO;
	if (vf->opens)
		return -EPERM;
	if (size && bytes[size - 1] == '\n')
		size--;
	if (size > PARAMS_MAX)
		return -E2BIG;
	free(vf->params);
	vf->params = mem_printf("%.*s", (int)size, bytes);
	return 0;
}

static char *show_nothing(const struct vf *vf)
{
	return vf->gpu->set.words ? mem_strdup("Not Applicable\n") : show_error(ENXIO);
}

static char *show_instance(const struct node *file)
{
	const struct vf *vf = file->object;

	if (!vf->share || !vf->share->instance)
		return show_nothing(vf);
	return mem_printf("%u\n", vf->share->instance->id);
}

static char *show_placement(const struct node *file)
{
	const struct vf *vf = file->object;

	if (vf->share)
		return mem_printf("%u\n", share_placement(vf->gpu, vf->share));
	return show_nothing(vf);
}

static char *show_warm_update(const struct node *file)
{
	(void)file;
	return mem_strdup("0\n");
}

/* Nobody knows what the driver does with these; a machine may say that it takes them. */
static int store_number(struct node *file, const char *bytes, size_t size)
{
	const struct vf *vf = file->object;
	int value, rc = parse_int(bytes, size, &value);

	return rc ? rc : vf->gpu->set.writable && !vf->worn ? 0 : -EINVAL;
}

static int store_placement(struct node *file, const char *bytes, size_t size)
{
	const struct vf *vf = file->object;
	int value, rc = parse_int(bytes, size, &value);

	if (rc)
		return rc;
	if (!vf->gpu->set.writable || !vf->gpu->mixed || !vf->share || vf->opens || vf->worn ||
	    value < 0)
		return -EINVAL;
	return share_move(vf->gpu, vf->share, (unsigned int)value);
}

static const struct {
	const char *name;
	mode_t mode;
	struct node_ops ops;
} vgpu_files[] = {
	{ "creatable_vgpu_types", 0444, { .show = show_creatable } },
	{ "current_vgpu_type",
	  0644,
	  { .show = show_current, .store = store_current, .wait = wait_current } },
	{ "vgpu_params", 0644, { .show = show_params, .store = store_params } },
	{ "gpu_instance_id", 0644, { .show = show_instance, .store = store_number } },
	{ "placement_id", 0644, { .show = show_placement, .store = store_placement } },
	{ "warm_update", 0644, { .show = show_warm_update, .store = store_number } },
};

void vgpu_add_files(struct vf *vf)
{
	vf->files = node_dir(vf->function.dir, "nvidia");
	for (size_t i = 0; i < vf->gpu->dialect.files; i++) {
		struct node *file =
			node_file(vf->files, vgpu_files[i].name, vgpu_files[i].mode, "");

		file->ops = &vgpu_files[i].ops;
		file->object = vf;
	}
}

void vgpu_remove_files(struct vf *vf)
{
	node_remove(vf->files);
	vf->files = NULL;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* Types of vGPUs, GPU instances, and the room that is left in them. */
#include "gpu.h"

#include <errno.h>

#include "mem.h"

static const struct vgpu_type *type_find(const struct gpu *gpu, unsigned int id)
{
	const struct vgpu_type *type = gpu->types;

	while (type && type->id != id)
		type = type->next;
	return type;
}

int gpu_add_type(struct gpu *gpu, unsigned int id, unsigned int size, const char *name,
		 const char *profile)
{
	struct vgpu_type **end = &gpu->types, *type;

	if (!id || !size)
		return -EINVAL;
	if (type_find(gpu, id))
		return -EEXIST;
	while (*end)
		end = &(*end)->next;
	type = mem_zero(sizeof(*type));
	type->id = id;
	type->size = size;
	type->name = mem_strdup(name);
	type->profile = profile ? mem_strdup(profile) : NULL;
	*end = type;
	return 0;
}

void gpu_clear_types(struct gpu *gpu)
{
	while (gpu->types) {
		struct vgpu_type *type = gpu->types;

		gpu->types = type->next;
		free(type->name);
		free(type->profile);
		free(type);
	}
}

int gpu_add_instance(struct gpu *gpu, unsigned int id, unsigned int size, const char *profile)
{
	struct instance **end = &gpu->instances, *instance;

	if (!gpu->mig || !size)
		return -EINVAL;
	for (; *end; end = &(*end)->next)
		if ((*end)->id == id)
			return -EEXIST;
	instance = mem_zero(sizeof(*instance));
	instance->id = id;
	instance->size = size;
	instance->profile = mem_strdup(profile);
	*end = instance;
	return 0;
}

void gpu_clear_instances(struct gpu *gpu)
{
	while (gpu->instances) {
		struct instance *instance = gpu->instances;

		gpu->instances = instance->next;
		free(instance->profile);
		free(instance);
	}
}

/* Whether a vGPU of @type may be beside those in the GPU, or in @instance. */
static bool share_goes_together(const struct gpu *gpu, const struct vgpu_type *type,
				const struct instance *instance)
{
	for (const struct share *share = gpu->shares; share; share = share->next) {
		if (share->instance != instance)
			continue;
		if (gpu->dialect.one_type ? share->type != type : share->type->size != type->size)
			return false;
	}
	return true;
}

/* One that is in the way of @size MiB from @start on. */
static const struct share *share_between(const struct gpu *gpu, const struct instance *instance,
					 unsigned int start, unsigned int size)
{
	const struct share *share = gpu->shares;

	while (share && (share->instance != instance || share->start >= start + size ||
			 share->start + share->type->size <= start))
		share = share->next;
	return share;
}

static enum fit share_find_in(const struct gpu *gpu, const struct instance *instance,
			      struct share *share)
{
	unsigned int size = share->type->size, all = instance ? instance->size : gpu->memory;

	if (!gpu->mixed && !share_goes_together(gpu, share->type, instance))
		return FITS_OTHER;
	share->instance = instance;
	for (share->start = 0; share->start + size <= all; share->start += size)
		if (!share_between(gpu, instance, share->start, size))
			return FITS;
	return FITS_FULL;
}

enum fit share_find(const struct gpu *gpu, unsigned int id, struct share *share)
{
	enum fit fit = FITS_FULL;

	*share = (struct share){ .type = type_find(gpu, id) };
	if (!share->type)
		return FITS_UNKNOWN;
	if (!gpu->mig != !share->type->profile)
		return FITS_OTHER;
	if (!gpu->mig)
		return share_find_in(gpu, NULL, share);
	for (const struct instance *instance = gpu->instances; instance; instance = instance->next)
		if (!strcmp(instance->profile, share->type->profile)) {
			fit = share_find_in(gpu, instance, share);
			if (fit == FITS)
				break;
		}
	return fit;
}

struct share *share_take(struct gpu *gpu, const struct share *wanted)
{
	struct share *share = mem_zero(sizeof(*share));

	*share = *wanted;
	share->next = gpu->shares;
	gpu->shares = share;
	return share;
}

void share_drop(struct gpu *gpu, struct share *share)
{
	struct share **at = &gpu->shares;

	while (*at && *at != share)
		at = &(*at)->next;
	if (*at)
		*at = share->next;
	free(share);
}

/* A placement counts in the smallest vGPUs of the GPU. */
static unsigned int share_unit(const struct gpu *gpu)
{
	unsigned int unit = gpu->memory;

	for (const struct vgpu_type *type = gpu->types; type; type = type->next)
		if (type->size < unit)
			unit = type->size;
	return unit;
}

unsigned int share_placement(const struct gpu *gpu, const struct share *share)
{
	return share->start / share_unit(gpu);
}

int share_move(struct gpu *gpu, struct share *share, unsigned int placement)
{
	unsigned int all = share->instance ? share->instance->size : gpu->memory;
	unsigned int unit = share_unit(gpu), old = share->start, start = placement * unit;
	const struct share *other;

	if (placement > all / unit || start + share->type->size > all || start % share->type->size)
		return -EINVAL;
	share->start = all; /* out of its own way */
	other = share_between(gpu, share->instance, start, share->type->size);
	share->start = other ? old : start;
	return other ? -EINVAL : 0;
}

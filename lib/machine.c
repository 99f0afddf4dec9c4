// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a machine without parents lacks. */
#include <errno.h>

#include "log.h"
#include "sysfs.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"

/* Modules that register parents. */
static const struct {
	const char *module, *parents;
} machine_drivers[] = {
	{ "mtty", "a virtual serial port card" },
	{ "kvmgt", "Intel GPUs" },
	{ "nvidia_vgpu_vfio", "NVIDIA GPUs" },
	{ "vfio_ap", "s390 crypto adapters" },
	{ "vfio_ccw", "s390 channel devices" },
};

/* What a kernel must have for any parent, and for any virtual machine to use its devices. */
static const struct {
	const char *module, *option;
} machine_modules[] = {
	{ "mdev", "CONFIG_VFIO_MDEV" },
	{ "vfio", "CONFIG_VFIO" },
};

static void machine_begin_line(struct buffer *out)
{
	if (out->length > 0)
		buffer_add_string(out, "\n");
}

/* Return: 1 if it is known, 0 if not, -ENOMEM. */
static int machine_get_module(struct mdev_ctx *ctx, const char *module,
			      enum mdev_module_state *state)
{
	_cleanup_free_ char *why = NULL;
	int r;

	log_catch(ctx, &why);
	r = mdev_module_get_state(ctx, module, state);
	return r == 0 ? 1 : r == -ENOMEM ? r : 0;
}

static int machine_add_modules(struct mdev_ctx *ctx, struct buffer *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(machine_modules); i++) {
		enum mdev_module_state state;
		int r = machine_get_module(ctx, machine_modules[i].module, &state);

		if (r < 0)
			return r;
		if (r == 0 || state != MDEV_MODULE_MISSING)
			continue;
		machine_begin_line(out);
		buffer_add_format(out, "This kernel has no module %s: it is built without %s, or the "
				  "module is not installed", machine_modules[i].module,
				  machine_modules[i].option);
	}
	return 0;
}

/* Drivers that are not loaded, although they could be. */
static int machine_add_drivers(struct mdev_ctx *ctx, struct buffer *out)
{
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(machine_drivers); i++) {
		enum mdev_module_state state;
		int r = machine_get_module(ctx, machine_drivers[i].module, &state);

		if (r < 0)
			return r;
		if (r == 0 || state != MDEV_MODULE_AVAILABLE)
			continue;
		if (is_first)
			machine_begin_line(out);
		buffer_add_format(out, "%s%s (for %s)", is_first ?
				  "Drivers that could be loaded with modprobe(8): " : ", ",
				  machine_drivers[i].module, machine_drivers[i].parents);
		is_first = false;
	}
	return 0;
}

/* Each unit of an IOMMU is a device of its class. */
static int machine_add_iommu(struct mdev_ctx *ctx, struct buffer *out)
{
	_cleanup_strings_ struct strings units = { 0 };
	_cleanup_close_ int dir = -1;

	if (sysfs_open(ctx, &dir, "class/iommu") == 0 &&
	    walk_directory(dir, walk_add_name, &units) == -ENOMEM)
		return log_no_memory(ctx);
	if (units.count > 0)
		return 0;
	machine_begin_line(out);
	buffer_add_string(out, "No IOMMU is in use: physical functions need one for their mediated "
			  "devices; see intel_iommu= and iommu= in the documentation of the "
			  "kernel's command line");
	return 0;
}

static int machine_explain(struct mdev_ctx *ctx, struct buffer *out)
{
	_cleanup_free_ char *why = NULL;
	int r;

	{
		log_catch(ctx, &why);
		r = mdev_ctx_check_parents(ctx);
	}
	if (r != -ENODEV)
		return r;
	buffer_add_string(out, why ? why : "No parent device is registered");
	r = machine_add_modules(ctx, out);
	if (r == 0)
		r = machine_add_drivers(ctx, out);
	return r < 0 ? r : machine_add_iommu(ctx, out);
}

MDEV_EXPORT int mdev_ctx_explain_parents(struct mdev_ctx *ctx, char **text)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	int r;

	if (ANY_NULL(ctx, text))
		return log_null(ctx);
	log_call(ctx);
	r = machine_explain(ctx, &out);
	if (r < 0)
		return r;
	return buffer_take(&out, text) < 0 ? log_no_memory(ctx) : 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libkmod.h>

#include "backend.h"
#include "library.h"
#include "log.h"
#include "module.h"
#include "resemble.h"
#include "sysfs.h"
#include "util/buffer.h"

#define LIBKMOD "libkmod.so.2"

LIBRARY_NOTE("[{\"feature\":\"kmod\","
	     "\"description\":\"Load the kernel modules of a missing parent\","
	     "\"priority\":\"recommended\",\"soname\":[\"" LIBKMOD "\"]}]");

#define FUNCTIONS(do)                       \
	do(kmod_new)                        \
	do(kmod_unref)                      \
	do(kmod_set_log_fn)                 \
	do(kmod_module_new_from_lookup)     \
	do(kmod_module_new_from_name)       \
	do(kmod_module_apply_filter)        \
	do(kmod_module_unref_list)          \
	do(kmod_list_next)                  \
	do(kmod_module_get_module)          \
	do(kmod_module_get_name)            \
	do(kmod_module_get_initstate)       \
	do(kmod_module_probe_insert_module) \
	do(kmod_module_unref)

struct libkmod {
	void *handle;
	struct kmod_ctx *ctx;
	FUNCTIONS(LIBRARY_MEMBER)
};

static void libkmod_close(struct libkmod *kmod)
{
	if (kmod->ctx)
		kmod->kmod_unref(kmod->ctx);
	if (kmod->handle)
		dlclose(kmod->handle);
}

static void module_log_nothing(void *data, int priority, const char *file, int line,
			       const char *function, const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)function, (void)format;
	(void)args;
}

/* Return: NULL, or why libkmod cannot be used. */
static const char *libkmod_open(struct libkmod *kmod)
{
#define RESOLVE(function) LIBRARY_RESOLVE(kmod, function)
	kmod->handle = dlopen(LIBKMOD, RTLD_NOW | RTLD_LOCAL);
	if (!kmod->handle)
		return dlerror();
	FUNCTIONS(RESOLVE)

	kmod->ctx = kmod->kmod_new(NULL, NULL);
	if (!kmod->ctx)
		return "libkmod failed";
	/* Else it writes to stderr, which is the application's. */
	kmod->kmod_set_log_fn(kmod->ctx, module_log_nothing, NULL);
	return NULL;
}

static bool module_is_loaded(const struct libkmod *kmod, struct kmod_module *module)
{
	int state = kmod->kmod_module_get_initstate(module);

	return state == KMOD_MODULE_LIVE || state == KMOD_MODULE_BUILTIN;
}

/* Loading ------------------------------------------------------------------- */

struct loading {
	struct mdev_ctx *ctx;
	const struct libkmod *kmod;
	const char *purpose;	/* the reason for loading modules */
	struct buffer note;	/* "; <what was in the way>" for each module */
	int found, loaded;
	int failure;		/* the first one, 0 if there was none */
};

static void loading_fail(struct loading *load, int r)
{
	if (load->failure == 0)
		load->failure = r;
}

static void loading_insert(struct loading *load, struct kmod_module *module)
{
	const struct libkmod *kmod = load->kmod;
	const char *name = kmod->kmod_module_get_name(module);
	int r;

	load->found++;
	if (module_is_loaded(kmod, module))
		return;
	r = kmod->kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST, NULL, NULL,
						  NULL, NULL);
	if (r == 0) {
		log_info(load->ctx, "Loaded module %s for %s", name, load->purpose);
		load->loaded++;
	} else if (r > 0) {
		buffer_add_format(&load->note, "; module %s is on the block list", name);
		loading_fail(load, -EPERM);
	} else {
		buffer_add_format(&load->note, "; loading module %s failed: " OS_ERROR, name,
				  OS_ERROR_ARGS(r));
		loading_fail(load, r);
	}
}

/* The modules that have the name or alias; none where the kernel has no modules installed. */
static int module_look_up(struct mdev_ctx *ctx, const struct libkmod *kmod, const char *alias,
		   struct kmod_list **list)
{
	int r;

	*list = NULL;
	r = kmod->kmod_module_new_from_lookup(kmod->ctx, alias, list);
	log_debug(ctx, "Modules for alias %s: %s", alias,
		  r < 0 ? strerror(-r) : *list ? "found" : "none");
	return r == -ENOENT || r == -ENOSYS ? 0 : r;
}

static int loading_load_alias(struct loading *load, const char *alias)
{
	const struct libkmod *kmod = load->kmod;
	struct kmod_list *list, *item;
	int r;

	r = module_look_up(load->ctx, kmod, alias, &list);
	if (r < 0)
		return r;
	for (item = list; item; item = kmod->kmod_list_next(list, item)) {
		struct kmod_module *module = kmod->kmod_module_get_module(item);

		loading_insert(load, module);
		kmod->kmod_module_unref(module);
	}
	kmod->kmod_module_unref_list(list);
	return 0;
}

/* Adds the alias of the PCI device @name, which may not have a driver yet. */
static int module_add_pci_alias(struct mdev_ctx *ctx, const char *name, struct strings *aliases)
{
	_cleanup_free_ char *alias = NULL;
	_cleanup_close_ int dir = -1;
	char pci_name[PCI_NAME_SIZE];
	int r;

	if (!resemble_pci_name(name, pci_name) || strcmp(name, pci_name) != 0)
		return 0;
	r = sysfs_open(ctx, &dir, "bus/pci/devices/%s", name);
	if (r == 0)
		r = sysfs_read(ctx, dir, "modalias", &alias);
	if (r == 0)
		r = strings_add(aliases, alias);
	return r == -ENOMEM ? r : 0;
}

/* All names by which modules may say that they supply the parent. */
static int module_list_aliases(struct mdev_ctx *ctx, const char *parent, struct strings *aliases)
{
	backend_foreach(ctx, backend) {
		int r = backend->list_aliases ? backend->list_aliases(parent, aliases) : 0;

		if (r < 0)
			return r;
	}
	return module_add_pci_alias(ctx, parent, aliases);
}

int module_load_for_parent(struct mdev_ctx *ctx, const char *parent, char **note)
{
	_cleanup_(libkmod_close) struct libkmod kmod = { 0 };
	_cleanup_strings_ struct strings aliases = { 0 };
	_cleanup_free_ char *purpose = NULL;
	struct loading load = { .ctx = ctx, .kmod = &kmod };
	const char *problem;
	int r = 0;

	*note = NULL;
	/* Another root's modules are not for the running kernel. */
	if (!ctx_is_live(ctx))
		return 0;
	if (asprintf(&purpose, "parent %s", parent) < 0) {
		purpose = NULL;
		return log_no_memory(ctx);
	}
	if (module_list_aliases(ctx, parent, &aliases) < 0)
		return log_no_memory(ctx);
	load.purpose = purpose;
	problem = libkmod_open(&kmod);
	if (problem)
		buffer_add_format(&load.note, "; cannot load kernel modules: %s", problem);
	/* A failed look-up is no worse than an unknown module. */
	for (size_t i = 0; !problem && i < aliases.count && r != -ENOMEM; i++)
		r = loading_load_alias(&load, aliases.items[i]);
	if (r == -ENOMEM || (load.note.length > 0 && buffer_take(&load.note, note) < 0)) {
		buffer_clear(&load.note);
		return log_no_memory(ctx);
	}
	return load.loaded;
}

/* What applications ask for --------------------------------------------------- */

/* Fails unless there are modules for the running kernel and a libkmod to ask for them. */
static int module_open_for(struct mdev_ctx *ctx, const char *name, struct libkmod *kmod)
{
	const char *problem;

	if (!*name)
		return log_fail(ctx, -EINVAL, "The name of a module is empty");
	if (!ctx_is_live(ctx))
		return log_fail(ctx, -EOPNOTSUPP, "Modules below %s are not for the running kernel",
				ctx->root);
	problem = libkmod_open(kmod);
	if (problem)
		return log_fail(ctx, -EOPNOTSUPP, "Cannot look up kernel modules: %s", problem);
	return 0;
}

static int module_fail_look_up(struct mdev_ctx *ctx, const char *name, int r)
{
	return log_fail_kernel(ctx, r, "Failed to look for module %s: " OS_ERROR, name,
			       OS_ERROR_ARGS(r));
}

/* A module that was loaded by its path is not in the index. */
static bool module_is_loaded_by_name(const struct libkmod *kmod, const char *name)
{
	struct kmod_module *module;
	bool loaded;

	if (kmod->kmod_module_new_from_name(kmod->ctx, name, &module) < 0)
		return false;
	loaded = module_is_loaded(kmod, module);
	kmod->kmod_module_unref(module);
	return loaded;
}

static bool module_is_one_loaded(const struct libkmod *kmod, struct kmod_list *list)
{
	bool loaded = false;

	for (struct kmod_list *item = list; item && !loaded;
	     item = kmod->kmod_list_next(list, item)) {
		struct kmod_module *module = kmod->kmod_module_get_module(item);

		loaded = module_is_loaded(kmod, module);
		kmod->kmod_module_unref(module);
	}
	return loaded;
}

static int module_get_state_of(const struct libkmod *kmod, struct kmod_list *list,
			enum mdev_module_state *state)
{
	struct kmod_list *allowed = NULL;
	int r;

	if (module_is_one_loaded(kmod, list)) {
		*state = MDEV_MODULE_LOADED;
		return 0;
	}
	r = kmod->kmod_module_apply_filter(kmod->ctx, KMOD_FILTER_BLACKLIST, list, &allowed);
	if (r < 0)
		return r;
	*state = allowed ? MDEV_MODULE_AVAILABLE : MDEV_MODULE_BLOCKED;
	kmod->kmod_module_unref_list(allowed);
	return 0;
}

/* As module_find_for_parent(), of the modules of one alias; -ENOMEM unreported. */
static int module_find_unloaded(struct mdev_ctx *ctx, const struct libkmod *kmod, const char *alias,
				char **name, enum mdev_module_state *state)
{
	struct kmod_module *module;
	struct kmod_list *list;
	int r;

	r = module_look_up(ctx, kmod, alias, &list);
	/* A failed look-up is no worse than an unknown module. */
	if (r < 0 || !list)
		return r == -ENOMEM ? r : 0;
	r = module_get_state_of(kmod, list, state);
	if (r == 0 && *state != MDEV_MODULE_LOADED) {
		module = kmod->kmod_module_get_module(list);
		*name = strdup(kmod->kmod_module_get_name(module));
		kmod->kmod_module_unref(module);
		r = *name ? 1 : -ENOMEM;
	}
	kmod->kmod_module_unref_list(list);
	return r < 0 && r != -ENOMEM ? 0 : r;
}

int module_find_for_parent(struct mdev_ctx *ctx, const char *parent, char **name,
			   enum mdev_module_state *state)
{
	_cleanup_(libkmod_close) struct libkmod kmod = { 0 };
	_cleanup_strings_ struct strings aliases = { 0 };
	int r = 0;

	if (!ctx_is_live(ctx))
		return 0;
	if (module_list_aliases(ctx, parent, &aliases) < 0)
		return log_no_memory(ctx);
	if (libkmod_open(&kmod))
		return 0;
	for (size_t i = 0; r == 0 && i < aliases.count; i++)
		r = module_find_unloaded(ctx, &kmod, aliases.items[i], name, state);
	return r < 0 ? log_no_memory(ctx) : r;
}

MDEV_EXPORT int mdev_module_get_state(struct mdev_ctx *ctx, const char *name,
				      enum mdev_module_state *state)
{
	_cleanup_(libkmod_close) struct libkmod kmod = { 0 };
	struct kmod_list *list;
	int r;

	if (ANY_NULL(ctx, name, state))
		return log_null(ctx);
	r = module_open_for(ctx, name, &kmod);
	if (r < 0)
		return r;
	r = module_look_up(ctx, &kmod, name, &list);
	if (r == 0 && list)
		r = module_get_state_of(&kmod, list, state);
	else if (r == 0)
		*state = module_is_loaded_by_name(&kmod, name) ? MDEV_MODULE_LOADED :
								 MDEV_MODULE_MISSING;
	kmod.kmod_module_unref_list(list);
	return r < 0 ? module_fail_look_up(ctx, name, r) : 0;
}

MDEV_EXPORT int mdev_module_load(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_(libkmod_close) struct libkmod kmod = { 0 };
	struct loading load = { .ctx = ctx, .kmod = &kmod, .purpose = "the application" };
	_cleanup_free_ char *note = NULL;
	int r;

	if (ANY_NULL(ctx, name))
		return log_null(ctx);
	r = module_open_for(ctx, name, &kmod);
	if (r < 0)
		return r;
	r = loading_load_alias(&load, name);
	if (buffer_take(&load.note, &note) < 0)
		return log_no_memory(ctx);
	if (r < 0)
		return module_fail_look_up(ctx, name, r);
	if (load.failure < 0)
		return log_fail_kernel(ctx, load.failure, "Failed to load module %s%s", name, note);
	if (load.found == 0 && !module_is_loaded_by_name(&kmod, name))
		return log_fail(ctx, -ENOENT, "There is no module %s for this kernel", name);
	return 0;
}

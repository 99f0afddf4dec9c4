// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <libkmod.h>

#include "log.h"
#include "module.h"
#include "sysfs.h"

#define LIBKMOD "libkmod.so.2"

/*
 * Tells packagers that the library is opened at run time:
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/
 */
#define DLOPEN_JSON                                                       \
	"[{\"feature\":\"kmod\","                                         \
	"\"description\":\"Load the kernel modules of a missing parent\"," \
	"\"priority\":\"recommended\",\"soname\":[\"" LIBKMOD "\"]}]"

static const struct {
	struct {
		uint32_t name_size, desc_size, type;
	} header;
	char name[sizeof("FDO")];
	_Alignas(uint32_t) char desc[sizeof(DLOPEN_JSON)];
} dlopen_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {
	.header = { sizeof("FDO"), sizeof(DLOPEN_JSON), 0x407c0c0a },
	.name = "FDO",
	.desc = DLOPEN_JSON,
};

#define FUNCTIONS(do)                       \
	do(kmod_new)                        \
	do(kmod_unref)                      \
	do(kmod_set_log_fn)                 \
	do(kmod_module_new_from_lookup)     \
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
#define MEMBER(function) __typeof__(&function) function;
	FUNCTIONS(MEMBER)
};

struct loading {
	struct mdev_ctx *ctx;
	const char *parent;
	struct libkmod kmod;
	struct buffer note;
	int loaded;
};

static void loading_clear(struct loading *load)
{
	if (load->kmod.ctx)
		load->kmod.kmod_unref(load->kmod.ctx);
	if (load->kmod.handle)
		dlclose(load->kmod.handle);
	buffer_clear(&load->note);
}

static void silent(void *data, int priority, const char *file, int line, const char *function,
		   const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)function, (void)format;
	(void)args;
}

/* Opens libkmod; false, with a note, if it is not there or not as expected. */
static bool open_libkmod(struct loading *load)
{
	struct libkmod *kmod = &load->kmod;

	kmod->handle = dlopen(LIBKMOD, RTLD_NOW | RTLD_LOCAL);
	if (!kmod->handle)
		goto fail;
#define RESOLVE(function)                                                 \
	*(void **)(&kmod->function) = dlsym(kmod->handle, #function);     \
	if (!kmod->function)                                              \
		goto fail;
	FUNCTIONS(RESOLVE)

	kmod->ctx = kmod->kmod_new(NULL, NULL);
	if (!kmod->ctx) {
		buffer_add_string(&load->note, "; cannot load kernel modules: libkmod failed");
		return false;
	}
	/* Else it writes to stderr, which is the application's. */
	kmod->kmod_set_log_fn(kmod->ctx, silent, NULL);
	return true;
fail:
	buffer_add_format(&load->note, "; cannot load kernel modules: %s", dlerror());
	return false;
}

static void insert(struct loading *load, struct kmod_module *module)
{
	struct libkmod *kmod = &load->kmod;
	const char *name = kmod->kmod_module_get_name(module);
	int r;

	r = kmod->kmod_module_get_initstate(module);
	if (r == KMOD_MODULE_LIVE || r == KMOD_MODULE_BUILTIN)
		return;
	r = kmod->kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST, NULL, NULL,
						  NULL, NULL);
	if (r == 0) {
		log_info(load->ctx, "Loaded module %s for parent %s", name, load->parent);
		load->loaded++;
	} else if (r > 0) {
		buffer_add_format(&load->note, "; module %s is on the block list", name);
	} else {
		buffer_add_format(&load->note, "; loading module %s failed: " OS_ERROR, name,
				  OS_ERROR_ARGS(r));
	}
}

static void load_alias(struct loading *load, const char *alias)
{
	struct kmod_list *list = NULL, *item;
	struct libkmod *kmod = &load->kmod;
	int r;

	r = kmod->kmod_module_new_from_lookup(kmod->ctx, alias, &list);
	log_debug(load->ctx, "Modules for alias %s: %s", alias,
		  r < 0 ? strerror(-r) : list ? "found" : "none");
	if (r < 0)
		return;
	for (item = list; item; item = kmod->kmod_list_next(list, item)) {
		struct kmod_module *module = kmod->kmod_module_get_module(item);

		insert(load, module);
		kmod->kmod_module_unref(module);
	}
	kmod->kmod_module_unref_list(list);
}

/* The alias of the PCI device @name, which may not have a driver yet; NULL if it is none. */
static int read_pci_alias(struct mdev_ctx *ctx, const char *name, char **alias)
{
	_cleanup_close_ int dir = -1;
	unsigned int part;
	int end = 0, r;

	if (sscanf(name, "%4x:%2x:%2x.%1x%n", &part, &part, &part, &part, &end) != 4 || name[end])
		return 0;
	r = sysfs_open(ctx, &dir, "bus/pci/devices/%s", name);
	if (r == 0)
		r = sysfs_read(ctx, dir, "modalias", alias);
	return r == -ENOMEM ? r : 0;
}

int module_load_for_parent(struct mdev_ctx *ctx, const char *parent, char **note)
{
	_cleanup_(loading_clear) struct loading load = { .ctx = ctx, .parent = parent };
	_cleanup_free_ char *alias = NULL, *pci_alias = NULL;
	_cleanup_buffer_ struct buffer buffer = { 0 };
	int r;

	*note = NULL;
	/* Another root's modules are not for the running kernel. */
	if (!ctx_is_live(ctx))
		return 0;
	buffer_add_format(&buffer, "mdev-parent:%s", parent);
	r = buffer_take(&buffer, &alias);
	if (r == 0)
		r = read_pci_alias(ctx, parent, &pci_alias);
	if (r < 0)
		return log_no_memory(ctx);
	if (open_libkmod(&load)) {
		load_alias(&load, alias);
		if (pci_alias)
			load_alias(&load, pci_alias);
	}
	if (load.note.length > 0 && buffer_take(&load.note, note) < 0)
		return log_no_memory(ctx);
	return load.loaded;
}

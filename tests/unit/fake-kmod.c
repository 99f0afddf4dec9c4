// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stands in for libkmod. The test finds these variables with dlsym(): what aliases
 * were asked for, and what there is for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkmod.h>

/* A space behind each alias that was looked up. */
char fake_kmod_aliases[512];
/* The alias that one module has; its state; what inserting it gives; how often that happened. */
char fake_kmod_alias[128];
int fake_kmod_state = -2;
int fake_kmod_result;
int fake_kmod_inserted;
/* Whether it is on the block list; a name without an alias that is loaded. */
int fake_kmod_blocked;
char fake_kmod_loose[128];

static int object;

#define OBJECT ((void *)&object)

struct kmod_ctx *kmod_new(const char *directory, const char *const *config)
{
	return directory || config ? NULL : OBJECT;
}

struct kmod_ctx *kmod_unref(struct kmod_ctx *ctx)
{
	(void)ctx;
	return NULL;
}

void kmod_set_log_fn(struct kmod_ctx *ctx,
		     void (*log)(void *data, int priority, const char *file, int line,
				 const char *function, const char *format, va_list args),
		     const void *data)
{
	(void)ctx, (void)log, (void)data;
}

int kmod_module_new_from_lookup(struct kmod_ctx *ctx, const char *alias, struct kmod_list **list)
{
	(void)ctx;
	strcat(fake_kmod_aliases, alias);
	strcat(fake_kmod_aliases, " ");
	if (strcmp(alias, fake_kmod_alias) == 0)
		*list = OBJECT;
	return 0;
}

int kmod_module_unref_list(struct kmod_list *list)
{
	return list ? 0 : -1;
}

struct kmod_list *kmod_list_next(const struct kmod_list *list, const struct kmod_list *item)
{
	(void)list, (void)item;
	return NULL;
}

struct kmod_module *kmod_module_get_module(const struct kmod_list *item)
{
	(void)item;
	return OBJECT;
}

const char *kmod_module_get_name(const struct kmod_module *module)
{
	(void)module;
	return "fake";
}

static int loose;

int kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name, struct kmod_module **module)
{
	(void)ctx;
	*module = strcmp(name, fake_kmod_loose) == 0 ? (void *)&loose : OBJECT;
	return 0;
}

int kmod_module_apply_filter(const struct kmod_ctx *ctx, enum kmod_filter filter,
			     const struct kmod_list *list, struct kmod_list **filtered)
{
	(void)ctx;
	if (filter != KMOD_FILTER_BLACKLIST)
		abort();
	*filtered = fake_kmod_blocked ? NULL : (struct kmod_list *)list;
	return 0;
}

int kmod_module_get_initstate(const struct kmod_module *module)
{
	return module == (void *)&loose ? (int)KMOD_MODULE_LIVE : fake_kmod_state;
}

int kmod_module_probe_insert_module(
	struct kmod_module *module, unsigned int flags, const char *options,
	int (*install)(struct kmod_module *module, const char *command, void *data),
	const void *data, void (*action)(struct kmod_module *module, bool install, const char *options))
{
	(void)module, (void)options, (void)install, (void)data, (void)action;
	if (flags != KMOD_PROBE_APPLY_BLACKLIST)
		abort();
	fake_kmod_inserted++;
	return fake_kmod_result;
}

struct kmod_module *kmod_module_unref(struct kmod_module *module)
{
	(void)module;
	return NULL;
}

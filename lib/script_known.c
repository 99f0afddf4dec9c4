// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "log.h"
#include "script_call.h"
#include "script_dir.h"
#include "script_known.h"
#include "util/refs.h"

const struct script_word script_get = { "get", "Get" };
const struct script_word script_attributes = { "attributes", "Attributes" };
static const struct script_word script_capabilities = { "capabilities", "Capabilities" };

static const char *const known_actions[] = {
	"start", "stop", "define", "undefine", "modify", "attributes", "capabilities",
};

static const char *const known_events[] = { "pre", "post", "notify", "get", "live" };

/* What this library offers a script, in the same words. */
static const char provides[] =
	"{\"provides\":{\"version\":2,"
	"\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\","
	"\"attributes\",\"capabilities\"],"
	"\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}";

struct script_known {
	unsigned int refs;	/* of the cache and of operations */
	struct script_known *next;
	char *parent, *type;
	char *script;		/* NULL: no script has reported capabilities */
	struct capabilities capabilities;
	bool is_unsure;		/* one could not be asked: this is not remembered */
};

struct script_cache {
	struct script_stamp stamp;	/* of the scripts that were asked */
	struct script_known *first;
};

static void known_unref(struct script_known *known)
{
	if (!known || !refs_put(&known->refs))
		return;
	capabilities_clear(&known->capabilities);
	free(known->script);
	free(known->parent);
	free(known->type);
	free(known);
}

static void known_unrefp(struct script_known **known)
{
	known_unref(*known);
}

static void cache_clear(struct script_cache *cache)
{
	for (struct script_known *known = cache->first, *next; known; known = next) {
		next = known->next;
		known_unref(known);
	}
	cache->first = NULL;
}

static void cache_free(struct script_cache *cache)
{
	cache_clear(cache);
	free(cache);
}

/* Asking ------------------------------------------------------------------------ */

/*
 * Asks a script for its capabilities. A script without capabilities is called for each event
 * instead, and so is a script that fails here.
 *
 * Return: 1 if the script has capabilities, 0 if not, -EAGAIN if it could not be asked,
 * -ENOMEM.
 */
static int known_ask(struct mdev_ctx *ctx, const char *path, const struct script_call *call,
		     struct capabilities *found)
{
	_cleanup_script_result_ struct script_result result = { 0 };
	int r;

	r = script_call(ctx, path, call, &result);
	if (r == -ENOMEM)
		return r;
	if (script_is_none(r))
		return 0;
	log_about(ctx, .level = MDEV_LOG_WARNING);
	if (r < 0) {
		script_fail(ctx, path, r);
		return -EAGAIN;
	}
	if (WIFSIGNALED(result.status)) {
		script_check(ctx, path, result.status);
		return -EAGAIN;
	}
	if (WEXITSTATUS(result.status) == SCRIPT_NOT_MINE)
		return 0;
	return cfg_parse_capabilities(result.out, result.out_length, found);
}

/* Only a warning: an unknown name may be a later version's, or a typo. */
static void known_warn(struct mdev_ctx *ctx, const char *path, const char *what,
		       const struct strings *names, const char *const *known, size_t count)
{
	for (size_t i = 0; i < names->count; i++) {
		size_t j = 0;

		while (j < count && strcmp(known[j], names->items[i]) != 0)
			j++;
		if (j == count)
			log_warning(ctx, "Script '%s' supports unknown %s '%s'", path, what,
				    names->items[i]);
	}
}

/* Return: 0, whether one was found or not, -ENOMEM. */
static int known_find_versioned(struct mdev_ctx *ctx, const char *uuid,
				const struct strings *paths, struct script_known *known)
{
	const struct script_call call = {
		.event = &script_get, .action = &script_capabilities, .state = "none",
		.uuid = uuid, .parent = known->parent, .type = known->type, .input = provides,
	};

	for (size_t i = 0; i < paths->count; i++) {
		const char *path = paths->items[i];
		int r = known_ask(ctx, path, &call, &known->capabilities);

		if (r == -EAGAIN)
			known->is_unsure = true;
		else if (r < 0)
			return r;
		if (r <= 0)
			continue;
		known_warn(ctx, path, "action", &known->capabilities.actions, known_actions,
			   ARRAY_SIZE(known_actions));
		known_warn(ctx, path, "event", &known->capabilities.events, known_events,
			   ARRAY_SIZE(known_events));
		known->script = strdup(path);
		return known->script ? 0 : -ENOMEM;
	}
	return 0;
}

/* Remembering --------------------------------------------------------------------- */

/* Return: the entry of these scripts; NULL if out of memory. */
static struct script_cache *cache_get(struct mdev_ctx *ctx, const struct script_stamp *stamp)
{
	struct script_cache *cache = ctx->scripts;

	if (!cache) {
		cache = ctx->scripts = calloc(1, sizeof(*cache));
		ctx->scripts_free = cache_free;
	}
	if (cache && memcmp(&cache->stamp, stamp, sizeof(*stamp)) != 0) {
		cache_clear(cache);
		cache->stamp = *stamp;
	}
	return cache;
}

static struct script_known *cache_find(const struct script_cache *cache, const char *parent,
				       const char *type)
{
	struct script_known *known = cache->first;

	while (known && (strcmp(known->parent, parent) != 0 || strcmp(known->type, type) != 0))
		known = known->next;
	return known;
}

/* Asks the scripts; remembers the answers if all could be asked. -ENOMEM. */
static int cache_ask(struct mdev_ctx *ctx, struct script_cache *cache, const char *uuid,
		     const char *parent, const char *type, struct scripts *scripts)
{
	_cleanup_(known_unrefp) struct script_known *known = calloc(1, sizeof(*known));

	if (!known)
		return -ENOMEM;
	known->refs = 1;
	known->parent = strdup(parent);
	known->type = strdup(type);
	if (!known->parent || !known->type ||
	    known_find_versioned(ctx, uuid, &scripts->paths, known) < 0)
		return -ENOMEM;
	if (!known->is_unsure) {
		refs_get(&known->refs);
		known->next = cache->first;
		cache->first = known;
	}
	scripts->known = TAKE_PTR(known);
	return 0;
}

int scripts_open(struct mdev_ctx *ctx, const char *uuid, const char *parent, const char *type,
		 struct scripts *scripts)
{
	struct script_cache *cache;
	struct script_known *known;
	struct script_stamp stamp;
	int r;

	r = script_dir_list(ctx, "callouts", &scripts->paths, &stamp);
	if (r < 0 || scripts->paths.count == 0)
		return r;
	cache = cache_get(ctx, &stamp);
	if (!cache)
		return log_no_memory(ctx);
	known = cache_find(cache, parent, type);
	if (known) {
		refs_get(&known->refs);
		scripts->known = known;
	} else if (cache_ask(ctx, cache, uuid, parent, type, scripts) < 0) {
		return log_no_memory(ctx);
	}
	scripts->script = scripts->known->script;
	return 0;
}

bool scripts_are_unsure(const struct scripts *scripts)
{
	return scripts->known && !scripts->known->script && scripts->known->is_unsure;
}

void scripts_close(struct scripts *scripts)
{
	strings_clear(&scripts->paths);
	known_unref(scripts->known);
	*scripts = (struct scripts){ 0 };
}

const struct capabilities *scripts_capabilities(const struct scripts *scripts)
{
	return scripts->known && scripts->known->script ? &scripts->known->capabilities : NULL;
}

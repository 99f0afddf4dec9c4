/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context as the library's own files see it. Everything that outlives a call
 * hangs from it; there is no other state.
 */
#ifndef LIB_CTX_H
#define LIB_CTX_H

#include "libmdev.h"
#include "util/cleanup.h"

#define MDEV_EXPORT __attribute__((visibility("default")))

struct backend;
struct interrupt;
struct log_scope;
struct script_cache;
struct sysfs_ops;
struct vgpu_transport;

/*
 * The last failure: what mdev_ctx_last_error*() return.
 */
struct last_error {
	char *text;
	bool text_lost;		/* there was no memory for it */
	int number;
	enum mdev_error_domain domain;
	/* NULL if it is about none, or without memory. */
	struct mdev_uuid *uuid;
	char *parent, *attr, *file, *reason;
};

struct mdev_ctx {
	unsigned int refs;
	char *root;	/* as the caller gave it */
	char *prefix;	/* the same without slashes at its end: goes before "/sys", "/etc" */
	unsigned int timeout_ms, callout_timeout_ms;
	bool timeout_is_set; /* by the application */

	mdev_log_fn *log;
	void *log_data;
	enum mdev_log_level log_level;
	mdev_wait_fn *wait_fn;
	void *wait_data;
	struct last_error error;
	struct log_scope *scope;	/* the innermost one, see log.h */

	/* The kernel interfaces, ended by NULL, and what touches the kernel; tests put others. */
	const struct backend *const *backends;
	const struct vgpu_transport *const *transports;
	const struct sysfs_ops *sysfs;
	void *sysfs_data;

	/* Of the operation that is under way; NULL without one. */
	struct interrupt *interrupt;
	int cancelled;	/* set by mdev_ctx_cancel(), in any thread or in a signal handler */

	/* What script_known.c remembers of scripts, and how it frees it. */
	struct script_cache *scripts;
	void (*scripts_free)(struct script_cache *scripts);
};

/* Whether the root is this system's own, so that its kernel is the running one. */
static inline bool ctx_is_live(const struct mdev_ctx *ctx)
{
	return ctx->prefix[0] == '\0';
}

static inline void ctx_unrefp(struct mdev_ctx **ctx)
{
	mdev_ctx_unref(*ctx);
}

#endif

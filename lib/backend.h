/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a kernel offers slices of a device. The objects (parent, type, device) and the
 * operations know no path and no file name of sysfs: each kernel interface is one file,
 * backend_NAME.c, and a row in backends[] of backend.c.
 */
#ifndef LIB_BACKEND_H
#define LIB_BACKEND_H

#include <limits.h>
#include <stdint.h>

#include "ctx.h"
#include "util/array.h"
#include "util/buffer.h"

/*
 * A parent or a device of the kernel, held open. The descriptor stays with the object even if
 * another one takes its name, so the checked object is the one that is written.
 */
struct handle {
	struct mdev_ctx *ctx;
	const struct backend *backend;
	int dir;	/* its directory in sysfs; -1: none is held */
	/* The back-end's own: which of those that the directory may be, and what it has read. */
	uint64_t mark;
	void *cache;
};

#define HANDLE_NONE { .dir = -1 }

/* A type as the driver describes it; NULL for parts that the driver leaves out. */
struct type_text {
	char *available_instances, *device_api;
	char *name, *description;
	unsigned int used;	/* devices of the type */
	const char *failed;	/* the file that could not be read, if that is what failed */
};

void type_text_clear(struct type_text *text);

/* A device that was looked for. */
struct device_place {
	char *path;		/* its directory, from the root on */
	char *parent, *type;
	const struct backend *backend;
};

void device_place_clear(struct device_place *place);

/* A device that is to be made. Nothing in it is owned. */
struct device_request {
	const struct mdev_uuid *uuid;
	const char *parent, *type;	/* as they were asked for */
	const char *found_type;		/* the id of the type that resolve_type() has found */
	const char *owner;		/* NULL if it has none */
	size_t more;			/* of the kind, which the same call makes after it */
};

/* What was to be done when it failed. */
enum backend_action {
	BACKEND_CREATE,
	BACKEND_REMOVE,
	BACKEND_WRITE,
	BACKEND_READ,
};

/* What a text is that shall be a type of a parent which is not there now. */
enum type_guess {
	TYPE_UNKNOWN,	/* to this interface */
	TYPE_FIXED,	/* an id that stays what it is */
	TYPE_NUMBER,	/* an id that another release of the driver may give to another type */
	TYPE_NAME,	/* the vendor's name of a type */
};

/* Takes devices while they are listed. */
struct device_sink {
	/* Return: 0, or -ENOMEM, unreported. */
	int (*add)(struct device_sink *sink, const struct mdev_uuid *uuid, const char *parent,
		   const char *type);
	/* Drops what this listing has added: it begins again. */
	void (*restart)(struct device_sink *sink);
};

/* A uevent, as the kernel or udevd sends it. */
struct uevent {
	const char *action, *path;
	const char *subsystem;	/* may be NULL */
	const char *(*get_property)(const struct uevent *event, const char *name);
};

/* The contents of an event. Without a UUID it is about the parent. */
struct backend_event {
	enum mdev_event_kind kind;
	struct mdev_uuid uuid;
	char parent[NAME_MAX + 1];
};

/*
 * Functions return 0 or -errno and report nothing: the caller knows what the failure means.
 * -ENODEV: what the name or handle stands for is not there, or not any more. Names are
 * checked before they get here.
 */
struct backend {
	/* For messages: where in sysfs parents and devices stand, and that they cannot. */
	const char *parents, *devices, *absence;
	/* The kernel ends remove() only when the last user has gone, so it is not begun before. */
	bool waits_for_users;
	/* Devices are PCI functions, which are there before a driver has them, and after that. */
	bool is_pci;

	/* Whether the kernel has this interface: 0, -ENODEV, other -errno. */
	int (*check)(struct mdev_ctx *ctx);
	/* No names if the kernel does not have the interface. */
	int (*list_parents)(struct mdev_ctx *ctx, struct strings *names);
	int (*open_parent)(struct mdev_ctx *ctx, const char *name, struct handle *parent);
	/* A number that changes when the parent unregisters and registers again. */
	int (*read_registration)(const struct handle *parent, uint64_t *registration);
	/* The parent's directory, from the root on. */
	int (*resolve_parent)(struct mdev_ctx *ctx, const char *name, char **path);

	int (*list_types)(const struct handle *parent, struct strings *ids);
	/* Fills the text, which has been zeroed; -ENOENT: the parent has no such type. */
	int (*read_type)(const struct handle *parent, const char *id, struct type_text *text);
	/* The same, but only how many instances are left: starting needs no more. */
	int (*read_available)(const struct handle *parent, const char *id,
			      struct type_text *text);

	/*
	 * All devices, or @parent's unless it is NULL; none if the kernel has not got the
	 * interface. Warns of entries that are no devices.
	 */
	int (*list_devices)(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink);
	/*
	 * Holds the device, too, unless @device is NULL: just the one that @place describes. Rows
	 * that share this function find each other's devices.
	 */
	int (*find_device)(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			   struct device_place *place, struct handle *device);
	/* Whether the kernel still has it. */
	bool (*is_alive)(const struct handle *device);
	/*
	 * Has the kernel make a device, and holds it, unless it has gone again already. A
	 * failure leaves none. Nobody else of ours makes one of this UUID meanwhile.
	 */
	int (*create)(const struct handle *parent, const struct device_request *request,
		      struct handle *device);
	/* Has the kernel remove it. */
	int (*remove)(const struct handle *device, const struct mdev_uuid *uuid);

	/* From here on: NULL where the interface has no need of it. */

	/* Adds names by which a module may offer to supply the parent. */
	int (*list_aliases)(const char *parent, struct strings *aliases);
	/* Adds "; <why there is no parent of this name>", as far as that is this interface's. */
	void (*explain_absent)(struct mdev_ctx *ctx, const char *parent, struct buffer *out);
	/*
	 * Adds "; <what has become of it>" of a device that was started and is not active any more.
	 * Rows that share find_device() share this, too. @parent: NULL if it is not known
	 */
	void (*explain_lost)(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			     const char *parent, struct buffer *out);
	/*
	 * The UUID is now that of another row's device: what was noted of one is void. Rows that share
	 * find_device() share this, too.
	 */
	void (*forget)(struct mdev_ctx *ctx, const struct mdev_uuid *uuid);
	/*
	 * Whether the kernel removes the device when this file is written, so that it is not an
	 * attribute.
	 */
	bool (*is_reserved)(const char *attr);
	/* Whether the event belongs to this interface; if so, @event gets its contents. */
	bool (*read_event)(const struct uevent *uevent, struct backend_event *event);
	/*
	 * The id of the type that @type means now, which may also be the vendor's name of it.
	 * @name: what it was called when it was defined, or NULL: ids of some drivers change with
	 * the release. NULL: each type has one id for good.
	 */
	int (*resolve_type)(const struct handle *parent, const char *type, const char *name,
			    char **id);
	/* Of a type of a parent that has no virtual functions now, and may be this interface's. */
	enum type_guess (*guess_type)(struct mdev_ctx *ctx, const char *type);
	/* The path of an attribute below the device's directory; NULL if it cannot have that. */
	const char *(*find_attr)(const struct handle *device, const char *attr);
	/* Opens the directory that the attributes are below, if that is not the device's own. */
	int (*open_attrs)(const struct handle *device, int *dir);
	/*
	 * Turns what an attribute shows into what can be written to it. Return: 0, -ENXIO if it says
	 * that there is no value.
	 */
	int (*tidy_attr)(const char *attr, char *value);
	/* Whether remove() failed in a way that passes some time after the last user has gone. */
	bool (*may_settle)(int r);
	/*
	 * Adds "; <why>" to a failure of the driver's, and returns whether it knew.
	 * @handle: the parent for BACKEND_CREATE, else the device; may hold no directory
	 */
	bool (*explain)(const struct handle *handle, enum backend_action action, int r,
			struct buffer *out);
	/*
	 * Whether the event may have brought or taken parents or devices. An interface that has
	 * this has no events for all that happens: a monitor compares by itself.
	 */
	bool (*may_change)(const struct uevent *uevent);
	void (*free_cache)(void *cache);
};

extern const struct backend backend_mdev, backend_nvidia, backend_xe;

/* All back-ends, ended by NULL: the value of ctx->backends. */
extern const struct backend *const backends[];

#define backend_foreach(ctx, each)                                                      \
	for (const struct backend *const *row_ = (ctx)->backends, *each = *row_; each; \
	     each = *++row_)

static inline void handle_close(struct handle *handle)
{
	util_close(TAKE_FD(handle->dir));
	if (handle->cache)
		handle->backend->free_cache(TAKE_PTR(handle->cache));
}

#define _cleanup_handle_ _cleanup_(handle_close)

/* As the members of these names, also where there are none. */
bool backend_is_reserved(const struct backend *backend, const char *attr);
const char *backend_find_attr(const struct handle *device, const char *attr);
_must_check_ int backend_tidy_attr(const struct handle *device, const char *attr, char *value);
/*
 * The directory that attributes are below; @own: gets a descriptor to be closed, if it is not the
 * device's. Return: a descriptor, -errno.
 */
_must_check_ int backend_open_attrs(const struct handle *device, int *own);
bool backend_explain(const struct handle *handle, enum backend_action action, int r,
		     struct buffer *out);
/* That of the first one that knows. */
void backend_explain_lost(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
			  struct buffer *out);
/* Of all but @owner, whose device it is now. */
void backend_forget_elsewhere(struct mdev_ctx *ctx, const struct backend *owner,
			      const struct mdev_uuid *uuid);
/* The first one that is known. */
enum type_guess backend_guess_type(struct mdev_ctx *ctx, const char *type);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vGPUs of NVIDIA's vendor VFIO framework: each is a virtual function that has got a type. Hides
 * where the driver lists types and takes commands: a row in the table of transports.
 */
#ifndef LIB_VGPU_H
#define LIB_VGPU_H

#include <stdint.h>

#include "backend.h"
#include "util/array.h"

/* A type that the driver would make now on a function. */
struct vgpu_type {
	unsigned int id;
	char *name;	/* empty if the driver does not tell it */
};

struct vgpu_types {
	struct vgpu_type *items;
	size_t count;
	char *odd_line;	/* the first one with a number that was not understood; NULL: all were */
};

#define VGPU_TYPE_PREFIX "nvidia-"
#define VGPU_ID_SIZE     sizeof(VGPU_TYPE_PREFIX "4294967295")

void vgpu_types_clear(struct vgpu_types *types);
_must_check_ int vgpu_types_add(struct vgpu_types *types, unsigned int id, const char *name,
				size_t length);
/* The type of this id; NULL if it is not in the list. */
const struct vgpu_type *vgpu_types_find(const struct vgpu_types *types, unsigned int id);
/* The same by the vendor's name, in any case of letters. */
const struct vgpu_type *vgpu_types_find_name(const struct vgpu_types *types, const char *name);

/* Reads the driver's list; lines that cannot be told for certain are no types. Return: 0, -ENOMEM. */
_must_check_ int vgpu_types_parse(const char *text, struct vgpu_types *types);

/* Reads the number of a type, or 0 for none, in the forms that drivers could print it in. */
bool vgpu_parse_number(const char *text, unsigned int *number);

/* "nvidia-901" and 901. */
void vgpu_format_id(unsigned int id, char text[VGPU_ID_SIZE]);
bool vgpu_parse_id(const char *text, unsigned int *id);

#define _cleanup_vgpu_types_ _cleanup_(vgpu_types_clear)

/* A virtual function that may have a type, held open. */
struct vgpu_function {
	struct mdev_ctx *ctx;
	const struct vgpu_transport *transport;
	char *name;	/* its address */
	char *physical;	/* that of its physical function */
	int dir;	/* its directory on the PCI bus */
};

#define VGPU_FUNCTION_NONE { .dir = -1 }

void vgpu_function_close(struct vgpu_function *function);

#define _cleanup_vgpu_function_ _cleanup_(vgpu_function_close)

/*
 * A way to talk to the driver about one function. Functions return 0 or -errno and report nothing;
 * -ENODEV: the function is not there any more.
 */
struct vgpu_transport {
	/* Whose functions these are, and the name of the type with a number of read_current(). */
	const struct backend *backend;
	void (*format_type)(unsigned int id, char text[VGPU_ID_SIZE]);
	/* Whether it reaches the driver of a PCI device; @dir: the device's directory. */
	bool (*offers)(struct mdev_ctx *ctx, int dir);
	/* A number that is another one after the function has gone and come again. */
	int (*read_registration)(const struct vgpu_function *function, uint64_t *registration);
	/* The types that could be assigned now; none is no error. */
	int (*list_types)(const struct vgpu_function *function, struct vgpu_types *types);
	/* The type that it has, 0 for none. */
	int (*read_current)(const struct vgpu_function *function, unsigned int *id);
	int (*assign)(const struct vgpu_function *function, unsigned int id);
	int (*take_away)(const struct vgpu_function *function);
	/* The path below @dir of an attribute of a function that has a type; NULL: no such one. */
	const char *(*find_attr)(const char *name);
};

extern const struct vgpu_transport vgpu_sysfs, vgpu_xe;

/* All of them, ended by NULL: the value of ctx->transports. */
extern const struct vgpu_transport *const vgpu_transports[];

/*
 * Opens the function of that address, if it is of that interface; NULL: of any. Return: 0, -ENODEV
 * if it is none of these, -errno.
 */
_must_check_ int vgpu_open(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
			   struct vgpu_function *function);

/* The same by its directory, which is held again. */
_must_check_ int vgpu_open_again(struct mdev_ctx *ctx, const struct backend *backend,
				 const char *name, int dir, struct vgpu_function *function);

/* Whether one at least of the virtual functions of the PCI device @dir can have a type; -ENOMEM. */
_must_check_ int vgpu_has_functions(struct mdev_ctx *ctx, const struct backend *backend,
				    const char *name, int dir);

/* The physical functions that have such functions, sorted. Return: 0, -errno. */
_must_check_ int vgpu_list_physical(struct mdev_ctx *ctx, const struct backend *backend,
				    struct strings *names);

/*
 * Keeps other processes of ours from giving and taking types on one physical function until @lock
 * is closed. Return: 0, also without a place for locks; -errno.
 */
_must_check_ int vgpu_lock(const struct vgpu_function *function, int *lock);

/*
 * Whether it could be given the type: 0, and what the vendor calls that, -EUSERS if it has one
 * already or the driver does not list this one, -errno.
 */
_must_check_ int vgpu_check_free(const struct vgpu_function *function, unsigned int id,
				 char **name);

/* Gives a free function a type and makes sure that it has it. Return: as vgpu_check_free(). */
_must_check_ int vgpu_assign(const struct vgpu_function *function, unsigned int id);

/* Takes the type @id away. Return: 0, -ENODEV if the function has not got it, -errno. */
_must_check_ int vgpu_take_away(const struct vgpu_function *function, unsigned int id);

#endif

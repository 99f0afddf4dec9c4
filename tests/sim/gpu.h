/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GPUs of NVIDIA's vendor VFIO framework: physical functions whose virtual functions get a type by
 * a write to nvidia/current_vgpu_type. Types and their room are placement.c's, the files of a
 * virtual function vgpu.c's, and the GPUs gpu.c's.
 */
#ifndef SIM_GPU_H
#define SIM_GPU_H

#include <stdbool.h>

#include "pci.h"

/**
 * struct dialect - what a driver answers to a write of current_vgpu_type
 * @files: how many of the files of vgpu_add_files() it has
 * @unknown: errno for a type that the GPU does not have
 * @other: for one that does not go together with those that are there
 * @full: for one that no room is left for
 * @occupied, @idle: for an id where a type is set, for 0 where none is; 0: the write succeeds
 * @open: for 0 where the function is in use
 * @negative: for a number below 0
 * @one_type: all vGPUs of a GPU, or of a GPU instance, have one type, not only one size
 * @blank: there is no header over an empty list
 */
struct dialect {
	const char *name;
	size_t files;
	int unknown, other, full, occupied, idle, open, negative;
	bool one_type, blank;
};

/* How the lines of creatable_vgpu_types look; several together are possible. */
enum list_form {
	LIST_SPACES = 1,     /* two spaces and capitals in the header */
	LIST_BARE = 2,	     /* no header */
	LIST_NAME_FIRST = 4, /* the name, spaces and the id, and no header */
	LIST_UNENDED = 8,    /* no newline at the end */
	LIST_EMPTY = 16,     /* 0 bytes instead of the header alone */
};

/* What the list of a virtual function shows that has a type. */
enum occupied_list {
	OCCUPIED_SAME, /* what the GPU has room for */
	OCCUPIED_NONE, /* nothing */
};

/* What the tool that enables virtual functions does. */
enum sriov_tool {
	SRIOV_WORKS,
	SRIOV_SILENT, /* succeeds without doing it */
	SRIOV_BUSY,   /* somebody holds the GPU */
};

struct vgpu_type {
	unsigned int id, size; /* in MiB */
	char *name;
	char *profile; /* of the GPU instance that it needs; NULL: none, but the whole GPU */
	struct vgpu_type *next;
};

/* A GPU instance. */
struct instance {
	unsigned int id, size;
	char *profile;
	struct instance *next;
};

/* What a vGPU has of the memory of a GPU, or of a GPU instance. */
struct share {
	const struct vgpu_type *type;
	const struct instance *instance;
	unsigned int start;
	struct share *next;
};

/* A virtual function. */
struct vf {
	struct gpu *gpu;
	struct pci_function function;
	struct node *files;  /* its directory nvidia; NULL while it has no driver */
	struct share *share; /* NULL: it has no type */
	char *params;	     /* without the newline */
	unsigned int opens;
	unsigned int busy_writes; /* so many writes of 0 still fail */
	uint64_t busy_until;	  /* and those before that time */
	unsigned int stuck, slow; /* ms that a write of 0, or of an id, takes; stuck ones fail */
	bool worn;		  /* was without a driver: it does not work any more */
};

/**
 * struct gpu_settings - what a test has ordered of a GPU by gpu_set()
 * @list: of enum list_form
 * @occupied: of enum occupied_list
 * @sriov: of enum sriov_tool
 * @resets: a write of a type that fails sets it to 0
 * @writable: placement_id and others take a number
 * @words: placement_id says in words that there is none
 * @header: the first line of the list instead of the usual one; NULL: that
 * @line: each other line, with %i for the id and %n for the name; NULL: the usual one
 */
struct gpu_settings {
	unsigned int list, occupied, sriov, resets, writable, words;
	char *header, *line;
};

struct gpu {
	struct gpus *all;
	struct pci_function function;
	struct dialect dialect; /* a copy, to be changed */
	struct gpu_settings set;
	bool mig, mixed;
	unsigned int memory;
	unsigned int first; /* how far behind the GPU the first virtual function is */
	unsigned int total; /* how many there can be */
	struct vgpu_type *types;
	struct instance *instances;
	struct share *shares;
	struct vf *vfs;
	size_t vf_count; /* 0 or @total */
	struct gpu *next;
};

/* GPUs of a machine ---------------------------------------------------------- */

struct gpus;
struct model;

/** gpus_new() - @nodes: the directory that stands for /dev */
struct gpus *gpus_new(struct model *model, struct node *nodes);
void gpus_free(struct gpus *gpus);

/* NULL for an address that nothing has. */
struct gpu *gpu_find(struct gpus *gpus, const char *address);
struct vf *vf_find(struct gpus *gpus, const char *address);

/* All return 0 or -errno: EEXIST for what is there already, EBUSY for what is in use, EINVAL for a
 * value that is none. */
int gpu_add(struct gpus *gpus, const struct sriov_config *config);
int gpu_set(struct gpu *gpu, const char *key, const char *value);
void gpu_clear_settings(struct gpu *gpu);

/** gpu_enable(), gpu_disable() - what sriov-manage -e and -d do */
int gpu_enable(struct gpu *gpu);
int gpu_disable(struct gpu *gpu);

/** gpu_reload() - the driver is loaded again, and asks nobody */
void gpu_reload(struct gpu *gpu);

int gpu_set_mig(struct gpu *gpu, bool on);
int gpu_set_mixed(struct gpu *gpu, bool on);

/** gpus_each() - @run for each GPU until one fails */
int gpus_each(struct gpus *gpus, int (*run)(struct gpu *gpu));

/** gpus_show() - a line "VF TYPE PLACEMENT INSTANCE OPENS PARAMS" for each vGPU; to be freed */
char *gpus_show(const struct gpus *gpus);

/* Room for vGPUs --------------------------------------------------------------- */

enum fit {
	FITS,
	FITS_UNKNOWN, /* the GPU has no such type */
	FITS_OTHER,   /* not together with those that are there */
	FITS_FULL,    /* no room, or no GPU instance for it */
};

int gpu_add_type(struct gpu *gpu, unsigned int id, unsigned int size, const char *name,
		 const char *profile);
int gpu_add_instance(struct gpu *gpu, unsigned int id, unsigned int size, const char *profile);
void gpu_clear_instances(struct gpu *gpu);
void gpu_clear_types(struct gpu *gpu);

/** share_find() - the lowest place for a vGPU of type @id, without taking it */
enum fit share_find(const struct gpu *gpu, unsigned int id, struct share *share);
struct share *share_take(struct gpu *gpu, const struct share *wanted);

/** share_drop() - accepts NULL */
void share_drop(struct gpu *gpu, struct share *share);

/** share_placement() - its number: how many of the smallest vGPUs are before it */
unsigned int share_placement(const struct gpu *gpu, const struct share *share);

/** share_move() - -EINVAL: it cannot be there */
int share_move(struct gpu *gpu, struct share *share, unsigned int placement);

/* A virtual function's files ---------------------------------------------------- */

const struct dialect *dialect_find(const char *name);
void vgpu_add_files(struct vf *vf);
void vgpu_remove_files(struct vf *vf);

/** vgpu_clear() - take the type away, whoever uses it */
void vgpu_clear(struct vf *vf);

/** vgpu_set_type() - what a write of @id does; 0 or -errno */
int vgpu_set_type(struct vf *vf, unsigned int id);

/** vgpu_open() - -ENODEV: it has no type; vgpu_close(): -EINVAL: nobody has opened it */
int vgpu_open(struct vf *vf);
int vgpu_close(struct vf *vf);

#endif

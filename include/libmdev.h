/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmdev: mediated devices on Linux
 *
 * A mediated device (mdev) is a slice of a physical device, the parent, that
 * the kernel creates on request and a virtual machine uses through VFIO. A
 * parent offers types; a device is an instance of a type and is named by a
 * UUID. A definition is the stored configuration of a device: parent, type,
 * start mode and ordered attributes, kept as JSON in
 * /etc/mdevctl.d/<parent>/<uuid>.
 *
 * Kernel interface: Documentation/driver-api/vfio-mediated-device.rst and
 * Documentation/ABI/testing/sysfs-bus-vfio-mdev.
 *
 * Conventions
 *
 * - Functions that can fail return 0 or -errno. They store their result through the last
 *   parameter, which does not change on error. mdev_ctx_last_error() gives the reason of an
 *   error, with the names involved; the reason is also logged, once, as an MDEV_LOG_ERROR
 *   record.
 * - Objects are snapshots: they hold the state at the time when they were made and do not
 *   follow later changes. Strings returned by getters belong to the object and are valid as
 *   long as it exists.
 * - *_list() stores a NULL-terminated array, to be freed with the matching *_list_free(). To
 *   keep an element longer than its array, take a reference.
 * - *_unref() and *_list_free() accept NULL, and so do parameters whose description says so.
 *   For any other NULL argument, a function that can fail returns -EINVAL.
 * - A UUID is a struct mdev_uuid, whose text has hyphens and lower case. mdev_uuid_parse() makes
 *   it from a string, once, wherever that comes from: no other function takes a string for it.
 * - There is no state outside a context. A context and all objects made from it may be used by
 *   one thread at a time; different contexts are independent.
 *
 * Errors that mean the same everywhere
 *
 *   -EINVAL     malformed argument (UUID, name, attribute)
 *   -ENODEV     the parent or the active device does not exist
 *   -ENOENT     the type, the definition or the attribute does not exist
 *   -EEXIST     the device is already active, or the definition already exists
 *   -EBADMSG    a definition is not valid JSON or lacks a required member
 *   -ESTALE     a definition changed since it was read: read it again
 *   -EFBIG      a definition would be too large to be read back
 *   -EUSERS     no instance of the type is left
 *   -EBUSY      in use: the driver refuses to release or change the device now
 *   -ENOTUNIQ   several definitions match; give the parent
 *   -ETIMEDOUT  a callout script ran too long, or something did not come in time
 *   -ECANCELED  a callout script refused
 *   -EINTR      a signal or mdev_ctx_cancel() ended the call, which undid what it had begun
 *   -EOPNOTSUPP a callout script does not support the operation
 *   -EACCES, -EPERM, -EROFS  not allowed
 *   -ENOSPC     the file system is full
 *   -ENOMEM     out of memory
 *
 * Other errors come from the kernel and are passed on unchanged.
 */
#ifndef LIBMDEV_H
#define LIBMDEV_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct mdev_ctx - a root directory, a log sink, timeouts and the last error */
struct mdev_ctx;

/** struct mdev_parent - a physical device that offers types of mediated devices */
struct mdev_parent;

/** struct mdev_type - a type of device that a parent offers, with the number of instances left */
struct mdev_type;

/** struct mdev_device - an active device: a mediated device that exists in the kernel */
struct mdev_device;

/** struct mdev_definition - parent, type, start mode and attributes of a device, stored or not */
struct mdev_definition;

/** struct mdev_parent_info - details of a parent, as they were when read */
struct mdev_parent_info;

/** struct mdev_device_info - details of an active device, as they were when read */
struct mdev_device_info;

/** struct mdev_status - how a device and its definition match, as they were when read */
struct mdev_status;

/** struct mdev_document - the devices that a machine should have */
struct mdev_document;

/** struct mdev_change - the difference between a device and a document, as it was when read */
struct mdev_change;

/** struct mdev_user - a process that has a device open */
struct mdev_user;

/** struct mdev_monitor - a watch over devices, parents and definitions */
struct mdev_monitor;

/** struct mdev_event - an event that a monitor reports */
struct mdev_event;

/* Context ------------------------------------------------------------------ */

/**
 * enum mdev_log_level - severity of a log record: a lower number is more severe
 *
 * The numbers are those of syslog. Expect unknown levels: a later version may use more of them.
 */
enum mdev_log_level {
	/** Why a call fails. */
	MDEV_LOG_ERROR = 3,
	/** A problem that does not stop the call. */
	MDEV_LOG_WARNING = 4,
	/** A line that a callout script wrote, as "<script>: <line>"; show it unchanged. */
	MDEV_LOG_SCRIPT = 5,
	/** Useful to know about a call that succeeds. */
	MDEV_LOG_INFO = 6,
	/** The steps of a call, for tracing a fault. */
	MDEV_LOG_DEBUG = 7,
};

/**
 * mdev_log_fn - receives a context's log records
 * @data: the pointer given to mdev_ctx_set_log()
 * @level: severity of the record
 * @text: one line without a newline at its end; valid until the function returns
 *
 * Control characters in @text, including C1 in UTF-8, have been replaced by "?". The function
 * must not call the library with the context that it was set for.
 */
typedef void mdev_log_fn(void *data, enum mdev_log_level level, const char *text);

/**
 * mdev_ctx_new() - make a context
 * @ctx: gets the context, to be released with mdev_ctx_unref()
 *
 * The root directory is the value of the environment variable MDEVCTL_ENV_ROOT. It is "/" if
 * the variable is not set or the process runs set-id. A new context logs nothing.
 *
 * Return: 0, -ENOMEM.
 * Since: 0.1
 */
int mdev_ctx_new(struct mdev_ctx **ctx);

/** mdev_ctx_ref() - take a reference; returns @ctx. Since: 0.1 */
struct mdev_ctx *mdev_ctx_ref(struct mdev_ctx *ctx);

/** mdev_ctx_unref() - drop a reference; the last one frees @ctx. Since: 0.1 */
void mdev_ctx_unref(struct mdev_ctx *ctx);

/**
 * mdev_ctx_set_root() - set the root directory, which prefixes every path
 * @ctx: context
 * @root: directory that holds sys, etc, usr and dev; copied
 *
 * Return: 0, -EINVAL if @root is empty, -ENOMEM.
 * Since: 0.1
 */
int mdev_ctx_set_root(struct mdev_ctx *ctx, const char *root);

/** mdev_ctx_get_root() - the root directory, which prefixes every path. Since: 0.1 */
const char *mdev_ctx_get_root(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_set_log() - set where log records go
 * @ctx: context
 * @level: less severe records are dropped
 * @fn: called for each record; NULL for none
 * @data: handed to @fn
 *
 * Since: 0.1
 */
void mdev_ctx_set_log(struct mdev_ctx *ctx, enum mdev_log_level level, mdev_log_fn *fn,
		      void *data);

/**
 * mdev_ctx_set_timeout() - limit how long operations wait
 * @ctx: context
 * @milliseconds: how long one operation may wait in total for things that appear late, such as
 *	the attribute files of a new device, or for the users of a device that is to be removed;
 *	0: do not wait; 5000 in a new context
 *
 * mdev_stop() waits for up to 15000 milliseconds until this function is called.
 *
 * Since: 0.1
 */
void mdev_ctx_set_timeout(struct mdev_ctx *ctx, unsigned int milliseconds);

/**
 * mdev_wait_fn - told that an operation waits
 * @data: the pointer given to mdev_ctx_set_wait()
 * @what: what it waits for, such as "parent mtty", for people; NULL: the wait is over
 * @waited: milliseconds that the operation has waited so far
 * @limit: milliseconds that it may wait, as mdev_ctx_set_timeout() says
 *
 * The function must not call the library with the context that it was set for.
 */
typedef void mdev_wait_fn(void *data, const char *what, unsigned int waited, unsigned int limit);

/**
 * mdev_ctx_set_wait() - set a function that is called while an operation waits
 * @ctx: context
 * @fn: called several times a second as long as an operation waits for something that appears
 *	late, and once with NULL when that wait is over; NULL for none
 * @data: handed to @fn
 *
 * Since: 0.1
 */
void mdev_ctx_set_wait(struct mdev_ctx *ctx, mdev_wait_fn *fn, void *data);

/**
 * mdev_ctx_set_callout_timeout() - limit how long callout scripts run
 * @ctx: context
 * @milliseconds: how long one script may run before it is killed and named in the
 *	error; 0 kills it at once; 60000 in a new context
 *
 * Since: 0.1
 */
void mdev_ctx_set_callout_timeout(struct mdev_ctx *ctx, unsigned int milliseconds);

/**
 * mdev_ctx_cancel() - cancel the running operation
 * @ctx: context
 *
 * This function may be called from any thread and from a signal handler, even while another
 * thread uses @ctx. The operation ends soon, as after a signal: it undoes what it has done,
 * runs the "post" scripts and returns -EINTR, unless it is about to finish. If no operation is
 * running, the next one is cancelled.
 *
 * Since: 0.1
 */
void mdev_ctx_cancel(struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error() - why the last failed call failed
 * @ctx: context
 *
 * Return: one line without a newline that names the object and the cause, for
 * instance "Failed to create mdev 1111..., type mtty-2 on mtty: No space left
 * on device (os error 28)". Valid until the next call that fails. Empty, never
 * NULL, before the first failure.
 * Since: 0.1
 */
const char *mdev_ctx_last_error(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_number() - what the last failed call returned
 * @ctx: context
 *
 * Return: -errno, 0 before the first failure. -EINVAL for a NULL context is not recorded,
 * because there is no context to record it.
 * Since: 0.1
 */
int mdev_ctx_last_error_number(const struct mdev_ctx *ctx);

/**
 * enum mdev_error_domain - where an error comes from
 *
 * Several domains use the same numbers: -ENOENT may mean a missing definition, or be an error
 * of a vendor driver. Expect unknown values.
 */
enum mdev_error_domain {
	/** No failure yet. */
	MDEV_DOMAIN_NONE = 0,
	/** The caller: an argument is malformed. */
	MDEV_DOMAIN_ARGUMENT = 1,
	/** The library: something is missing, unexpected or unsupported. */
	MDEV_DOMAIN_LIBRARY = 2,
	/** A callout script: it refused, does not support the operation, or did not end. */
	MDEV_DOMAIN_SCRIPT = 3,
	/** A system call: the kernel, a vendor driver or a file system refused. */
	MDEV_DOMAIN_KERNEL = 4,
};

/**
 * mdev_ctx_last_error_domain() - where the last error comes from
 * @ctx: context
 *
 * Return: MDEV_DOMAIN_NONE before the first failure.
 * Since: 0.1
 */
enum mdev_error_domain mdev_ctx_last_error_domain(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_uuid() - the device that the last failed call was about
 * @ctx: context
 *
 * Return: its UUID; NULL if the failure was about no device in particular. Valid, like the
 * other parts of an error, until the next call that fails.
 * Since: 0.1
 */
const struct mdev_uuid *mdev_ctx_last_error_uuid(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_parent() - the parent that the last failed call was about
 * @ctx: context
 *
 * Return: name of the parent, as the caller gave it if no such parent exists; NULL if the
 * failure was about no parent in particular, or memory ran out.
 * Since: 0.1
 */
const char *mdev_ctx_last_error_parent(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_attr() - the attribute that the last failed call failed on
 * @ctx: context
 *
 * Return: name of the attribute; NULL if there was none, or memory ran out.
 * Since: 0.1
 */
const char *mdev_ctx_last_error_attr(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_file() - the file that the last failed call failed on
 * @ctx: context
 *
 * Return: path, with the root directory, of a definition, a directory of definitions or a
 * callout script; NULL if the failure was about another file or none, or memory ran out.
 * Since: 0.1
 */
const char *mdev_ctx_last_error_file(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_reason() - explanation of the last failure
 * @ctx: context
 *
 * For applications that describe a failure in their own words. mdev_ctx_last_error() has the
 * reason, too, at its end.
 *
 * Return: for instance "it is in use by qemu-system-x86 (process 77)"; several reasons are separated
 * by semicolons. NULL if no reason is known, or memory ran out.
 * Since: 0.1
 */
const char *mdev_ctx_last_error_reason(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_check_core() - is the kernel's mediated device core loaded?
 * @ctx: context
 *
 * Lists are empty both without the core and without parents; this function distinguishes these
 * cases.
 * Source: /sys/class/mdev_bus, which the core creates when it is loaded.
 *
 * Return: 0, -ENODEV if the core is not loaded, -EACCES.
 * Since: 0.1
 */
int mdev_ctx_check_core(struct mdev_ctx *ctx);

/**
 * mdev_ctx_check_parents() - is any parent device registered?
 * @ctx: context
 *
 * If there is none, mdev_ctx_last_error() adds the likely reason: the core is not loaded, or a
 * PCI device offers its types through another interface than mdev, or it lacks the virtual
 * functions on which its driver may offer them.
 *
 * Return: 0, -ENODEV if there is none, -EACCES.
 * Since: 0.1
 */
int mdev_ctx_check_parents(struct mdev_ctx *ctx);

/**
 * mdev_ctx_explain_parents() - why does the machine have no parents?
 * @ctx: context
 * @text: gets lines for a person, separated by newlines, to be freed with free(); empty if a
 *	parent is registered
 *
 * The first line is the error of mdev_ctx_check_parents(). Others name what the machine lacks:
 * the kernel modules mdev and vfio, drivers that could be loaded, an IOMMU. Modules are only known
 * if the root directory is "/".
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_ctx_explain_parents(struct mdev_ctx *ctx, char **text);

/* Version ------------------------------------------------------------------ */

/** The version of this header, "MAJOR.MINOR.PATCH"; mdev_version() gives that of the library. */
#define MDEV_VERSION "0.1.0"

/** The same as a number, for comparisons: MAJOR * 10000 + MINOR * 100 + PATCH. */
#define MDEV_VERSION_NUMBER 100

/** mdev_version() - the version of the running library, in the form of MDEV_VERSION. Since: 0.1 */
const char *mdev_version(void);

/* UUIDs -------------------------------------------------------------------- */

/** Size of a buffer that holds any canonical UUID string with its NUL. */
#define MDEV_UUID_STRING_SIZE 37

/**
 * struct mdev_uuid - a UUID
 *
 * It is made by mdev_uuid_parse() and not changed. The getters of objects return such a struct,
 * which belongs to the object.
 */
struct mdev_uuid {
	/** Its canonical form: with hyphens, in lower case. */
	char text[MDEV_UUID_STRING_SIZE];
};

/**
 * mdev_uuid_parse() - make a UUID from a string
 * @text: UUID with hyphens, as 32 hexadecimal digits, in braces or as "urn:uuid:...", in upper
 *	or lower case
 * @uuid: gets the UUID
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_uuid_parse(const char *text, struct mdev_uuid *uuid);

/* Parents ------------------------------------------------------------------ */

/**
 * mdev_parent_list() - parents registered with the mdev core
 * @ctx: context
 * @parents: gets an array sorted by name
 *
 * Source: the links in /sys/class/mdev_bus. A system without that directory
 * has no parents; this is not an error.
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_parent_list(struct mdev_ctx *ctx, struct mdev_parent ***parents);

/** mdev_parent_list_free() - free the array and its references. Since: 0.1 */
void mdev_parent_list_free(struct mdev_parent **parents);

/**
 * mdev_parent_lookup() - one registered parent
 * @ctx: context
 * @name: its name in /sys/class/mdev_bus, for instance "0000:00:02.0"
 * @parent: gets the parent, to be released with mdev_parent_unref()
 *
 * Return: 0, -EINVAL if @name is not a valid name, -ENODEV if there is no such parent (the
 * error text suggests similar names), -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_parent_lookup(struct mdev_ctx *ctx, const char *name, struct mdev_parent **parent);

/** mdev_parent_ref() - take a reference; returns @parent. Since: 0.1 */
struct mdev_parent *mdev_parent_ref(struct mdev_parent *parent);

/** mdev_parent_unref() - drop a reference. Since: 0.1 */
void mdev_parent_unref(struct mdev_parent *parent);

/** mdev_parent_get_name() - its name in /sys/class/mdev_bus. Since: 0.1 */
const char *mdev_parent_get_name(const struct mdev_parent *parent);

/**
 * mdev_parent_is_pci() - are its devices PCI functions?
 * @parent: parent
 *
 * As mdev_type_is_pci(), also while a type is not listed because the parent has no room for it.
 *
 * Return: true if they are vGPUs or other virtual functions, false if they are mdevs.
 * Since: 0.1
 */
bool mdev_parent_is_pci(const struct mdev_parent *parent);

/**
 * mdev_parent_get_info() - details of a parent
 * @parent: parent
 * @info: gets the details as they are now, to be released with mdev_parent_info_unref()
 *
 * Return: 0, -ENODEV if the parent is no longer registered, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_parent_get_info(const struct mdev_parent *parent, struct mdev_parent_info **info);

/** mdev_parent_info_ref() - take a reference; returns @info. Since: 0.1 */
struct mdev_parent_info *mdev_parent_info_ref(struct mdev_parent_info *info);

/** mdev_parent_info_unref() - drop a reference. Since: 0.1 */
void mdev_parent_info_unref(struct mdev_parent_info *info);

/**
 * mdev_parent_info_get_path() - its directory in sysfs, with the root directory and without
 * symbolic links. Since: 0.1
 */
const char *mdev_parent_info_get_path(const struct mdev_parent_info *info);

/** mdev_parent_info_get_driver() - its driver, NULL if none is bound. Since: 0.1 */
const char *mdev_parent_info_get_driver(const struct mdev_parent_info *info);

/**
 * mdev_parent_info_get_module() - the kernel module of its driver, NULL if the driver is built
 * in or none is bound. Since: 0.1
 */
const char *mdev_parent_info_get_module(const struct mdev_parent_info *info);

/**
 * mdev_parent_info_get_modalias() - its modalias, which identifies the modules for it, NULL if
 * it has none. Since: 0.1
 */
const char *mdev_parent_info_get_modalias(const struct mdev_parent_info *info);

/**
 * mdev_parent_info_get_numa_node() - NUMA node that it is attached to, -1 if
 * unknown. Since: 0.1
 */
int mdev_parent_info_get_numa_node(const struct mdev_parent_info *info);

/**
 * mdev_parent_info_get_physfn() - the SR-IOV function that a virtual function is of
 * @info: details of a parent
 *
 * Source: the link physfn, Documentation/ABI/testing/sysfs-bus-pci.
 *
 * Return: its name, for instance "0000:41:00.0"; NULL if the parent is not a virtual function.
 * Since: 0.1
 */
const char *mdev_parent_info_get_physfn(const struct mdev_parent_info *info);

/* Types -------------------------------------------------------------------- */

/**
 * mdev_type_list() - types that a parent supports now
 * @parent: parent
 * @types: gets an array sorted by id
 *
 * A type whose device_api or available_instances cannot be read is left out and logged as a
 * warning. A parent that vanishes during the call has no types.
 * Source: <parent>/mdev_supported_types in sysfs.
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_type_list(struct mdev_parent *parent, struct mdev_type ***types);

/** mdev_type_list_free() - free the array and its references. Since: 0.1 */
void mdev_type_list_free(struct mdev_type **types);

/**
 * mdev_type_lookup() - one type of a parent
 * @parent: parent
 * @id: its name in mdev_supported_types, for instance "mtty-2"
 * @type: gets the type, to be released with mdev_type_unref()
 *
 * Return: 0, -EINVAL if @id is not a valid name, -ENOENT if the parent has no such type,
 * -ENODEV if the parent is no longer registered, -EBADMSG if available_instances is not a
 * count, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_type_lookup(struct mdev_parent *parent, const char *id, struct mdev_type **type);

/** mdev_type_ref() - take a reference; returns @type. Since: 0.1 */
struct mdev_type *mdev_type_ref(struct mdev_type *type);

/** mdev_type_unref() - drop a reference. Since: 0.1 */
void mdev_type_unref(struct mdev_type *type);

/** mdev_type_get_id() - its name in mdev_supported_types. Since: 0.1 */
const char *mdev_type_get_id(const struct mdev_type *type);

/** mdev_type_get_name() - human-readable name, NULL if it has none. Since: 0.1 */
const char *mdev_type_get_name(const struct mdev_type *type);

/** mdev_type_get_description() - its description, NULL if it has none. Since: 0.1 */
const char *mdev_type_get_description(const struct mdev_type *type);

/** mdev_type_get_device_api() - for instance "vfio-pci". Since: 0.1 */
const char *mdev_type_get_device_api(const struct mdev_type *type);

/**
 * mdev_type_get_available_instances() - number of devices that could still be created when the
 * type was read. Since: 0.1
 */
unsigned int mdev_type_get_available_instances(const struct mdev_type *type);

/**
 * mdev_type_get_used_instances() - number of active devices of the type, on its parent, when the
 * type was read; 0 if that cannot be read. Since: 0.1
 */
unsigned int mdev_type_get_used_instances(const struct mdev_type *type);

/**
 * mdev_type_is_pci() - are its devices PCI functions?
 * @type: type
 *
 * A virtual machine gets such a device by the address of the function, see
 * mdev_device_info_get_pci_name(), and others by their UUID.
 *
 * Return: true for vGPUs and other virtual functions, false for mdevs.
 * Since: 0.1
 */
bool mdev_type_is_pci(const struct mdev_type *type);

/* Active devices ----------------------------------------------------------- */

/**
 * mdev_device_list() - active devices
 * @ctx: context
 * @uuid: only the device of this UUID; NULL for all
 * @parent: only devices of this parent; NULL for all
 * @devices: gets an array sorted by parent, then UUID; empty without a match
 *
 * A device that vanishes during the call is left out. An invalid @parent matches nothing.
 * Source: the directories <parent>/mdev_supported_types/<type>/devices, which need few system
 * calls even for many devices; if they are missing or disagree with /sys/bus/mdev/devices, the
 * links of each device.
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		     struct mdev_device ***devices);

/** mdev_device_list_free() - free the array and its references. Since: 0.1 */
void mdev_device_list_free(struct mdev_device **devices);

/**
 * mdev_device_lookup() - one active device
 * @ctx: context
 * @uuid: its UUID
 * @device: gets the device, to be released with mdev_device_unref()
 *
 * Source: /sys/bus/mdev/devices/<uuid> and its mdev_type link.
 *
 * Return: 0, -ENODEV if the device is not active, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_lookup(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
		       struct mdev_device **device);

/** mdev_device_ref() - take a reference; returns @device. Since: 0.1 */
struct mdev_device *mdev_device_ref(struct mdev_device *device);

/** mdev_device_unref() - drop a reference. Since: 0.1 */
void mdev_device_unref(struct mdev_device *device);

/** mdev_device_get_uuid() - its UUID. Since: 0.1 */
const struct mdev_uuid *mdev_device_get_uuid(const struct mdev_device *device);

/** mdev_device_get_parent() - name of its parent. Since: 0.1 */
const char *mdev_device_get_parent(const struct mdev_device *device);

/** mdev_device_get_type() - id of its type. Since: 0.1 */
const char *mdev_device_get_type(const struct mdev_device *device);

/**
 * mdev_device_get_info() - details of an active device
 * @device: device
 * @info: gets the details as they are now, to be released with mdev_device_info_unref()
 *
 * A driver may bind to a device some time after its creation; details that come from the driver
 * are missing until then.
 *
 * Return: 0, -ENODEV if the device is no longer active, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_get_info(const struct mdev_device *device, struct mdev_device_info **info);

/** mdev_device_info_ref() - take a reference; returns @info. Since: 0.1 */
struct mdev_device_info *mdev_device_info_ref(struct mdev_device_info *info);

/** mdev_device_info_unref() - drop a reference. Since: 0.1 */
void mdev_device_info_unref(struct mdev_device_info *info);

/**
 * mdev_device_info_get_path() - its directory in sysfs, with the root directory and without
 * symbolic links. Since: 0.1
 */
const char *mdev_device_info_get_path(const struct mdev_device_info *info);

/**
 * mdev_device_info_get_pci_name() - the PCI function that the device is
 * @info: details of a device
 *
 * A vGPU of a vendor's VFIO framework is a virtual function with a type: a virtual machine gets
 * that function. A mediated device is not a function by itself.
 *
 * Return: for instance "0000:3b:00.4"; NULL if the device is not a function.
 * Since: 0.1
 */
const char *mdev_device_info_get_pci_name(const struct mdev_device_info *info);

/** mdev_device_info_get_driver() - its driver, NULL if none is bound. Since: 0.1 */
const char *mdev_device_info_get_driver(const struct mdev_device_info *info);

/**
 * mdev_device_info_get_iommu_group() - number of its IOMMU group
 * @info: details of a device
 *
 * Source: the device's iommu_group link, Documentation/driver-api/vfio.rst.
 *
 * Return: number; -1 if it is in no group, because no VFIO driver is bound or the kernel is
 * built without groups.
 * Since: 0.1
 */
int mdev_device_info_get_iommu_group(const struct mdev_device_info *info);

/**
 * mdev_device_info_get_group_node() - the node of its IOMMU group
 * @info: details of a device
 *
 * Return: for instance "/dev/vfio/12", with the root directory before it, whether or not the
 * node exists; NULL if it is in no group.
 * Since: 0.1
 */
const char *mdev_device_info_get_group_node(const struct mdev_device_info *info);

/**
 * mdev_device_info_get_vfio_node() - its own VFIO character device node
 * @info: details of a device
 *
 * Source: Documentation/ABI/testing/sysfs-devices-vfio-dev.
 *
 * Return: for instance "/dev/vfio/devices/vfio0", with the root directory before it, whether or
 * not the node exists; NULL if the kernel has none (before Linux 6.6, or built without
 * CONFIG_VFIO_DEVICE_CDEV) or no VFIO driver is bound to the device.
 * Since: 0.1
 */
const char *mdev_device_info_get_vfio_node(const struct mdev_device_info *info);

/**
 * mdev_device_info_get_numa_node() - NUMA node that its parent is attached to, -1 if
 * unknown. Since: 0.1
 */
int mdev_device_info_get_numa_node(const struct mdev_device_info *info);

/**
 * mdev_device_lookup_node() - the active device that a VFIO node belongs to
 * @ctx: context
 * @node: path of a node, as mdev_device_info_get_group_node() or mdev_device_info_get_vfio_node()
 *	returns it
 * @device: gets the device, to be released with mdev_device_unref()
 *
 * The node need not exist. That of a virtual function belongs to the device that the function is.
 *
 * Return: 0, -ENODEV if no active device has this node, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_lookup_node(struct mdev_ctx *ctx, const char *node, struct mdev_device **device);

/**
 * mdev_ctx_check_who() - whether a user or group exists
 * @ctx: context
 * @who: "USER", "USER:GROUP" or ":GROUP", by names or numbers
 *
 * mdev_device_wait_access() accepts the same.
 * Source: the user database of the running system, whatever the root directory is.
 *
 * Return: 0, -EINVAL for another form of @who, -ESRCH if there is no such user or group, -ENOMEM.
 * Since: 0.1
 */
int mdev_ctx_check_who(struct mdev_ctx *ctx, const char *who);

/**
 * mdev_device_wait_access() - wait until a user can use a device
 * @device: device
 * @who: "USER", "USER:GROUP" or ":GROUP", by names or numbers
 * @flags: 0, or MDEV_OP_NO_WAIT to look only once
 *
 * Waits until the device has a VFIO node, and each of its nodes can be read and written by @who:
 * that of its group, and its character device where the kernel has one. It waits as long as
 * mdev_ctx_set_timeout() allows. Access lists count. Permissions are not changed; see
 * mdev_definition_set_access().
 *
 * Return: 0, -EINVAL for another form of @who, -ESRCH if there is no such user or group,
 * -ETIMEDOUT if a node is missing or cannot be opened, -ENODEV if the device is no longer active,
 * -EPERM if the caller is not root and asks for another user, -EINTR, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_wait_access(const struct mdev_device *device, const char *who, unsigned int flags);

/**
 * mdev_device_renew_access() - have udev set the permissions of the nodes again
 * @device: device
 *
 * This is for a definition whose access has changed while the device is active. The kernel sends an
 * event for each node, and udev runs its rules a little later.
 *
 * Return: 0, -ENODEV if the device is no longer active, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_renew_access(const struct mdev_device *device);

/**
 * mdev_device_list_users() - processes that have a device open
 * @device: device
 * @users: gets an array sorted by process id
 *
 * These are the processes with an open descriptor of the device's group node or of its VFIO
 * character device node. A process that closed the group but keeps a device descriptor is not
 * found, nor are processes of other PID namespaces. Without CAP_SYS_PTRACE only the caller's
 * own processes can be inspected. A user may have ended by the time this returns.
 * Source: /proc/<pid>/fd below the root directory.
 *
 * Return: 0 if all processes were inspected, 1 if there may be more users because some could
 * not be; -ENODEV if the device is no longer active, -ENOENT without /proc, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_device_list_users(const struct mdev_device *device, struct mdev_user ***users);

/**
 * mdev_user_list() - processes that have any of several devices open
 * @ctx: context
 * @devices: NULL-terminated array, such as that of mdev_device_list()
 * @users: gets an array sorted as @devices, then by process id; a process that has several of
 *	them open is in it several times
 *
 * As mdev_device_list_users() for each device, but every process is inspected only once. A device
 * that is no longer active has no users.
 *
 * Return: 0 if all processes were inspected, 1 if there may be more users because some could
 * not be; -ENOENT without /proc, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_user_list(struct mdev_ctx *ctx, struct mdev_device *const *devices,
		   struct mdev_user ***users);

/** mdev_user_list_free() - free the array and its references. Since: 0.1 */
void mdev_user_list_free(struct mdev_user **users);

/** mdev_user_ref() - take a reference; returns @user. Since: 0.1 */
struct mdev_user *mdev_user_ref(struct mdev_user *user);

/** mdev_user_unref() - drop a reference. Since: 0.1 */
void mdev_user_unref(struct mdev_user *user);

/** mdev_user_get_uuid() - UUID of the device that it has open. Since: 0.1 */
const struct mdev_uuid *mdev_user_get_uuid(const struct mdev_user *user);

/** mdev_user_get_pid() - process id. Since: 0.1 */
int mdev_user_get_pid(const struct mdev_user *user);

/** mdev_user_get_command() - its command name, which the kernel cuts to 15 bytes. Since: 0.1 */
const char *mdev_user_get_command(const struct mdev_user *user);

/**
 * mdev_device_read_attr() - read an attribute of an active device
 * @device: device
 * @name: file below the device's directory in sysfs, as in a definition
 * @value: gets the value without trailing newlines, to be freed with free()
 *
 * Symbolic links are not followed.
 *
 * Return: 0, -EINVAL if @name leaves the device's directory, is "remove" or is not UTF-8,
 * -ENODEV if the device is no longer active, -ENOENT if the device has no such attribute,
 * -EACCES if the attribute cannot be read, -ELOOP or -ENOTDIR if there is a symbolic link in
 * @name, -ENOMEM, and errors of the vendor driver.
 * Since: 0.1
 */
int mdev_device_read_attr(const struct mdev_device *device, const char *name, char **value);

/**
 * mdev_device_write_attr() - change an attribute of an active device
 * @device: device
 * @name: file below the device's directory in sysfs, as in a definition, but not "remove"
 * @value: bytes to write to it, in one write
 *
 * Unlike mdev_modify_live(), this function runs no callout script. Symbolic links are not
 * followed. While the driver returns -EAGAIN, the write is repeated, for as long as
 * mdev_ctx_set_timeout() allows.
 *
 * Return: 0, -EINVAL if @name leaves the device's directory, is "remove" or is not UTF-8,
 * -ENODEV if the device is no longer active, -ENOENT if the device has no such attribute,
 * -EACCES, -EPERM, -EROFS, -EBUSY if the driver refuses the change now, -ELOOP or -ENOTDIR if
 * there is a symbolic link in @name, and errors of the vendor driver.
 * Since: 0.1
 */
int mdev_device_write_attr(const struct mdev_device *device, const char *name,
			   const char *value);

/* Definitions -------------------------------------------------------------- */

/**
 * enum mdev_start_mode - whether a device starts with its parent
 *
 * Expect unknown values, as for each enumeration: a later version may have more.
 */
enum mdev_start_mode {
	/** On request only. */
	MDEV_START_MANUAL,
	/** When its parent appears, by mdev_autostart(). */
	MDEV_START_AUTO,
};

/** Size limit in bytes of a definition's file, or of a text in its format: 1 MiB. */
#define MDEV_JSON_SIZE_MAX 1048576

/** Size limit in bytes of a list of definitions as text: 16 MiB. */
#define MDEV_JSON_LIST_SIZE_MAX 16777216

/** Length limit in bytes of the name of an owner. */
#define MDEV_OWNER_LENGTH_MAX 255

/** Index of the position after the last attribute. */
#define MDEV_ATTR_END ((size_t)-1)

/**
 * mdev_definition_new() - make an empty definition
 * @ctx: context
 * @uuid: its UUID; NULL for a new random one
 * @definition: gets the definition, to be released with mdev_definition_unref()
 *
 * The new definition is not stored, has no parent, type or attributes, and its start mode is
 * MDEV_START_MANUAL.
 *
 * Return: 0, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_new(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			struct mdev_definition **definition);

/** mdev_definition_ref() - take a reference; returns @definition. Since: 0.1 */
struct mdev_definition *mdev_definition_ref(struct mdev_definition *definition);

/** mdev_definition_unref() - drop a reference. Since: 0.1 */
void mdev_definition_unref(struct mdev_definition *definition);

/**
 * mdev_definition_list() - stored definitions
 * @ctx: context
 * @uuid: only definitions of this UUID; NULL for all
 * @parent: only definitions for this parent; NULL for all
 * @definitions: gets an array sorted by parent, then UUID; empty without a match
 *
 * A file that cannot be read, is malformed or larger than MDEV_JSON_SIZE_MAX is left out and
 * named in a warning; so is a directory that cannot be a parent's. Files that @uuid and @parent
 * exclude are not opened. Symbolic links are followed. A file may be named by any form of a
 * UUID; if several name one device, the canonical one counts. An invalid @parent matches
 * nothing.
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
			 struct mdev_definition ***definitions);

/**
 * mdev_definition_list_all() - stored definitions, also those that cannot be read
 * @ctx: context
 * @uuid: only definitions of this UUID; NULL for all
 * @parent: only definitions for this parent; NULL for all
 * @definitions: gets an array like that of mdev_definition_list()
 *
 * A definition that is malformed or cannot be read is included, without a type and without a
 * warning: mdev_undefine() can remove it. Given a type, with mdev_definition_set_json() for
 * instance, mdev_modify() repairs it, unless another process has done so by then.
 *
 * Return: 0, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_list_all(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			     const char *parent, struct mdev_definition ***definitions);

/** mdev_definition_list_free() - free the array and its references. Since: 0.1 */
void mdev_definition_list_free(struct mdev_definition **definitions);

/**
 * mdev_definition_lookup() - one stored definition
 * @ctx: context
 * @uuid: its UUID
 * @parent: its parent; NULL if there is only one definition of @uuid
 * @definition: gets the definition, to be released with mdev_definition_unref()
 *
 * Return: 0, -EINVAL, -ENOENT, -ENOTUNIQ, -EBADMSG if the only match is
 * malformed or too large, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_lookup(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			   const char *parent, struct mdev_definition **definition);

/**
 * mdev_definition_set_json() - set type, start mode and attributes from JSON
 * @definition: definition that keeps its UUID and parent
 * @text: one JSON object with "mdev_type", "start" and optional "attrs", as
 *	mdevctl.d(5) describes; white space around it is allowed
 * @length: bytes in @text
 *
 * Members that libmdev does not know are kept, including those that only @definition has, and
 * are written when the definition is stored; numbers keep their digits, whatever their size.
 * Names of attributes must be valid for mdev_definition_insert_attr().
 *
 * @text is JSON according to RFC 8259, in UTF-8, with at most 127 levels and MDEV_JSON_SIZE_MAX
 * bytes; there is no other limit on the number of attributes. Comments, trailing commas and
 * NaN, for instance, are errors; mdev_ctx_last_error() then gives line and column.
 *
 * Return: 0, -EBADMSG, -ENOMEM; @definition is unchanged on error.
 * Since: 0.1
 */
int mdev_definition_set_json(struct mdev_definition *definition, const char *text, size_t length);

/**
 * mdev_definition_replace_json() - set everything but UUID and parent from JSON
 * @definition: definition that keeps its UUID and parent
 * @text: as for mdev_definition_set_json()
 * @length: bytes in @text
 *
 * Unlike mdev_definition_set_json(), this function drops members that @text does not have: it is
 * for a text that was made from the whole definition, such as one from an editor.
 *
 * Return: 0, -EBADMSG, -ENOMEM; @definition is unchanged on error.
 * Since: 0.1
 */
int mdev_definition_replace_json(struct mdev_definition *definition, const char *text,
				 size_t length);

/**
 * mdev_definition_get_text() - the contents of a definition's file
 * @definition: stored definition, also one that mdev_definition_list_all() could not read
 * @text: gets the contents as they were read or stored last, to be freed with free()
 *
 * Return: 0, -ENODATA if @definition was neither read nor stored, or if its file could not be
 * read, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_get_text(const struct mdev_definition *definition, char **text);

/**
 * mdev_definition_get_json() - format a definition as it would be stored
 * @definition: definition with a type
 * @text: gets a string without a trailing newline, to be freed with free()
 *
 * Return: 0, -EINVAL without a type, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_get_json(const struct mdev_definition *definition, char **text);

/**
 * mdev_definition_list_parse() - read a list of definitions from JSON
 * @ctx: context
 * @text: text as "mdevctl list --defined --dumpjson" prints it: [{"PARENT": [{"UUID":
 *	DEFINITION}]}], with each DEFINITION as for mdev_definition_set_json()
 * @length: bytes in @text, at most MDEV_JSON_LIST_SIZE_MAX
 * @definitions: gets an array in the order of @text, to be freed with
 *	mdev_definition_list_free(); nothing is stored
 *
 * Return: 0, -EBADMSG with the position in the error text, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_list_parse(struct mdev_ctx *ctx, const char *text, size_t length,
			       struct mdev_definition ***definitions);

/**
 * mdev_definition_list_format() - write a list of definitions as JSON
 * @ctx: context
 * @definitions: NULL-terminated array, in any order, each with a parent and a type; they may
 *	belong to other contexts
 * @text: gets what "mdevctl list --defined --dumpjson" would print for them, without members
 *	that libmdev does not know and without a trailing newline, to be freed with free()
 *
 * Return: 0, -EINVAL if one has no parent or no type, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_list_format(struct mdev_ctx *ctx, struct mdev_definition *const *definitions,
				char **text);

/**
 * mdev_definition_copy() - copy a definition
 * @definition: definition
 * @copy: gets the copy, to be released with mdev_definition_unref()
 *
 * The copy remembers the same contents of its file as @definition; see mdev_modify().
 *
 * Return: 0, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_copy(const struct mdev_definition *definition,
			 struct mdev_definition **copy);

/**
 * mdev_definition_equal() - are two definitions equal?
 * @a: one definition
 * @b: another one
 *
 * Return: whether UUID, parent, type, start mode and attributes, in order, are the same.
 * Members that libmdev does not know are ignored.
 * Since: 0.1
 */
bool mdev_definition_equal(const struct mdev_definition *a, const struct mdev_definition *b);

/** mdev_definition_get_uuid() - its UUID. Since: 0.1 */
const struct mdev_uuid *mdev_definition_get_uuid(const struct mdev_definition *definition);

/** mdev_definition_get_parent() - parent's name, NULL if not set. Since: 0.1 */
const char *mdev_definition_get_parent(const struct mdev_definition *definition);

/** mdev_definition_get_type() - type's id, NULL if not set. Since: 0.1 */
const char *mdev_definition_get_type(const struct mdev_definition *definition);

/**
 * mdev_definition_get_type_name() - the vendor's name for its type
 * @definition: definition
 *
 * Ids of vGPUs without mdev change with the driver, so that mdev_define() stores the name, too, and
 * mdev_start() looks for that first.
 *
 * Return: name, NULL if none is stored.
 * Since: 0.1
 */
const char *mdev_definition_get_type_name(const struct mdev_definition *definition);

/** mdev_definition_get_start() - its start mode. Since: 0.1 */
enum mdev_start_mode mdev_definition_get_start(const struct mdev_definition *definition);

/**
 * mdev_definition_get_owner() - who manages the device
 * @definition: definition
 *
 * The owner is a label that keeps several managers of devices apart; see mdev_document_apply().
 * It is the member "owner" of the definition's file. mdevctl 1.4.0 ignores that member, and drops
 * it when it changes the file.
 *
 * Return: name of the owner, NULL if it has none.
 * Since: 0.1
 */
const char *mdev_definition_get_owner(const struct mdev_definition *definition);

/**
 * mdev_definition_set_owner() - set the owner
 * @definition: definition
 * @owner: name of the owner; NULL for none; copied
 *
 * Return: 0, -EINVAL if @owner is empty, longer than MDEV_OWNER_LENGTH_MAX, has control
 * characters or is not UTF-8, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_set_owner(struct mdev_definition *definition, const char *owner);

/**
 * mdev_definition_get_access() - who may open the nodes of the device
 * @definition: definition
 *
 * This is the member "access" of the definition's file. mdevctl 1.4.0 ignores that member, and drops
 * it when it changes the file.
 *
 * Return: "USER:GROUP:MODE", as mdev_definition_set_access() takes it; NULL if it is not given.
 * Since: 0.1
 */
const char *mdev_definition_get_access(const struct mdev_definition *definition);

/**
 * mdev_definition_set_access() - set who may open the nodes of the device
 * @definition: definition
 * @access: "USER", "USER:GROUP" or "USER:GROUP:MODE" with an octal mode, where parts may be empty;
 *	NULL for none; copied
 *
 * udev gives the VFIO nodes of an active device to this user and group when they appear; its rule
 * is installed with mdevctl. Without a user or a group that part stays root. The default mode is
 * 0660 with a group and 0600 without. Names need not exist yet.
 *
 * Return: 0, -EINVAL if @access has another form, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_set_access(struct mdev_definition *definition, const char *access);

/** mdev_definition_count_attrs() - number of attributes. Since: 0.1 */
size_t mdev_definition_count_attrs(const struct mdev_definition *definition);

/**
 * mdev_definition_get_attr() - one attribute
 * @definition: definition
 * @index: position, from 0
 * @name: gets the name, which may contain a sub-directory ("mdev/aggregation")
 * @value: gets the value
 *
 * Both strings belong to @definition and are valid until its attributes change. They may be
 * passed to the functions that change it.
 *
 * Return: 0, -ENOENT if there is no attribute at @index.
 * Since: 0.1
 */
int mdev_definition_get_attr(const struct mdev_definition *definition, size_t index,
			     const char **name, const char **value);

/**
 * mdev_definition_set_parent() - set the parent
 * @definition: definition
 * @parent: name of a parent, which need not exist now; copied
 *
 * Return: 0, -EINVAL if @parent is not a valid name or has control characters, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_set_parent(struct mdev_definition *definition, const char *parent);

/**
 * mdev_definition_set_type() - set the type
 * @definition: definition
 * @type: id of a type, which need not be supported now; copied
 *
 * Return: 0, -EINVAL if @type is not a valid name, has control characters or is not UTF-8,
 * -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_set_type(struct mdev_definition *definition, const char *type);

/**
 * mdev_definition_set_start() - set the start mode
 * @definition: definition
 * @start: MDEV_START_AUTO: with its parent, MDEV_START_MANUAL: on request
 *
 * Since: 0.1
 */
void mdev_definition_set_start(struct mdev_definition *definition, enum mdev_start_mode start);

/**
 * mdev_definition_insert_attr() - add an attribute
 * @definition: definition
 * @index: position of the new attribute, at most the number of attributes, or MDEV_ATTR_END.
 *	Attributes are written in this order when a device starts.
 * @name: file below the device's directory in sysfs, which may be in a
 *	sub-directory ("mdev/aggregation"); copied
 * @value: bytes to write to it; copied
 *
 * A stored definition may have a name that is refused here. It is listed and can be removed,
 * but mdev_start(), mdev_define(), mdev_modify() and mdev_modify_live() refuse it.
 *
 * Return: 0, -EINVAL if @name leaves the device's directory, has control characters or is
 * "remove", with which the kernel removes the device, or if a string is not UTF-8, -ERANGE if
 * @index is too large, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_insert_attr(struct mdev_definition *definition, size_t index,
				const char *name, const char *value);

/**
 * mdev_definition_remove_attr() - remove an attribute
 * @definition: definition
 * @index: its position, or MDEV_ATTR_END for the last one
 *
 * Return: 0, -ENOENT if there is no attribute at @index.
 * Since: 0.1
 */
int mdev_definition_remove_attr(struct mdev_definition *definition, size_t index);

/**
 * mdev_definition_set_attr() - set an attribute by its name
 * @definition: definition
 * @name: as for mdev_definition_insert_attr()
 * @value: bytes to write to it; copied
 *
 * The first attribute of that name gets the value, and others of that name are removed. If
 * there is none, the attribute is appended.
 *
 * Return: 0, -EINVAL as for mdev_definition_insert_attr(), -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_set_attr(struct mdev_definition *definition, const char *name,
			     const char *value);

/**
 * mdev_definition_unset_attr() - remove an attribute by its name
 * @definition: definition
 * @name: name; all attributes that have this name are removed
 *
 * Return: 0, -ENOENT if there is none.
 * Since: 0.1
 */
int mdev_definition_unset_attr(struct mdev_definition *definition, const char *name);

/** mdev_definition_clear_attrs() - remove all attributes. Since: 0.1 */
void mdev_definition_clear_attrs(struct mdev_definition *definition);

/**
 * mdev_device_get_definition() - describe an active device as a definition
 * @device: device
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_LIVE
 * @definition: gets a definition that is not stored, to be released with
 *	mdev_definition_unref()
 *
 * The definition has the device's UUID, parent and type, and the start mode of the stored
 * definition, or MDEV_START_MANUAL if there is none. Its attributes are those that a callout
 * script reports; without such a script, or with MDEV_OP_NO_CALLOUTS, it has none. If a script
 * fails or its answer is malformed, a warning is logged; attributes before the malformed part
 * are kept.
 *
 * With MDEV_OP_LIVE, the definition can be changed and passed to mdev_modify_live(). It then
 * has attributes only if a script makes live changes, because that script gets all attributes.
 * If the script fails to report them, the call fails, too.
 *
 * Return: 0, -EINVAL, -ENOMEM, errors of callout scripts with MDEV_OP_LIVE.
 * Since: 0.1
 */
int mdev_device_get_definition(const struct mdev_device *device, unsigned int flags,
			       struct mdev_definition **definition);

/**
 * mdev_definition_list_active() - describe active devices as definitions
 * @ctx: context
 * @devices: NULL-terminated array, such as that of mdev_device_list()
 * @flags: MDEV_OP_NO_CALLOUTS or 0
 * @definitions: gets a definition for each device, in the order of @devices, to be released with
 *	mdev_definition_list_free()
 *
 * As mdev_device_get_definition() for each device, but stored definitions are read once for all,
 * and so is where scripts are installed if there are none.
 *
 * Return: 0, -EINVAL, -ENOMEM.
 * Since: 0.1
 */
int mdev_definition_list_active(struct mdev_ctx *ctx, struct mdev_device *const *devices,
				unsigned int flags, struct mdev_definition ***definitions);

/* Operations --------------------------------------------------------------- */

/*
 * Operations run the callout scripts and notifiers that are installed in
 * <root>/usr/lib/mdevctl/scripts.d and <root>/etc/mdevctl.d/scripts.d, as mdevctl(8) describes
 * under CALLOUTS: "pre" scripts before and "post" scripts after the operation itself, then the
 * notifiers, all as direct children of the calling process. A context remembers which script
 * handles a type of a parent, and asks again when scripts have changed. Copies that editors and
 * package managers make ("x~", ".x.swp", "x.dpkg-old") are ignored.
 *
 * The first 100 lines and 64 KiB of a script's standard error are passed on; then a line says
 * how much was left out. A script that writes more than 16 MiB to one stream is killed and fails
 * with -EFBIG. If a script refuses an operation, the operation is not carried out and returns
 * -ECANCELED if the script failed, -EOPNOTSUPP if the script does not support the operation, or
 * -ETIMEDOUT if the script was killed because it ran too long.
 */

/**
 * enum mdev_op_flags - how an operation is carried out; combined with |
 *
 * A function returns -EINVAL for flags that it does not take.
 */
enum mdev_op_flags {
	/** Do not try to load the kernel module of a missing parent. */
	MDEV_OP_NO_MODULE = 1 << 0,
	/** Run no callout scripts and no notifiers. */
	MDEV_OP_NO_CALLOUTS = 1 << 1,
	/** Continue, with a warning, even if a "pre" script refuses. */
	MDEV_OP_FORCE = 1 << 2,
	/**
	 * In mdev_define(): take over the attributes of the active device. With a document: take
	 * over devices that it describes and that have another owner, or none.
	 */
	MDEV_OP_ADOPT = 1 << 3,
	/** Do not wait for things that appear late, whatever mdev_ctx_set_timeout() allows. */
	MDEV_OP_NO_WAIT = 1 << 4,
	/**
	 * In mdev_device_get_definition(): only attributes from a script that can change the
	 * device; its failure is an error.
	 */
	MDEV_OP_LIVE = 1 << 5,
	/**
	 * In mdev_start_instances() and mdev_define_instances(): on any parent, if there is none,
	 * and of a type that may be given by its name or device API.
	 */
	MDEV_OP_ANY = 1 << 6,
	/**
	 * In mdev_define() and mdev_define_instances(): fail with -ENOENT if the parent is there
	 * and lacks the type, unless MDEV_OP_FORCE is given.
	 */
	MDEV_OP_STRICT = 1 << 7,
};

/**
 * mdev_define() - store a new definition
 * @definition: definition with parent and type
 * @flags: combination of MDEV_OP_NO_CALLOUTS, MDEV_OP_FORCE, MDEV_OP_ADOPT and MDEV_OP_STRICT
 *
 * With MDEV_OP_ADOPT, the attributes that a callout script reports are appended to those of
 * @definition; if the script fails, so does the call, even with MDEV_OP_FORCE. After adopting
 * attributes, look the definition up before mdev_modify().
 *
 * The parent need not exist. A warning is logged if the parent exists but lacks the type, or if
 * it is missing and a parent with a similar name exists.
 *
 * The file appears whole or not at all, and is on the disk when the function returns. Its mode,
 * and that of new directories, follows the umask. If several processes define the same device
 * at the same time, one succeeds. Writers hold an exclusive flock() on
 * <root>/run/mdevctl/definitions or, if that file cannot be created, on the directory
 * <root>/etc/mdevctl.d.
 *
 * Return: 0, -EINVAL without parent or type or for a parent "scripts.d", the directory of
 * scripts, -EEXIST, -EFBIG above MDEV_JSON_SIZE_MAX, -EACCES, -EROFS, -ENOSPC, -ENOMEM,
 * -EBADMSG if the answer of a callout script is malformed, and errors of callout scripts.
 * Since: 0.1
 */
int mdev_define(const struct mdev_definition *definition, unsigned int flags);

/**
 * mdev_undefine() - remove a stored definition
 * @definition: only its UUID and parent matter
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_FORCE
 *
 * An active device keeps running. The parent's directory is removed with its last definition.
 * The file is removed even if it is malformed or changed since @definition was read. If
 * @definition has no type, no scripts run.
 *
 * Return: 0, -EINVAL without parent, -ENOENT, -EACCES, -EROFS, -ENOMEM, and errors of callout
 * scripts.
 * Since: 0.1
 */
int mdev_undefine(const struct mdev_definition *definition, unsigned int flags);

/**
 * mdev_modify() - replace a stored definition
 * @definition: definition with parent and type
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_FORCE
 *
 * An active device does not change. The file is replaced whole or not at all and keeps its
 * mode, owner, access control list, security label and user attributes, as far as the caller
 * may set these. Members that libmdev does not know are taken from @definition: the stored ones
 * survive if it comes from mdev_definition_lookup().
 *
 * A definition remembers the bytes of its file from when it was read by
 * mdev_definition_lookup(), mdev_definition_list() or mdev_definition_list_all(), or stored by
 * mdev_define() or this function; a copy remembers the same. If the file has different bytes
 * now, or could not be read then but can be read now, it is not replaced, so that no change by
 * another process is lost: read the definition again, change it again, and retry.
 *
 * A definition that was neither read nor stored replaces the file whatever its contents, even
 * if malformed. This is true of definitions from mdev_definition_new(),
 * mdev_definition_list_parse() and mdev_device_get_definition(), and of those whose parent was
 * changed. It suits a caller that is the only one to change the definition.
 *
 * Return: 0, -EINVAL without parent or type, -ENOENT if the device is not defined, -ESTALE if
 * the file changed since it was read or stored, -EBADMSG if the file that was read is no longer
 * a regular file or is now too large, -EFBIG above MDEV_JSON_SIZE_MAX, -EACCES, -EROFS,
 * -ENOSPC, -ENOMEM, and errors of callout scripts.
 * Since: 0.1
 */
int mdev_modify(const struct mdev_definition *definition, unsigned int flags);

/**
 * mdev_modify_live() - change an active device to match a definition
 * @device: device
 * @definition: definition of its UUID, parent and type; it need not be stored
 * @flags: 0 or MDEV_OP_NO_CALLOUTS
 *
 * If a callout script reports its capabilities for the type, that script makes the change.
 * Otherwise attributes whose value differs or cannot be read are written in order. While the
 * driver returns -EAGAIN, a write is repeated. If a write fails, earlier writes are undone in
 * reverse order; the error text names attributes that could not be restored.
 *
 * Return: 0, -EINVAL if UUID, parent or type are not the device's or @definition belongs to
 * another context than @device, -ENODEV if the device is no longer active, -ENOENT if the
 * device has no such attribute, -EACCES, -EPERM, -ENOMEM, errors of callout scripts, and errors
 * of the vendor driver.
 * Since: 0.1
 */
int mdev_modify_live(const struct mdev_device *device, const struct mdev_definition *definition,
		     unsigned int flags);

/**
 * mdev_start() - create a device and write its attributes
 * @definition: definition with parent and type; it need not be stored
 * @flags: combination of MDEV_OP_NO_MODULE, MDEV_OP_NO_CALLOUTS, MDEV_OP_FORCE and
 *	MDEV_OP_NO_WAIT
 *
 * If the parent is missing, the modules with the alias "mdev-parent:<name>" are loaded, and for
 * a PCI parent also the modules for its modalias. If a module was loaded, the call waits for
 * the parent. Modules are loaded only if the root directory is "/".
 *
 * The attributes are written in order, with one write each. The call waits for files that
 * appear late, and repeats a write while the driver returns -EAGAIN. Symbolic links are not
 * followed. If an attribute cannot be written, the device is removed again; if the removal
 * fails, too, the error text gives both reasons.
 *
 * While a device with attributes is being started, <root>/run/mdevctl has a file for it. If the
 * process is killed, the file stays: the next mdev_start() or mdev_autostart() of the device
 * removes it, with a warning, and starts it again. If the device is in use, the call fails.
 *
 * After this call, mdev_device_lookup() finds the device. Its driver may bind a little later,
 * and its nodes appear only then: wait for MDEV_EVENT_DEVICE_CHANGED.
 *
 * If the kernel refuses, the error text adds the likely reason: instances left, devices
 * on the parent, the owner of the UUID, missing privileges.
 *
 * Return: 0, -EINVAL without parent or type or if the kernel refuses, -ENODEV if the parent
 * does not exist, -ENOENT if the parent does not support the type or the device has no such
 * attribute, -EEXIST if the UUID is active, -EBUSY if what a killed start left is in use, -EUSERS
 * if no instance is left, -EACCES, -EPERM, -ENOMEM, errors of callout scripts, and errors of the
 * vendor driver.
 * Since: 0.1
 */
int mdev_start(const struct mdev_definition *definition, unsigned int flags);

/**
 * mdev_instance_fn - receives each device of mdev_start_instances() or mdev_define_instances()
 * @data: the pointer given to that function
 * @definition: what was started or defined
 * @done: how many there are now
 *
 * Return: 0 to continue; anything else ends the function, which then undoes what it has done and
 * returns -EINTR. The callback may call the library.
 */
typedef int mdev_instance_fn(void *data, const struct mdev_definition *definition, size_t done);

/**
 * mdev_start_instances() - start several devices of one kind, or none of them
 * @model: definition that the devices are made from; it need not be stored
 * @count: how many devices, at least 1
 * @flags: combination of MDEV_OP_ANY and the flags of mdev_start()
 * @fn: called for each device; NULL for none
 * @data: handed to @fn
 * @started: gets an array of the definitions as they were started, to be freed with
 *	mdev_definition_list_free(); may be NULL
 *
 * The first device has the UUID of @model, the others have new random ones. All of them have its
 * attributes.
 *
 * The parent of @model may be a PCI physical function that is not registered as a parent itself,
 * but has virtual functions that are. Each device is then started on the first virtual function,
 * in the order of their numbers, with an instance of the type left: one is used up before the
 * next, so that later ones stay free for other types.
 *
 * With MDEV_OP_ANY, a parent that is not set stands for all parents, in the order of their names,
 * and the type may be an id, a name (in upper or lower case) or a device API, such as "vfio-ap".
 * If there are types with that id, only they are considered; otherwise those with that name;
 * otherwise those with that API. If several types of one parent match, it is the one with most
 * instances left, which is the smallest slice.
 *
 * Where several places are possible, a place is left for the next one if it turns out to be full,
 * busy or gone. If a device cannot be started, those started before it are stopped again, the last
 * first, and the error text says so. It names any device that could not be stopped. Signals that
 * end the process, and mdev_ctx_cancel(), have the same effect.
 * Source: the links virtfn<n> of Documentation/ABI/testing/sysfs-bus-pci.
 *
 * Return: 0, -EINVAL for a @count of 0 or without parent or type, -ENOENT if there is no such type,
 * -ENODEV with MDEV_OP_ANY if there is no parent, -EUSERS if no instance is left in any place,
 * -EINTR, and errors of mdev_start().
 * Since: 0.1
 */
int mdev_start_instances(const struct mdev_definition *model, size_t count, unsigned int flags,
			 mdev_instance_fn *fn, void *data, struct mdev_definition ***started);

/**
 * mdev_define_instances() - define several devices of one kind, or none of them
 * @model: definition that the new definitions are made from; it need not be stored
 * @count: how many definitions, at least 1
 * @flags: combination of MDEV_OP_ANY, MDEV_OP_NO_CALLOUTS, MDEV_OP_FORCE and MDEV_OP_STRICT
 * @fn: called for each definition; NULL for none
 * @data: handed to @fn
 * @defined: gets an array of the definitions, to be freed with mdev_definition_list_free(); may
 *	be NULL
 *
 * Parents and types are chosen as by mdev_start_instances(). Where there is a choice, instances
 * that definitions of inactive devices will need count as used, so that all devices can be active
 * at the same time. On a parent that is given by its own name, as many can be defined as wanted.
 *
 * Return: 0, -EINVAL for a @count of 0 or without parent or type, -ENOENT if there is no such type,
 * -ENODEV with MDEV_OP_ANY if there is no parent, -EUSERS if no instance is left in any place,
 * -EINTR, and errors of mdev_define().
 * Since: 0.1
 */
int mdev_define_instances(const struct mdev_definition *model, size_t count, unsigned int flags,
			  mdev_instance_fn *fn, void *data, struct mdev_definition ***defined);

/**
 * mdev_move() - move a stored definition to another parent
 * @definition: definition as it was read
 * @parent: name of the new parent, which need not exist now; a PCI physical function as for
 *	mdev_define_instances()
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_FORCE
 * @moved: gets the definition for the new parent, to be released with mdev_definition_unref(); may
 *	be NULL
 *
 * UUID, type, start mode, attributes and members that libmdev does not know are kept. To scripts
 * this is a definition on the new parent, and then an end of the one on the old parent. If the
 * latter fails, the new definition is removed again. An active device stays where it is.
 *
 * Return: 0, -EEXIST if the device is defined on the new parent, -ENOENT if the device is not
 * defined, or if the new parent is there and lacks the type and MDEV_OP_FORCE is not given,
 * -ESTALE if the file changed since it was read, and errors of mdev_define_instances() and
 * mdev_undefine().
 * Since: 0.1
 */
int mdev_move(const struct mdev_definition *definition, const char *parent, unsigned int flags,
	      struct mdev_definition **moved);

/**
 * mdev_stop() - remove an active device
 * @device: device
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_FORCE
 *
 * The definition of the device, if it has one, is kept. If the device is in use, the kernel asks
 * its users to release it and waits until they do, or the driver refuses. In either case the error
 * text names the processes that mdev_device_list_users() finds. If the driver refuses although
 * nobody uses the device, as that of vGPUs does for some seconds after a virtual machine has ended,
 * this is tried again as long as mdev_ctx_set_timeout() says.
 *
 * The kernel cannot be kept from waiting once it has begun. This happens in a process of its own
 * with the name "mdev-remove". The function waits as long as mdev_ctx_set_timeout() allows, but
 * gives a driver 5 seconds for a device that nobody is seen to use, and then leaves that process
 * alone.
 *
 * Return: 0, -ENODEV if the device is no longer active on its parent, -ETIMEDOUT if it was not
 * released in time, -EINTR if a signal or mdev_ctx_cancel() ended the wait, after both of which the
 * kernel still removes it when it is released, -EBUSY if the vendor driver refuses to release it,
 * -EACCES, -EPERM, -ENOMEM, and errors of callout scripts.
 * Since: 0.1
 */
int mdev_stop(const struct mdev_device *device, unsigned int flags);

/**
 * mdev_autostart_fn - receives the result for each definition
 * @data: the pointer given to mdev_autostart()
 * @definition: definition that is to be started automatically
 * @result: 0 if it was started, -EALREADY if it was active as defined, else -errno
 * @error: on failure the text of mdev_ctx_last_error(), else empty; valid until the function
 *	returns
 *
 * Return: 0 to continue; anything else ends mdev_autostart(), which then undoes unfinished
 * starts and returns -EINTR. The function may call the library.
 */
typedef int mdev_autostart_fn(void *data, const struct mdev_definition *definition, int result,
			      const char *error);

/**
 * mdev_autostart() - start devices that are defined to start automatically
 * @ctx: context
 * @parent: only on this parent; NULL for all parents that have definitions
 * @flags: combination of MDEV_OP_NO_MODULE, MDEV_OP_NO_CALLOUTS and MDEV_OP_NO_WAIT
 * @fn: called for each such definition; NULL for none
 * @data: handed to @fn
 *
 * Devices are started in the order of parent and UUID, each as by mdev_start(). A device that
 * is active as defined is left alone, and no script runs for it, unless its start was killed.
 * Modules of missing parents are loaded as by mdev_start().
 *
 * The call waits for parents, types and instances that appear late, and retries failures that
 * may be temporary, in total for as long as mdev_ctx_set_timeout() allows. It starts other
 * devices in the meantime. If @parent is NULL, a missing parent is not a failure and the call
 * does not wait for it: @fn gets -ENODEV with an empty error, and the devices are left to the
 * event of the parent.
 *
 * A file, script or device that fails does not keep other devices from starting. A file that
 * cannot be read is logged as a warning and counts as a failure. Calls for the same parent
 * exclude each other with a lock in <root>/run/mdevctl.
 *
 * Return: 0, -EINVAL, -ECANCELED if at least one device could not be started, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_autostart(struct mdev_ctx *ctx, const char *parent, unsigned int flags,
		   mdev_autostart_fn *fn, void *data);

/* Status ------------------------------------------------------------------- */

/**
 * enum mdev_verdict - how an active device and its definition match
 *
 * Expect unknown values.
 */
enum mdev_verdict {
	/** It is active as defined. */
	MDEV_VERDICT_RUNNING,
	/** It is active and has no definition. */
	MDEV_VERDICT_TRANSIENT,
	/** It is defined, is started on request only, and is not active. */
	MDEV_VERDICT_STOPPED,
	/** It is active, but its parent, type or attributes are not as defined. */
	MDEV_VERDICT_DIFFERENT,
	/** It should be active; nothing that can be seen prevents its start. */
	MDEV_VERDICT_NOT_STARTED,
	/** It should be active, but the kernel module of its parent is not loaded. */
	MDEV_VERDICT_NO_MODULE,
	/** It should be active, but its parent is missing. */
	MDEV_VERDICT_NO_PARENT,
	/** It should be active, but its parent does not have the type. */
	MDEV_VERDICT_NO_TYPE,
	/** It should be active, but no instance of the type is left. */
	MDEV_VERDICT_NO_INSTANCE,
	/** It should be active, but a device on another parent has its UUID. */
	MDEV_VERDICT_UUID_IN_USE,
	/** It should be active, but mdev_start() would fail for the given reason. */
	MDEV_VERDICT_REFUSED,
	/** The file of its definition is malformed. */
	MDEV_VERDICT_MALFORMED,
	/** The caller may not read the file of its definition. */
	MDEV_VERDICT_UNREADABLE,
	/** It is active, and a process is writing its attributes. */
	MDEV_VERDICT_STARTING,
	/** It is active, but the process that started it was killed: it may lack attributes. */
	MDEV_VERDICT_HALF_STARTED,
	/** It is active, but no virtual machine can use it: it has lost its driver or its node. */
	MDEV_VERDICT_UNUSABLE,
};

/**
 * mdev_status_list() - compare active devices with their definitions
 * @ctx: context
 * @uuid: only the device of this UUID; NULL for all
 * @parent: only devices and definitions of this parent; NULL for all
 * @flags: 0 or MDEV_OP_NO_CALLOUTS
 * @statuses: gets an array sorted by parent, then UUID, with an element for each definition and
 *	for each active device without one; empty without a match
 *
 * Nothing is started, loaded or changed. Why a device is not active is found by the same checks
 * that mdev_start() makes before it creates a device.
 *
 * The attributes of a definition are compared with those that a callout script reports for the
 * active device, in any order; those that no script reports are read from sysfs. Attributes that
 * cannot be read are not compared, nor are those that the definition does not have. Numbers are
 * equal if their values are. Scripts run only for active devices whose definition has
 * attributes. If a script fails, a warning is logged.
 *
 * Only root is told that a start is under way or was killed, and why automatic starts failed: other
 * users cannot read what <root>/run/mdevctl says of them.
 *
 * Return: 0, -EINVAL for other @flags, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_status_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		     unsigned int flags, struct mdev_status ***statuses);

/** mdev_status_list_free() - free the array and its references. Since: 0.1 */
void mdev_status_list_free(struct mdev_status **statuses);

/** mdev_status_ref() - take a reference; returns @status. Since: 0.1 */
struct mdev_status *mdev_status_ref(struct mdev_status *status);

/** mdev_status_unref() - drop a reference. Since: 0.1 */
void mdev_status_unref(struct mdev_status *status);

/** mdev_status_get_uuid() - UUID of the device. Since: 0.1 */
const struct mdev_uuid *mdev_status_get_uuid(const struct mdev_status *status);

/** mdev_status_get_parent() - parent that it is active on, or else defined for. Since: 0.1 */
const char *mdev_status_get_parent(const struct mdev_status *status);

/**
 * mdev_status_get_type() - type that it has, or else is defined with; NULL if it is not active and
 * its definition cannot be read. Since: 0.1
 */
const char *mdev_status_get_type(const struct mdev_status *status);

/** mdev_status_get_owner() - owner of its definition; NULL if it has none. Since: 0.1 */
const char *mdev_status_get_owner(const struct mdev_status *status);

/** mdev_status_is_active() - is it active on this parent? Since: 0.1 */
bool mdev_status_is_active(const struct mdev_status *status);

/** mdev_status_get_verdict() - how device and definition match. Since: 0.1 */
enum mdev_verdict mdev_status_get_verdict(const struct mdev_status *status);

/**
 * mdev_status_get_word() - the verdict as a word
 * @status: status
 *
 * Return: the name of the constant in lower case, without its prefix and with hyphens, such as
 * "no-parent". These words do not change.
 * Since: 0.1
 */
const char *mdev_status_get_word(const struct mdev_status *status);

/**
 * mdev_status_is_well() - is everything as it should be?
 * @status: status
 *
 * Return: true for MDEV_VERDICT_RUNNING, MDEV_VERDICT_TRANSIENT and MDEV_VERDICT_STOPPED.
 * Since: 0.1
 */
bool mdev_status_is_well(const struct mdev_status *status);

/**
 * mdev_status_get_reason() - why the verdict is as it is, in one line for a person; NULL if the
 * verdict says it all. Since: 0.1
 */
const char *mdev_status_get_reason(const struct mdev_status *status);

/**
 * mdev_status_get_advice() - how to correct it, in one line for a person, which may name a
 * command; NULL if there is nothing to correct. Since: 0.1
 */
const char *mdev_status_get_advice(const struct mdev_status *status);

/**
 * mdev_status_get_attempt() - why the last attempt to start it automatically failed
 * @status: status of a device that is not active and is to be started automatically
 *
 * mdev_autostart() records each failure. The record no longer counts when the definition has
 * changed, or the device has been started.
 *
 * Return: the error in one line, as mdev_ctx_last_error() gave it; NULL if no failure is recorded.
 * Since: 0.1
 */
const char *mdev_status_get_attempt(const struct mdev_status *status);

/**
 * mdev_status_get_attempt_time() - when that attempt failed, as "2026-11-29T16:54:58Z"; NULL
 * without mdev_status_get_attempt(). Since: 0.1
 */
const char *mdev_status_get_attempt_time(const struct mdev_status *status);

/**
 * mdev_status_get_attempt_by() - the systemd unit that made that attempt, or the program and its
 * process; NULL without mdev_status_get_attempt(). Since: 0.1
 */
const char *mdev_status_get_attempt_by(const struct mdev_status *status);

/* Documents ---------------------------------------------------------------- */

/*
 * A document describes the devices that a machine should have. Its text is JSON, in the format
 * that mdevctl-document(5) describes.
 */

/**
 * mdev_document_new() - make an empty document
 * @ctx: context
 * @document: gets the document, to be released with mdev_document_unref()
 *
 * Return: 0, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_new(struct mdev_ctx *ctx, struct mdev_document **document);

/** mdev_document_ref() - take a reference; returns @document. Since: 0.1 */
struct mdev_document *mdev_document_ref(struct mdev_document *document);

/** mdev_document_unref() - drop a reference. Since: 0.1 */
void mdev_document_unref(struct mdev_document *document);

/**
 * mdev_document_add_json() - add the devices that a text describes
 * @document: document
 * @name: name of the text for errors, usually that of its file
 * @text: JSON, as mdevctl-document(5) describes
 * @length: bytes in @text, at most MDEV_JSON_LIST_SIZE_MAX
 *
 * Several texts make one document. A member that is not known is an error, as is a device that
 * is described twice, or active on two parents, and a second owner. The error text begins with
 * "NAME:LINE:COLUMN: ".
 *
 * Return: 0, -EBADMSG if @text is malformed or contradicts the document, -ENOMEM; @document is
 * unchanged on error.
 * Since: 0.1
 */
int mdev_document_add_json(struct mdev_document *document, const char *name, const char *text,
			   size_t length);

/**
 * mdev_document_set_owner() - set the owner of the devices that name none
 * @document: document
 * @owner: name of the owner, as for mdev_definition_set_owner()
 *
 * Return: 0, -EINVAL if @owner is not a valid name or @document has another owner, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_set_owner(struct mdev_document *document, const char *owner);

/** mdev_document_get_owner() - its owner, NULL if it has none. Since: 0.1 */
const char *mdev_document_get_owner(const struct mdev_document *document);

/**
 * mdev_document_get_json() - format a document
 * @document: document
 * @text: gets a string without a trailing newline, to be freed with free()
 *
 * Return: 0, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_get_json(const struct mdev_document *document, char **text);

/**
 * mdev_document_export() - describe the devices that the machine has
 * @ctx: context
 * @flags: 0 or MDEV_OP_NO_CALLOUTS
 * @document: gets the document, to be released with mdev_document_unref()
 *
 * The document has the definitions, with their attributes and owners, and the active devices
 * without a definition, with the attributes that mdev_device_get_definition() finds. A warning
 * names each definition that cannot be read or that no document can describe, which is left out.
 * If a device is active with another type or other attributes than defined, a warning is logged,
 * and the document says nothing about the active device. mdev_document_apply() of the document
 * changes nothing.
 *
 * Return: 0, -EINVAL for other @flags, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_export(struct mdev_ctx *ctx, unsigned int flags,
			 struct mdev_document **document);

/**
 * enum mdev_action - what becomes of a device
 *
 * Expect unknown values.
 */
enum mdev_action {
	/** Nothing: it is as described. */
	MDEV_ACTION_NONE,
	/** It is defined, started or both; the machine has no such device. */
	MDEV_ACTION_CREATE,
	/** Its definition or the active device changes, or it is started or stopped. */
	MDEV_ACTION_CHANGE,
	/** It is stopped and its definition removed; the document does not describe it. */
	MDEV_ACTION_REMOVE,
	/** Nothing: it belongs to another owner, or cannot be read. */
	MDEV_ACTION_CONFLICT,
};

/**
 * mdev_document_plan() - compare a document with the machine
 * @document: document
 * @flags: combination of MDEV_OP_NO_CALLOUTS and MDEV_OP_ADOPT
 * @changes: gets an array sorted by UUID, then parent, with an element for each device that
 *	mdev_document_apply() with these flags would look at, also those that are as described
 *
 * Nothing is changed. Attributes are compared as by mdev_status_list().
 *
 * Return: 0, -EINVAL for other @flags, -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_plan(const struct mdev_document *document, unsigned int flags,
		       struct mdev_change ***changes);

/** mdev_change_list_free() - free the array and its references. Since: 0.1 */
void mdev_change_list_free(struct mdev_change **changes);

/** mdev_change_ref() - take a reference; returns @change. Since: 0.1 */
struct mdev_change *mdev_change_ref(struct mdev_change *change);

/** mdev_change_unref() - drop a reference. Since: 0.1 */
void mdev_change_unref(struct mdev_change *change);

/** mdev_change_get_uuid() - UUID of the device. Since: 0.1 */
const struct mdev_uuid *mdev_change_get_uuid(const struct mdev_change *change);

/** mdev_change_get_parent() - its parent. Since: 0.1 */
const char *mdev_change_get_parent(const struct mdev_change *change);

/** mdev_change_get_type() - type that it is to have; for one to be removed, its type. Since: 0.1 */
const char *mdev_change_get_type(const struct mdev_change *change);

/** mdev_change_get_owner() - owner that it is to have, NULL for none. Since: 0.1 */
const char *mdev_change_get_owner(const struct mdev_change *change);

/** mdev_change_get_action() - what becomes of the device. Since: 0.1 */
enum mdev_action mdev_change_get_action(const struct mdev_change *change);

/**
 * mdev_change_get_word() - the action as a word
 * @change: change
 *
 * Return: the name of the constant in lower case without its prefix, such as "create". These
 * words do not change.
 * Since: 0.1
 */
const char *mdev_change_get_word(const struct mdev_change *change);

/**
 * mdev_change_get_steps() - the steps of the action
 * @change: change
 *
 * Return: words with commas between them, in the order in which the steps are carried out:
 * "stop", "define", "set" (attributes of the active device), "start", "modify" and "undefine";
 * NULL if there are none. These words do not change.
 * Since: 0.1
 */
const char *mdev_change_get_steps(const struct mdev_change *change);

/**
 * mdev_change_get_reason() - what differs, in one line for a person; NULL if the action says it
 * all. Since: 0.1
 */
const char *mdev_change_get_reason(const struct mdev_change *change);

/**
 * mdev_apply_fn - receives the result for each change
 * @data: the pointer given to mdev_document_apply()
 * @change: change, whose action is not MDEV_ACTION_NONE
 * @done: how many changes have their result, with this one
 * @total: how many changes there are
 * @result: 0 if the change was made, -EPERM for MDEV_ACTION_CONFLICT, else -errno
 * @error: on failure the text of mdev_ctx_last_error(), else empty; valid until the function
 *	returns
 *
 * Return: 0 to continue; anything else ends mdev_document_apply(), which returns -EINTR. The
 * function may call the library.
 */
typedef int mdev_apply_fn(void *data, const struct mdev_change *change, size_t done,
			  size_t total, int result, const char *error);

/**
 * mdev_document_apply() - make the devices of a document as it describes them
 * @document: document
 * @flags: combination of MDEV_OP_NO_MODULE, MDEV_OP_NO_CALLOUTS, MDEV_OP_FORCE,
 *	MDEV_OP_NO_WAIT and MDEV_OP_ADOPT
 * @fn: called for each change; NULL for none
 * @data: handed to @fn
 *
 * The changes are those of mdev_document_plan(). Each step is carried out as by mdev_stop(),
 * mdev_define(), mdev_modify_live(), mdev_start(), mdev_modify() and mdev_undefine(), with their
 * scripts. A definition that another process changes meanwhile is not touched.
 *
 * If a step fails, the earlier steps of this device, on all of its parents, are undone; the error
 * text adds what could not be undone. The other devices are changed nevertheless. Devices that
 * release instances come first, and those that find no instance are tried again after the others.
 *
 * A device that the document does not describe is removed only if its owner is that of the
 * document. A device that it describes, and whose owner is another one or none, is left alone
 * and reported as a conflict, unless MDEV_OP_ADOPT is given. An active device without a
 * definition has no owner.
 *
 * If the process is killed, the same call completes the work. Calls exclude each other with a
 * lock in <root>/run/mdevctl.
 *
 * Return: 0, -EINVAL for other @flags, -ECANCELED if at least one device is not as described,
 * -EACCES, -ENOMEM.
 * Since: 0.1
 */
int mdev_document_apply(const struct mdev_document *document, unsigned int flags,
			mdev_apply_fn *fn, void *data);

/* Kernel modules ----------------------------------------------------------- */

/**
 * enum mdev_module_state - whether a kernel module can be used
 *
 * From worst to best. Expect unknown values.
 */
enum mdev_module_state {
	/** The running kernel has no such module. */
	MDEV_MODULE_MISSING,
	/** It is on the block list of modprobe.d(5), and not loaded. */
	MDEV_MODULE_BLOCKED,
	/** It can be loaded. */
	MDEV_MODULE_AVAILABLE,
	/** It is loaded, or built into the kernel. */
	MDEV_MODULE_LOADED,
};

/**
 * mdev_module_get_state() - can a kernel module be used?
 * @ctx: context whose root directory is "/"
 * @name: name of a module ("mdev", "vfio_mdev") or an alias: "mdev-parent:<name>" for the
 *	module of a parent, or the result of mdev_parent_info_get_modalias()
 * @state: gets the state; the best one, if several modules have the alias
 *
 * Return: 0, -EINVAL if @name is empty, -EOPNOTSUPP without libkmod or in another root
 * directory, -ENOMEM.
 * Since: 0.1
 */
int mdev_module_get_state(struct mdev_ctx *ctx, const char *name, enum mdev_module_state *state);

/**
 * mdev_module_load() - load a kernel module and what it depends on
 * @ctx: context whose root directory is "/"
 * @name: as for mdev_module_get_state(); all modules that have an alias are loaded
 *
 * Return: 0, also if the module is already loaded, -EINVAL if @name is empty, -ENOENT if there
 * is no such module, -EPERM if the module is on the block list or the caller may not load
 * modules, -EOPNOTSUPP without libkmod or in another root directory, -ENOMEM, and errors of the
 * kernel.
 * Since: 0.1
 */
int mdev_module_load(struct mdev_ctx *ctx, const char *name);

/* Monitor ------------------------------------------------------------------ */

/**
 * enum mdev_event_kind - what happened
 *
 * Expect unknown kinds, and ignore them.
 */
enum mdev_event_kind {
	/** A device was created; its driver may bind later, which is a change. */
	MDEV_EVENT_DEVICE_ADDED,
	/** A device was removed. */
	MDEV_EVENT_DEVICE_REMOVED,
	/** A driver bound to a device, unbound from it, or reports a change. */
	MDEV_EVENT_DEVICE_CHANGED,
	/** A parent registered: it has types now. */
	MDEV_EVENT_PARENT_ADDED,
	/** A parent unregistered; its devices were removed before. */
	MDEV_EVENT_PARENT_REMOVED,
	/** A new definition was stored. */
	MDEV_EVENT_DEFINITION_ADDED,
	/** A definition was removed. */
	MDEV_EVENT_DEFINITION_REMOVED,
	/** A definition was written. */
	MDEV_EVENT_DEFINITION_CHANGED,
	/** Events were lost; the events that follow make up for them, see mdev_monitor_next(). */
	MDEV_EVENT_LOST,
};

/**
 * mdev_monitor_new() - start to watch devices, parents and definitions
 * @ctx: context; setting another root directory later does not affect the monitor
 * @monitor: gets the monitor, to be released with mdev_monitor_unref()
 *
 * Every change after this function has returned is reported: list the objects then, and nothing
 * is missed. Definitions are watched even while their directory, or that of a parent, is
 * missing or being replaced. Symbolic links to directories are followed, but the target of a
 * definition that is a symbolic link is not watched.
 *
 * If the root directory is "/", events of devices and parents are those of the running kernel, in
 * the initial network namespace. If udevd is running, they arrive after udevd has handled them,
 * when nodes have their permissions; otherwise they arrive directly from the kernel. Another root
 * directory has no such events. If it has a directory sys, the monitor looks there ten times a
 * second; it reports devices and parents that come and go, but not that a device changed.
 * Source: uevents of the subsystem mdev, and of parents that register and unregister.
 *
 * Return: 0, -ENOENT without a root directory, -EACCES, -EMFILE or -ENOSPC if a limit of
 * inotify(7) is reached, -EOPNOTSUPP without libudev, -ENOMEM.
 * Since: 0.1
 */
int mdev_monitor_new(struct mdev_ctx *ctx, struct mdev_monitor **monitor);

/** mdev_monitor_ref() - take a reference; returns @monitor. Since: 0.1 */
struct mdev_monitor *mdev_monitor_ref(struct mdev_monitor *monitor);

/** mdev_monitor_unref() - drop a reference; the last one ends the watch. Since: 0.1 */
void mdev_monitor_unref(struct mdev_monitor *monitor);

/**
 * mdev_monitor_get_fd() - the descriptor to wait on
 * @monitor: monitor
 *
 * Return: a descriptor that belongs to @monitor; use it only to poll for reading, with poll(2),
 * epoll(7) or an event loop. It is readable while there may be events: then call
 * mdev_monitor_next() until there are none.
 * Since: 0.1
 */
int mdev_monitor_get_fd(const struct mdev_monitor *monitor);

/**
 * mdev_monitor_next() - take the next event
 * @monitor: monitor
 * @event: gets the event, to be released with mdev_event_unref()
 *
 * The function does not wait. A change that is undone before it is noticed, such as a definition
 * that is stored and removed at once, may not be reported.
 *
 * If events were dropped, by the kernel or by a failure of this function, MDEV_EVENT_LOST takes
 * their place. Then the monitor looks which objects exist, and reports as events how they differ
 * from those that it has reported. A caller that keeps track of all objects is up to date when this
 * function returns -EAGAIN; what it has missed are objects that came and went again, and changes of
 * objects that still exist, except of definitions.
 *
 * Return: 0, -EAGAIN, without an error text, if there is no event, -ENOMEM, and errors of the
 * kernel.
 * Since: 0.1
 */
int mdev_monitor_next(struct mdev_monitor *monitor, struct mdev_event **event);

/** mdev_event_ref() - take a reference; returns @event. Since: 0.1 */
struct mdev_event *mdev_event_ref(struct mdev_event *event);

/** mdev_event_unref() - drop a reference. Since: 0.1 */
void mdev_event_unref(struct mdev_event *event);

/** mdev_event_get_kind() - what happened. Since: 0.1 */
enum mdev_event_kind mdev_event_get_kind(const struct mdev_event *event);

/**
 * mdev_event_get_uuid() - UUID of the device or definition, NULL for a parent or lost
 * events. Since: 0.1
 */
const struct mdev_uuid *mdev_event_get_uuid(const struct mdev_event *event);

/** mdev_event_get_parent() - name of the parent, NULL for lost events. Since: 0.1 */
const char *mdev_event_get_parent(const struct mdev_event *event);

/**
 * mdev_event_get_type() - type of the device, also of one that was removed; NULL if it is not
 * known, and for other objects. Since: 0.1
 */
const char *mdev_event_get_type(const struct mdev_event *event);

#ifdef __cplusplus
}
#endif

#endif

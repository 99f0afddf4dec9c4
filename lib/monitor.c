// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <libudev.h>

#include "backend.h"
#include "library.h"
#include "log.h"
#include "reported.h"
#include "sysfs.h"
#include "watch.h"
#include "util/refs.h"

#define LIBUDEV "libudev.so.1"

LIBRARY_NOTE("[{\"feature\":\"udev\","
	     "\"description\":\"Watch devices and parents come and go\","
	     "\"priority\":\"recommended\",\"soname\":[\"" LIBUDEV "\"]}]");

/* There while udevd runs; libudev itself looks at it. */
#define UDEVD_SOCKET "/run/udev/control"

/*
 * Events of other subsystems fill it, too. Without the privilege for this size the kernel gives
 * less.
 */
#define RECEIVE_BUFFER (16 * 1024 * 1024)

/* Another root has no events: how long a change of its devices may go unnoticed. */
#define COMPARE_MS 100

#define FUNCTIONS(do)                             \
	do(udev_new)                              \
	do(udev_unref)                            \
	do(udev_monitor_new_from_netlink)         \
	do(udev_monitor_set_receive_buffer_size)  \
	do(udev_monitor_enable_receiving)         \
	do(udev_monitor_get_fd)                   \
	do(udev_monitor_receive_device)           \
	do(udev_monitor_unref)                    \
	do(udev_device_get_action)                \
	do(udev_device_get_devpath)               \
	do(udev_device_get_subsystem)             \
	do(udev_device_get_property_value)        \
	do(udev_device_unref)

struct libudev {
	void *handle;
	struct udev *udev;
	struct udev_monitor *monitor;	/* NULL if uevents are not those of the root */
	FUNCTIONS(LIBRARY_MEMBER)
};

struct mdev_event {
	unsigned int refs;
	struct mdev_event *next;	/* in the queue */
	enum mdev_event_kind kind;
	struct mdev_uuid uuid;
	const char *type;
	char parent[];	/* and the type after it */
};

struct mdev_monitor {
	unsigned int refs;
	struct mdev_ctx *ctx;
	int epoll;		/* of the following and what libudev and watch have */
	int waiting;		/* an eventfd, readable while an event waits in here */
	int timer;		/* for the next comparison; -1 where there are uevents */
	bool is_waiting;
	bool lost;
	bool stale;		/* after the events that are left, look what was lost */
	struct mdev_event *first, **last;
	struct libudev lib;
	struct watch *watch;
	struct reported *reported;
};

/* Events --------------------------------------------------------------------- */

MDEV_EXPORT struct mdev_event *mdev_event_ref(struct mdev_event *event)
{
	refs_get(&event->refs);
	return event;
}

MDEV_EXPORT void mdev_event_unref(struct mdev_event *event)
{
	if (event && refs_put(&event->refs))
		free(event);
}

MDEV_EXPORT enum mdev_event_kind mdev_event_get_kind(const struct mdev_event *event)
{
	return event->kind;
}

MDEV_EXPORT const struct mdev_uuid *mdev_event_get_uuid(const struct mdev_event *event)
{
	return *event->uuid.text ? &event->uuid : NULL;
}

MDEV_EXPORT const char *mdev_event_get_parent(const struct mdev_event *event)
{
	return *event->parent ? event->parent : NULL;
}

MDEV_EXPORT const char *mdev_event_get_type(const struct mdev_event *event)
{
	return event->type;
}

static struct mdev_event *event_make(enum mdev_event_kind kind, const struct mdev_uuid *uuid,
				     const char *parent, const char *type)
{
	size_t parent_size = strlen(parent) + 1;
	struct mdev_event *event =
		malloc(sizeof(*event) + parent_size + (type ? strlen(type) + 1 : 0));

	if (!event)
		return NULL;
	event->refs = 1;
	event->next = NULL;
	event->kind = kind;
	event->uuid = *uuid;
	strcpy(event->parent, parent);
	event->type = type ? strcpy(event->parent + parent_size, type) : NULL;
	return event;
}

/* @data: the monitor. -ENOMEM, unreported. */
static int monitor_enqueue(void *data, enum mdev_event_kind kind, const struct mdev_uuid *uuid,
			   const char *parent, const char *type)
{
	struct mdev_event *event = event_make(kind, uuid, parent, type);
	struct mdev_monitor *monitor = data;

	if (!event)
		return -ENOMEM;
	*monitor->last = event;
	monitor->last = &event->next;
	return 0;
}

/* @data: the monitor. -ENOMEM, unreported. */
static int monitor_enqueue_definition(void *data, enum mdev_event_kind kind,
				      const struct mdev_uuid *uuid, const char *parent)
{
	return monitor_enqueue(data, kind, uuid, parent, NULL);
}

static int monitor_enqueue_device(struct mdev_monitor *monitor, const struct backend_event *event)
{
	_cleanup_free_ char *type = NULL;
	int r;

	r = reported_note(monitor->reported, event->kind, &event->uuid, event->parent, &type);
	return r < 0 ? r : monitor_enqueue(monitor, event->kind, &event->uuid, event->parent, type);
}

static struct mdev_event *monitor_dequeue(struct mdev_monitor *monitor)
{
	struct mdev_event *event = monitor->first;

	monitor->first = event->next;
	if (!monitor->first)
		monitor->last = &monitor->first;
	event->next = NULL;
	return event;
}

/* Uevents ---------------------------------------------------------------------- */

/* Return: NULL, or why libudev cannot be used. */
static const char *libudev_open(struct libudev *lib)
{
#define RESOLVE(function) LIBRARY_RESOLVE(lib, function)
	lib->handle = dlopen(LIBUDEV, RTLD_NOW | RTLD_LOCAL);
	if (!lib->handle)
		return dlerror();
	FUNCTIONS(RESOLVE)
	return NULL;
}

static void libudev_close(struct libudev *lib)
{
	if (lib->monitor)
		lib->udev_monitor_unref(lib->monitor);
	if (lib->udev)
		lib->udev_unref(lib->udev);
	if (lib->handle)
		dlclose(lib->handle);
}

static int monitor_fail_uevents(struct mdev_ctx *ctx, int r)
{
	return log_fail_kernel(ctx, r, "Failed to receive the kernel's events: " OS_ERROR,
			OS_ERROR_ARGS(r));
}

/*
 * After udevd's rules, which make nodes and set their permissions; directly if udevd is not
 * running.
 */
static int monitor_receive_uevents(struct mdev_monitor *monitor)
{
	const char *source = access(UDEVD_SOCKET, F_OK) == 0 ? "udev" : "kernel";
	struct libudev *lib = &monitor->lib;
	const char *problem;
	int r;

	problem = libudev_open(lib);
	if (problem)
		return log_fail(monitor->ctx, -EOPNOTSUPP, "Cannot watch devices: %s", problem);
	errno = 0;
	lib->udev = lib->udev_new();
	if (lib->udev)
		lib->monitor = lib->udev_monitor_new_from_netlink(lib->udev, source);
	if (!lib->monitor)
		return monitor_fail_uevents(monitor->ctx, errno > 0 ? -errno : -ENOMEM);
	lib->udev_monitor_set_receive_buffer_size(lib->monitor, RECEIVE_BUFFER);
	r = lib->udev_monitor_enable_receiving(lib->monitor);
	return r < 0 ? monitor_fail_uevents(monitor->ctx, r) : 0;
}

/* One that libudev has received. */
struct monitor_uevent {
	struct uevent uevent;
	const struct libudev *lib;
	struct udev_device *device;
};

static const char *monitor_get_property(const struct uevent *uevent, const char *name)
{
	const struct monitor_uevent *received = (const struct monitor_uevent *)uevent;

	return received->lib->udev_device_get_property_value(received->device, name);
}

static int monitor_add_to_epoll(struct mdev_monitor *monitor, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(monitor->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Only after a comparison: whoever asks without waiting must not put the next one off. */
static void monitor_wind_timer(const struct mdev_monitor *monitor)
{
	const struct itimerspec next = { .it_value.tv_nsec = COMPARE_MS * 1000000L };

	if (monitor->timer >= 0)
		timerfd_settime(monitor->timer, 0, &next, NULL);
}

/* Not where the root has no sysfs, so that nothing is ever to be seen. */
static int monitor_start_timer(struct mdev_monitor *monitor)
{
	_cleanup_close_ int sysfs = -1;
	int r = monitor->timer < 0 ? sysfs_open(monitor->ctx, &sysfs, "%s", "") : -EALREADY;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	monitor->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (monitor->timer < 0)
		return -errno;
	monitor_wind_timer(monitor);
	return monitor_add_to_epoll(monitor, monitor->timer);
}

static int monitor_handle_uevent(struct mdev_monitor *monitor, struct udev_device *device)
{
	const struct libudev *lib = &monitor->lib;
	const struct monitor_uevent received = {
		.uevent = {
			.action = lib->udev_device_get_action(device),
			.path = lib->udev_device_get_devpath(device),
			.subsystem = lib->udev_device_get_subsystem(device),
			.get_property = monitor_get_property,
		},
		.lib = lib,
		.device = device,
	};
	struct backend_event event;

	if (!received.uevent.action || !received.uevent.path)
		return 0;
	backend_foreach(monitor->ctx, backend)
		if (backend->read_event && backend->read_event(&received.uevent, &event))
			return monitor_enqueue_device(monitor, &event);
	backend_foreach(monitor->ctx, backend)
		if (backend->may_change && backend->may_change(&received.uevent))
			return monitor_start_timer(monitor);
	return 0;
}

/* Return: 1 if one was received, 0 if there is none, -errno reported. */
static int monitor_receive_one(struct mdev_monitor *monitor)
{
	const struct libudev *lib = &monitor->lib;
	struct udev_device *device;
	int r;

	if (!lib->monitor)
		return 0;
	errno = EAGAIN;
	device = lib->udev_monitor_receive_device(lib->monitor);
	if (!device && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* The socket's buffer was full: what did not fit is gone. */
	if (!device && errno == ENOBUFS) {
		monitor->lost = monitor->stale = true;
		return 1;
	}
	if (!device)
		return monitor_fail_uevents(monitor->ctx, -errno);
	r = monitor_handle_uevent(monitor, device);
	lib->udev_device_unref(device);
	return r < 0 ? log_no_memory(monitor->ctx) : 1;
}

/* The monitor ------------------------------------------------------------------ */

/* Whether there is something of which not every change has an event. */
static bool monitor_has_silent(struct mdev_ctx *ctx)
{
	backend_foreach(ctx, backend)
		if (backend->may_change && backend->check(ctx) == 0)
			return true;
	return false;
}

static int monitor_open_descriptors(struct mdev_monitor *monitor)
{
	const struct libudev *lib = &monitor->lib;
	int r;

	monitor->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (monitor->epoll < 0)
		return -errno;
	monitor->waiting = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (monitor->waiting < 0)
		return -errno;
	r = monitor_add_to_epoll(monitor, monitor->waiting);
	if (r == 0)
		r = monitor_add_to_epoll(monitor, watch_get_fd(monitor->watch));
	if (r == 0 && lib->monitor)
		r = monitor_add_to_epoll(monitor, lib->udev_monitor_get_fd(lib->monitor));
	if (r == 0 && (!lib->monitor || monitor_has_silent(monitor->ctx)))
		r = monitor_start_timer(monitor);
	return r;
}

static void monitor_unrefp(struct mdev_monitor **monitor)
{
	mdev_monitor_unref(*monitor);
}

MDEV_EXPORT int mdev_monitor_new(struct mdev_ctx *ctx, struct mdev_monitor **monitor)
{
	_cleanup_(monitor_unrefp) struct mdev_monitor *new = NULL;
	int r;

	if (ANY_NULL(ctx, monitor))
		return log_null(ctx);
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_no_memory(ctx);
	new->refs = 1;
	new->ctx = mdev_ctx_ref(ctx);
	new->epoll = new->waiting = new->timer = -1;
	new->last = &new->first;
	r = watch_new(ctx, monitor_enqueue_definition, new, &new->watch);
	/* Another root's devices are not the running kernel's. */
	if (r == 0 && ctx_is_live(ctx))
		r = monitor_receive_uevents(new);
	/* Listed when events are received already, so that nothing is between the two. */
	if (r == 0)
		r = reported_new(ctx, &new->reported);
	if (r < 0)
		return r;
	r = monitor_open_descriptors(new);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to make a monitor: " OS_ERROR,
				       OS_ERROR_ARGS(r));
	*monitor = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT struct mdev_monitor *mdev_monitor_ref(struct mdev_monitor *monitor)
{
	refs_get(&monitor->refs);
	return monitor;
}

MDEV_EXPORT void mdev_monitor_unref(struct mdev_monitor *monitor)
{
	if (!monitor || !refs_put(&monitor->refs))
		return;
	while (monitor->first)
		mdev_event_unref(monitor_dequeue(monitor));
	util_close(monitor->epoll);
	util_close(monitor->waiting);
	util_close(monitor->timer);
	reported_free(monitor->reported);
	watch_free(monitor->watch);
	libudev_close(&monitor->lib);
	mdev_ctx_unref(monitor->ctx);
	free(monitor);
}

MDEV_EXPORT int mdev_monitor_get_fd(const struct mdev_monitor *monitor)
{
	return monitor->epoll;
}

/* Return: 1 if something was handled, 0 if nothing has happened, -errno reported. */
static int monitor_handle_definitions(struct mdev_monitor *monitor)
{
	int r = watch_handle(monitor->watch);

	if (r != -EOVERFLOW)
		return r;
	monitor->lost = monitor->stale = true;
	return 1;
}

static bool monitor_is_due(const struct mdev_monitor *monitor)
{
	uint64_t expirations;

	return monitor->stale ||
	       (monitor->timer >= 0 && read(monitor->timer, &expirations, sizeof(expirations)) > 0);
}

/* Return: 0, -errno reported. */
static int monitor_compare(struct mdev_monitor *monitor)
{
	int r;

	if (!monitor_is_due(monitor))
		return 0;
	r = reported_compare(monitor->reported, monitor_enqueue, monitor);
	monitor_wind_timer(monitor);
	if (r == 0)
		monitor->stale = false;
	return r;
}

/* Until an event waits or nothing has happened; most uevents are those of others. */
static int monitor_collect(struct mdev_monitor *monitor)
{
	int uevents = 1, definitions = 1;

	while (!monitor->first && !monitor->lost && uevents + definitions > 0) {
		uevents = monitor_receive_one(monitor);
		if (uevents < 0)
			return uevents;
		definitions = monitor_handle_definitions(monitor);
		if (definitions < 0)
			return definitions;
	}
	return monitor->first || monitor->lost ? 0 : monitor_compare(monitor);
}

/* Keeps the descriptor readable while there is something to take. */
static void monitor_show_waiting(struct mdev_monitor *monitor)
{
	bool is_waiting = monitor->first || monitor->lost || monitor->stale;
	eventfd_t value;

	if (is_waiting == monitor->is_waiting)
		return;
	if (is_waiting ? eventfd_write(monitor->waiting, 1) == 0 :
			 eventfd_read(monitor->waiting, &value) == 0)
		monitor->is_waiting = is_waiting;
}

static int monitor_take(struct mdev_monitor *monitor, struct mdev_event **event)
{
	struct mdev_event *lost;

	/* Changes from before the loss come first. */
	if (monitor->first) {
		*event = monitor_dequeue(monitor);
		return 0;
	}
	if (!monitor->lost)
		return -EAGAIN;
	lost = event_make(MDEV_EVENT_LOST, &(struct mdev_uuid){ "" }, "", NULL);
	if (!lost)
		return log_no_memory(monitor->ctx);
	monitor->lost = false;
	*event = lost;
	return 0;
}

MDEV_EXPORT int mdev_monitor_next(struct mdev_monitor *monitor, struct mdev_event **event)
{
	int r;

	if (ANY_NULL(monitor, event))
		return log_null(monitor ? monitor->ctx : NULL);
	r = monitor_collect(monitor);
	if (r < 0)
		monitor->lost = monitor->stale = true;
	else
		r = monitor_take(monitor, event);
	monitor_show_waiting(monitor);
	return r;
}

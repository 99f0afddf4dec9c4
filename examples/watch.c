// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Prints events of devices, parents and definitions until it is interrupted: an epoll loop, as a
 * daemon has it, with the monitor as one of its descriptors.
 */
#include <errno.h>
#include <libmdev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * Indexed by kind: a later version of the library may have kinds that this program does not know.
 */
static const char *const texts[] = {
	[MDEV_EVENT_DEVICE_ADDED] = "device added",
	[MDEV_EVENT_DEVICE_REMOVED] = "device removed",
	[MDEV_EVENT_DEVICE_CHANGED] = "device changed",
	[MDEV_EVENT_PARENT_ADDED] = "parent added",
	[MDEV_EVENT_PARENT_REMOVED] = "parent removed",
	[MDEV_EVENT_DEFINITION_ADDED] = "definition added",
	[MDEV_EVENT_DEFINITION_REMOVED] = "definition removed",
	[MDEV_EVENT_DEFINITION_CHANGED] = "definition changed",
	[MDEV_EVENT_LOST] = "events lost",
};

static void print_event(const struct mdev_event *event)
{
	const struct mdev_uuid *uuid = mdev_event_get_uuid(event);
	const char *parent = mdev_event_get_parent(event);
	size_t kind = mdev_event_get_kind(event);

	if (kind >= sizeof(texts) / sizeof(texts[0]))
		return;
	printf("%s", texts[kind]);
	if (parent)
		printf(" %s", parent);
	if (uuid)
		printf(" %s", uuid->text);
	printf("\n");
	fflush(stdout);
}

/* Lists all devices; their changes are events, also those for which an event was lost. */
static int list(struct mdev_ctx *ctx)
{
	struct mdev_device **devices;
	int r = mdev_device_list(ctx, NULL, NULL, &devices);

	if (r < 0)
		return r;
	for (size_t i = 0; devices[i]; i++)
		printf("device %s %s\n", mdev_device_get_parent(devices[i]),
		       mdev_device_get_uuid(devices[i])->text);
	printf("watching\n");
	fflush(stdout);
	mdev_device_list_free(devices);
	return 0;
}

static int handle_events(struct mdev_monitor *monitor)
{
	struct mdev_event *event;
	int r;

	while ((r = mdev_monitor_next(monitor, &event)) == 0) {
		print_event(event);
		mdev_event_unref(event);
	}
	return r == -EAGAIN ? 0 : r;
}

static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static int run(struct mdev_ctx *ctx, struct mdev_monitor *monitor, int signals)
{
	struct epoll_event wanted = { .events = EPOLLIN }, ready;
	int loop = epoll_create1(EPOLL_CLOEXEC), r;

	wanted.data.fd = signals;
	epoll_ctl(loop, EPOLL_CTL_ADD, signals, &wanted);
	wanted.data.fd = mdev_monitor_get_fd(monitor);
	epoll_ctl(loop, EPOLL_CTL_ADD, wanted.data.fd, &wanted);
	r = list(ctx);
	while (r == 0) {
		if (epoll_wait(loop, &ready, 1, -1) < 1)
			continue;
		if (ready.data.fd == signals)
			break;
		r = handle_events(monitor);
	}
	close(loop);
	return r;
}

int main(void)
{
	struct mdev_monitor *monitor = NULL;
	int signals = open_signals(), r;
	struct mdev_ctx *ctx;

	if (mdev_ctx_new(&ctx) < 0)
		return 1;
	/* Watch first, then list: changes in between are reported, too. */
	r = mdev_monitor_new(ctx, &monitor);
	if (r == 0)
		r = run(ctx, monitor, signals);
	if (r < 0)
		fprintf(stderr, "%s\n", mdev_ctx_last_error(ctx));
	mdev_monitor_unref(monitor);
	mdev_ctx_unref(ctx);
	close(signals);
	return r < 0 ? 1 : 0;
}

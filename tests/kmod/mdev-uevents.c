// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-uevents: prints "listening", then "ACTION DEVPATH MDEV_STATE" for every uevent of
 * the kernel, until it is killed. The state is empty when the event has none.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *value(const char *message, const char *end, const char *key)
{
	size_t length = strlen(key);

	for (; message < end; message += strlen(message) + 1)
		if (!strncmp(message, key, length) && message[length] == '=')
			return message + length + 1;
	return "";
}

int main(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	char message[8192];
	ssize_t length;
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&kernel, sizeof(kernel))) {
		perror("uevents");
		return 1;
	}
	setlinebuf(stdout);
	puts("listening");

	while ((length = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		const char *end = message + length;

		message[length] = '\0';
		printf("%s %s %s\n", value(message, end, "ACTION"), value(message, end, "DEVPATH"),
		       value(message, end, "MDEV_STATE"));
	}
	perror("uevents");
	return 1;
}

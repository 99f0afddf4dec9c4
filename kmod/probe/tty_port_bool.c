// SPDX-License-Identifier: GPL-2.0-only
/* tty_port_operations tell lines apart by bool (Linux 6.4). */
#include <linux/tty_port.h>

void probe(struct tty_port *port, bool active);

void probe(struct tty_port *port, bool active)
{
	const struct tty_port_operations ops = { .dtr_rts = probe };

	ops.dtr_rts(port, active);
}

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A parent for each test of the units, and words about them.

load autostart

DROPIN=/run/systemd/system/mdevctl-parent@mtty.service.d
SCRIPT=/usr/lib/mdevctl/scripts.d/callouts/refuses
# What scripts note.
NOTES=/run/notes

# The event of a parent may come late: not before there are definitions, nor after they have gone,
# so that what it starts is of no other test.
setup() {
	modprobe mtty ports=3
	udevadm settle
	mkdir -p /etc/mdevctl.d/mtty
}

teardown() {
	rm -rf /etc/mdevctl.d/* $DROPIN $SCRIPT $NOTES
	udevadm settle
	systemctl daemon-reload
	systemctl stop 'mdevctl-parent@*.service'
	systemctl reset-failed
	modprobe -r mtty
}

# define NUMBER TYPE [PARENT]: to be started automatically
define() {
	mkdir -p "/etc/mdevctl.d/${3:-mtty}"
	printf '{"mdev_type":"%s","start":"auto"}' "$2" >"/etc/mdevctl.d/${3:-mtty}/$(uuid "$1")"
}

# What udev does when a device is added.
comes() {
	udevadm trigger --action=add --settle "$(realpath "$1")"
}

mtty_comes() {
	comes /sys/class/mdev_bus/mtty
}

unit_is() {
	[ "$(systemctl is-active "$1")" = "$2" ]
}

# less_than_a_minute: how long the unit of a parent waits.
less_than_a_minute() {
	mkdir -p $DROPIN
	printf '[Service]\nExecStart=\nExecStart=mdevctl start-parent-mdevs --timeout 2 %%I\n' \
		>$DROPIN/time.conf
	systemctl daemon-reload
}

# script: a callout script, of the commands on standard input.
script() {
	mkdir -p "$(dirname $SCRIPT)" $NOTES
	{ echo '#!/bin/bash'; cat; } >$SCRIPT
	chmod +x $SCRIPT
}

# starts_with_script UUID-NUMBER: in the unit, and the script fails at nothing.
starts_with_script() {
	define "$1" mtty-1
	systemctl start mdevctl-parent@mtty.service || { journal | tail -n 5 >&2; return 1; }
	has_started "$1"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Autostart without systemd: udev's rule alone. tests/vm/boot has what is defined.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --udev --lay build/vm/install --lay tests/vm/boot

bats_require_minimum_version 1.5.0
load autostart

teardown() {
	modprobe -r mtty
}

@test "there is no systemd" {
	[ ! -e /run/systemd/system ]
	[ -S /run/udev/control ]
}

@test "what is defined runs when the parent has appeared, each time" {
	for _ in 1 2; do
		modprobe mtty
		udevadm settle
		same "$BOOT_DEVICES" "$(active)"
		modprobe -r mtty
	done
}

@test "a parent that is there already is found by the events of a cold plug" {
	udevadm control --stop-exec-queue
	modprobe mtty
	same "" "$(active)"
	udevadm control --start-exec-queue
	udevadm settle
	same "$BOOT_DEVICES" "$(active)"
	for device in /sys/bus/mdev/devices/*; do
		echo 1 >"$device/remove"
	done
	udevadm trigger --action=add --settle "$(realpath /sys/class/mdev_bus/mtty)"
	same "$BOOT_DEVICES" "$(active)"
}

@test "a device that is no parent yet holds up none of its events" {
	mkdir /etc/mdevctl.d/loop-control
	cp "/etc/mdevctl.d/mtty/$(uuid 1)" /etc/mdevctl.d/loop-control/
	modprobe loop
	udevadm test --action=add /sys/devices/virtual/misc/loop-control >"$BATS_TEST_TMPDIR/out" 2>&1
	run ! grep -q start-parent-mdevs "$BATS_TEST_TMPDIR/out"
	rm -r /etc/mdevctl.d/loop-control
}

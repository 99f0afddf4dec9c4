#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# mtty as the user of a device sees it, by vfio-client: one test is one of its commands, which
# prints what it tried. Runs as root in a guest, on our core or the kernel's own:
#
#	tests/vm/run bats tests/kmod/vfio-client.bats

TYPES=/sys/devices/virtual/mtty/mtty/mdev_supported_types
SINGLE=c0000000-0000-4000-8000-000000000001
DUAL=c0000000-0000-4000-8000-000000000002

setup_file() {
	modprobe vfio_iommu_type1
	modprobe mtty
	echo $SINGLE >$TYPES/mtty-1/create
	echo $DUAL >$TYPES/mtty-2/create
}

teardown_file() {
	for device in /sys/bus/mdev/devices/c0000000-*; do
		echo 1 >"$device/remove"
	done
	modprobe -r mtty
}

client() {
	build/tests/kmod/vfio-client "$@"
}

@test "the configuration space of a card with one port" {
	client config $SINGLE
}

@test "the configuration space of a card with two ports" {
	client config $DUAL
}

@test "the port of a card with one" {
	client uart $SINGLE 0
}

@test "the first port of a card with two" {
	client uart $DUAL 0
}

@test "the second port of a card with two" {
	client uart $DUAL 1
}

@test "every form of VFIO_DEVICE_SET_IRQS, and the interrupts that follow" {
	client irq $SINGLE
	client irq $DUAL
}

@test "a reset, and a new user" {
	client reset $SINGLE
	client reset $DUAL
}

@test "ioctls with good and bad arguments" {
	client ioctl $SINGLE
	client ioctl $DUAL
}

@test "random requests" {
	client garbage $SINGLE 1 50000
	client garbage $DUAL 2 50000
}

@test "random requests by eight threads" {
	client threads $DUAL 10000
}

# "hold" has the device from when it says so until its input ends.
@test "a second user is turned away while a device is held" {
	coproc client hold $DUAL 3>&-
	local holder=$COPROC_PID input=${COPROC[1]}
	read -r -u "${COPROC[0]}" line
	[ "$line" = "holding $DUAL" ]
	run client info $DUAL
	[ "$status" = 1 ]
	[[ $output == *"Device or resource busy"* ]]
	exec {input}>&-
	wait "$holder"
	client info $DUAL
}

@test "the kernel has found no fault" {
	run grep -E 'WARNING|BUG|refcount|Oops|possible recursive|circular|ODEBUG' <(dmesg)
	[ "$output" = "" ]
}

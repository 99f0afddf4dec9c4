#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl stop of a device that a process uses, and does not release.

bats_require_minimum_version 1.5.0

TYPES=/sys/class/mdev_bus/mtty/mdev_supported_types
DEVICES=/sys/bus/mdev/devices

setup_file() {
	modprobe vfio_iommu_type1
	modprobe mtty ports=5
}

teardown_file() {
	modprobe -r mtty
}

uuid() {
	printf 'e0000000-0000-4000-8000-%012d' "$1"
}

# create TYPE NUMBER
create() {
	uuid "$2" >"$TYPES/$1/create"
}

# "SINGLE DUAL": how many more of each can be created
available() {
	echo "$(<"$TYPES/mtty-1/available_instances") $(<"$TYPES/mtty-2/available_instances")"
}

# used_by_stopped: device 1, by process $user, which does not hear that it should release it before it
# goes on. $check is the program, which has a process of its own for each check.
used_by_stopped() {
	local ready line=""
	create mtty-2 1
	mkfifo "$BATS_TEST_TMPDIR/ready"
	build/tests/vfio/vfio-check let_go "$(uuid 1)" >"$BATS_TEST_TMPDIR/ready" 3>&- &
	check=$!
	exec {ready}<"$BATS_TEST_TMPDIR/ready"
	# The plan comes before it has the device.
	until [[ $line == *open* ]]; do read -r -u "$ready" line; done
	user=$(pgrep -P $check)
	kill -STOP "$user"
}

@test "stop names who does not release a device, and the kernel removes it when it is released" {
	local user check
	used_by_stopped
	run ! build/mdevctl stop -u "$(uuid 1)" --timeout 1
	[[ $output == *" $(uuid 1) is in use by vfio-check (process $user), and was not released within 1 s;"* ]]
	[ "$(available)" = "3 1" ]
	kill -CONT "$user"
	wait $check
	until [ "$(available)" = "5 2" ]; do sleep 0.1; done
}

@test "a signal ends a stop that waits for a user" {
	local user check stop status=0
	used_by_stopped
	env --default-signal build/mdevctl stop -u "$(uuid 1)" --timeout 600 3>&- &
	stop=$!
	# The kernel has begun.
	until [ ! -e "$DEVICES/$(uuid 1)" ]; do sleep 0.1; done
	kill -INT $stop
	wait $stop || status=$?
	[ $status = 130 ]
	kill -CONT "$user"
	wait $check
	until [ "$(available)" = "5 2" ]; do sleep 0.1; done
}

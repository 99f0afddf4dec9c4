#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2314
#
# Linux's own sample drivers on our core: built against the kernel's symbol versions by
# tests/kmod/samples/build, they load only if ours are the same.

SAMPLES=build/samples/$(uname -r)
DEVICES=/sys/bus/mdev/devices

setup_file() {
	modprobe mdev
	modprobe vfio
	dmesg --clear
}

# works SAMPLE INSTANCES: a device of every type can be created, and all are removed.
works() {
	local parent=/sys/class/mdev_bus/$1 type uuid number=0
	insmod "$SAMPLES/$1.ko"
	for type in "$parent"/mdev_supported_types/*; do
		uuid=00000000-0000-4000-8000-00000000000$((++number))
		echo $uuid >"$type/create"
		[ "$DEVICES/$uuid/mdev_type" -ef "$type" ]
		[ -L "$DEVICES/$uuid/iommu_group" ]
		[ "$(<"$type/device_api")" = vfio-pci ]
	done
	[ "$number" = "$2" ]
	echo 1 >$DEVICES/00000000-0000-4000-8000-000000000001/remove
	[ ! -e $DEVICES/00000000-0000-4000-8000-000000000001 ]
	# The others go with their parent.
	rmmod "$1"
	[ -z "$(ls $DEVICES)" ]
	[ ! -e "$parent" ]
}

@test "our core is the one that is loaded" {
	[ -e /sys/module/mdev/version ]
}

@test "Linux's mtty sample creates and removes its devices on our core" {
	works mtty 2
}

@test "Linux's mdpy sample creates and removes its devices on our core" {
	works mdpy 3
}

@test "Linux's mbochs sample creates and removes its devices on our core" {
	works mbochs 3
}

@test "the core can be unloaded, and the kernel has complained about nothing" {
	rmmod mdev
	run grep -E 'WARNING|BUG|refcount|disagrees|ODEBUG' <(dmesg)
	echo "$output"
	[ "$status" = 1 ]
}

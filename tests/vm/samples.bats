#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2314
#
# Linux's own vendor drivers on our core: its samples, built against the kernel's symbol versions
# by tests/kmod/samples/build, and those that the kernel brings. They load only if our symbols
# have the same versions.
#
# vm-debug: their devices are removed by our core

SAMPLES=build/samples/$(uname -r)
DEVICES=/sys/bus/mdev/devices

setup_file() {
	modprobe mdev
	modprobe vfio_iommu_type1
	dmesg --clear
}

# Prints the modules of the kernel that use the mdev core.
vendor_modules() {
	awk -F : '$1 ~ "^kernel/" && $2 ~ "/mdev\\.ko" { print $1 }' "/lib/modules/$(uname -r)/modules.dep" |
		sed 's|.*/||; s|\.ko.*||'
}

# works SAMPLE INSTANCES: a device of every type can be created and used, and all are removed.
works() {
	local parent=/sys/class/mdev_bus/$1 type uuid number=0
	insmod "$SAMPLES/$1.ko"
	for type in "$parent"/mdev_supported_types/*; do
		uuid=00000000-0000-4000-8000-00000000000$((++number))
		echo $uuid >"$type/create"
		[ "$DEVICES/$uuid/mdev_type" -ef "$type" ]
		[ -L "$DEVICES/$uuid/iommu_group" ]
		[ "$(<"$type/device_api")" = vfio-pci ]
		build/tests/vfio/vfio-check info $uuid >"$BATS_TEST_TMPDIR/info"
		grep -q '# region 7 size=0x' "$BATS_TEST_TMPDIR/info"
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

@test "every vendor driver that the kernel brings loads on our core" {
	local module
	[ -n "$(vendor_modules)" ] || skip "the kernel has none"
	for module in $(vendor_modules); do
		modprobe "$module"
		[ -e "/sys/module/mdev/holders/$module" ]
		[ -n "$(ls /sys/bus/mdev/drivers)" ]
		modprobe -r "$module"
	done
	modprobe mdev
	[ -e /sys/module/mdev/version ]
}

@test "the core can be unloaded, and the kernel has complained about nothing" {
	rmmod mdev
	run grep -E 'WARNING|BUG|refcount|disagrees|ODEBUG' <(dmesg)
	echo "$output"
	[ "$status" = 1 ]
}

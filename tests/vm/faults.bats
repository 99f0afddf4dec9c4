#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is left of an operation whose first allocation fails, whose second fails, ...: nothing by
# half, and no fault of the kernel's. Runs as root in the virtual machine, on a kernel with fault
# injection.
#
# vm-by-name: no kernel of Debian has fault injection
# vm-debug: it is what this needs

bats_require_minimum_version 1.5.0

DEBUG=/sys/kernel/debug
DEVICES=/sys/bus/mdev/devices
MODULES=/lib/modules/$(uname -r)/updates
PARENT=/sys/devices/virtual/mdevtest/mdevtest0
TESTDEV=/sys/devices/virtual/testdev/testdev/mdev_supported_types
MTTY=/sys/devices/virtual/mtty/mtty/mdev_supported_types
MDMA=/sys/devices/virtual/mdma/mdma/mdev_supported_types/mdma-1
UUID=f0000000-0000-4000-8000-000000000001

# Every allocation can fail, whether it may wait or not and however small it is. Those that fail
# are not told of in the log.
setup_file() {
	[ -e /proc/self/fail-nth ] || return 0
	local fault
	for fault in failslab fail_page_alloc fail_usercopy; do
		echo 0 >$DEBUG/$fault/verbose
	done
	echo N >$DEBUG/failslab/ignore-gfp-wait
	echo N >$DEBUG/failslab/cache-filter
	echo N >$DEBUG/fail_page_alloc/ignore-gfp-wait
	echo 0 >$DEBUG/fail_page_alloc/min-order
	modprobe vfio_iommu_type1
	modprobe iommufd
	# What is read from there takes no allocations of a network's.
	cp "$MODULES"/*.ko "$BATS_FILE_TMPDIR"
}

setup() {
	[ -e /proc/self/fail-nth ] || skip "the kernel has no fault injection"
}

teardown() {
	local device
	[ -e /proc/self/fail-nth ] || return 0
	for device in $DEVICES/*; do
		[ ! -e "$device" ] || echo 1 >"$device/remove"
	done
	modprobe -r mtty mdma doorbell vfio_mdev_testdev mdevtest
}

faults() {
	build/tests/kmod/mdev-faults "$@"
}

check() {
	build/tests/vfio/vfio-check "$@"
}

by_iommufd() {
	check -i "$@"
}

# Nothing of the devices that were created, or not. What is released late is gone by then.
no_groups() {
	sleep 1
	[ -z "$(ls /sys/kernel/iommu_groups /sys/class/vfio-dev | grep -v :)" ]
}

@test "a device is created, or not at all" {
	modprobe mdevtest
	faults create $PARENT/mdev_supported_types/mdevtest-plain $UUID
	faults create ${PARENT%0}2/mdev_supported_types/mdevtest-counted $UUID
}

@test "a device of the toolkit is created, or not at all" {
	modprobe -a mtty mdma vfio_mdev_testdev
	faults create $MTTY/mtty-2 $UUID
	faults create $TESTDEV/testdev-express $UUID
	faults create $MDMA $UUID
	no_groups
}

@test "a device is removed, or can be removed again" {
	modprobe -a mdevtest mtty
	faults remove $PARENT/mdev_supported_types/mdevtest-plain $UUID
	faults remove $MTTY/mtty-2 $UUID
	no_groups
}

@test "a parent is registered, or not at all, and unregistered in any case" {
	modprobe mdevtest
	faults register $PARENT
	faults unregister $PARENT
}

@test "a device is opened, or can be opened again" {
	modprobe -a vfio_mdev_testdev mtty
	echo $UUID >$MTTY/mtty-2/create
	check fault_open $UUID
	by_iommufd fault_open $UUID
}

@test "a request is done, or an error that changes nothing" {
	modprobe vfio_mdev_testdev
	echo $UUID >$TESTDEV/testdev-express/create
	check fault_requests $UUID
	by_iommufd fault_requests $UUID
}

@test "all eventfds of a request are set, or none" {
	modprobe vfio_mdev_testdev
	echo $UUID >$TESTDEV/testdev-full/create
	check fault_interrupts $UUID
	echo 1 >$DEVICES/$UUID/remove
	echo $UUID >$TESTDEV/testdev-express/create
	check fault_interrupts $UUID
}

@test "a device that is not saved runs on, and one that is not loaded can be reset" {
	modprobe vfio_mdev_testdev
	echo $UUID >$TESTDEV/testdev-full/create
	check fault_migration $UUID
	by_iommufd fault_migration $UUID
}

@test "a device whose DMA fails says so, and goes on" {
	modprobe mdma
	echo $UUID >$MDMA/create
	check fault_dma $UUID
	by_iommufd fault_dma $UUID
}

@test "a module is loaded, or leaves nothing behind" {
	local module
	modprobe vfio_mdev
	for module in mtty mdevtest; do
		faults load "$BATS_FILE_TMPDIR/$module.ko"
	done
	modprobe -r vfio_mdev
	modprobe vfio
	faults load "$BATS_FILE_TMPDIR/mdev.ko"
}

@test "what looks for lost memory has not been switched off by a failed allocation" {
	echo scan=off >$DEBUG/kmemleak
	run ! grep -E 'kmemleak: .*disabled|ODEBUG: ' <(dmesg)
}

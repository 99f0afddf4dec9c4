#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What users of mediated devices are promised, checked by tests/vfio/vfio-check on two mtty devices,
# on testdev, which has what mtty has not, on a DMA engine, and on the example of vfio_mdev(9). Each
# test runs a group of its checks, on the devices that they are for; it prints the results of all.
# Runs as root in a guest.
#
# Of the core the toolkit needs no more than mtty.bats and examples.bats try with --stock.
#
# vm-debug: every request, good and bad, and many at once; and no other kernel has iommufd

bats_require_minimum_version 1.5.0

DUAL=d0000000-0000-4000-8000-000000000002
SINGLE=d0000000-0000-4000-8000-000000000001
TESTDEV=d0000000-0000-4000-8000-00000000000e
EXPRESS=d0000000-0000-4000-8000-0000000000e0
MDMA=d0000000-0000-4000-8000-0000000000da
DOORBELL=d0000000-0000-4000-8000-0000000000db
NEW=d0000000-0000-4000-8000-0000000000ff
MTTY=/sys/devices/virtual/mtty/mtty/mdev_supported_types
TYPES=/sys/devices/virtual/testdev/testdev/mdev_supported_types

setup_file() {
	dmesg --clear
	modprobe vfio_iommu_type1
	modprobe -q iommufd || true
	modprobe mtty
	modprobe -a vfio_mdev_testdev mdma doorbell
	echo $DUAL >$MTTY/mtty-2/create
	echo $SINGLE >$MTTY/mtty-1/create
	echo $TESTDEV >$TYPES/testdev-full/create
	echo $EXPRESS >$TYPES/testdev-express/create
	echo $MDMA >/sys/devices/virtual/mdma/mdma/mdev_supported_types/mdma-1/create
	echo $DOORBELL >/sys/devices/virtual/doorbell/doorbell/mdev_supported_types/doorbell-1/create
}

teardown_file() {
	for device in /sys/bus/mdev/devices/d0000000-*; do
		echo 1 >"$device/remove"
	done
	modprobe -r vfio_mdev_testdev mdma doorbell mtty
}

check() {
	build/tests/vfio/vfio-check "$@" $SINGLE $DUAL $TESTDEV $EXPRESS $MDMA $DOORBELL
}

@test "the configuration space" {
	check config
}

@test "what a device tells of itself" {
	check device
}

@test "regions" {
	check region
}

@test "interrupts, and every form of VFIO_DEVICE_SET_IRQS" {
	check irq
}

@test "MSI" {
	check msi
}

@test "a reset, and a new user" {
	check reset
}

@test "the ports of mtty" {
	check uart
}

@test "PCI Express, MSI-X and mappings" {
	check express
}

@test "migration" {
	check migration
}

@test "streams that no device has written" {
	check hostile
}

@test "DMA" {
	check dma
}

@test "what a driver forgets to unpin is in the kernel's log" {
	check dma_forgotten_pins
	dmesg >"$BATS_TEST_TMPDIR/log"
	grep "unpins 1 pages at IOVA 0x100000000, which it did not pin" "$BATS_TEST_TMPDIR/log"
	grep "left 2 pages at IOVA 0x100000000 pinned in .dma_unmap" "$BATS_TEST_TMPDIR/log"
	grep "left 1 pages at IOVA 0x[0-9a-f]* pinned in .close" "$BATS_TEST_TMPDIR/log"
}

@test "the example of the manual page has a region and an interrupt" {
	check doorbell
	[ "$(grep -c '' kmod/examples/doorbell.c)" -lt 100 ]
}

with_iommufd() {
	[ -e /dev/iommu ] && [ -e /dev/vfio/devices ] || skip "the kernel has no iommufd"
}

@test "the character device and iommufd" {
	with_iommufd
	check -i iommufd
}

@test "all of this works through the character device and iommufd" {
	with_iommufd
	check -i all
}

@test "devices are created, opened, used and removed at once" {
	build/tests/vfio/vfio-check life $NEW
	[ ! -e /sys/bus/mdev/devices/$NEW ]
}

@test "the toolkit is not unloaded while a stream is open, though its device is closed" {
	local before user input line
	before=$(cat /sys/module/vfio_mdev/refcnt)
	coproc build/tests/vfio/vfio-check hold_stream $TESTDEV 3>&-
	user=$COPROC_PID input=${COPROC[1]}
	read -r -u "${COPROC[0]}" line
	[[ $line == *held ]]
	[ "$(cat /sys/module/vfio_mdev/refcnt)" = $((before + 1)) ]
	exec {input}>&-
	wait "$user"
	[ "$(cat /sys/module/vfio_mdev/refcnt)" = "$before" ]
}

@test "neither every value in every register nor random requests do harm" {
	check stress
}

@test "a type with an invalid description makes no device" {
	local uuid=d0000000-0000-4000-8000-0000000000bd type count=0
	for type in $TYPES/testdev-bad-*; do
		run ! bash -c "echo $uuid >$type/create"
		[[ $output == *"Invalid argument"* ]] || { echo "$type: $output" && false; }
		[ ! -e /sys/bus/mdev/devices/$uuid ]
		count=$((count + 1))
	done
	[ $count -gt 20 ]
}

@test "the kernel has found no fault" {
	run grep -E 'WARNING|BUG|refcount|Oops|possible recursive|circular|ODEBUG' <(dmesg)
	[ "$output" = "" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What the vfio_mdev toolkit promises to user space, checked by tests/vfio/vfio-check on two
# mtty devices and on testdev, which has what mtty has not. Runs as root in a guest.
#
# vm:
# vm: --stock

bats_require_minimum_version 1.5.0

DUAL=d0000000-0000-4000-8000-000000000002
SINGLE=d0000000-0000-4000-8000-000000000001
TESTDEV=d0000000-0000-4000-8000-00000000000e
MTTY=/sys/devices/virtual/mtty/mtty/mdev_supported_types
PLATFORM=/sys/devices/platform/vfio_mdev_testdev/mdev_supported_types

setup_file() {
	modprobe vfio_iommu_type1
	modprobe mtty
	modprobe vfio_mdev_testdev
	echo $DUAL >$MTTY/mtty-2/create
	echo $SINGLE >$MTTY/mtty-1/create
	echo $TESTDEV >$PLATFORM/platform-full/create
}

teardown_file() {
	for device in /sys/bus/mdev/devices/d0000000-*; do
		echo 1 >"$device/remove"
	done
	modprobe -r vfio_mdev_testdev mtty
}

check() {
	build/tests/vfio/vfio-check "$1" "$2"
}

@test "the configuration space of a dual-port card is that of the document, byte by byte" {
	check config-dual-image $DUAL
}

@test "the configuration space of a single-port card has one BAR" {
	check config-single-image $SINGLE
}

@test "each bit of the configuration space is writable or not as PCI says" {
	check config-dual-masks $DUAL
}

@test "sizing the BARs of a dual-port card gives eight I/O ports each" {
	check config-dual-bars $DUAL
}

@test "sizing the BARs of a single-port card gives one" {
	check config-single-bars $SINGLE
}

@test "sizing works for I/O, memory and 64-bit BARs" {
	check config-testdev-bars $TESTDEV
}

@test "a device with MSI has the capability" {
	check config-testdev-msi $TESTDEV
}

@test "a reset restores the configuration space" {
	check config-reset $DUAL
	check config-reset $TESTDEV
}

@test "the device's information is right, and a short or absent argument refused" {
	check device-info $DUAL
}

@test "nine regions are described, absent ones with size 0" {
	check region-dual-info $DUAL
	check region-single-info $SINGLE
	check region-testdev-info $TESTDEV
}

@test "accesses at the end of a region are short, and none goes beyond it" {
	check region-dual-ends $DUAL
	check region-testdev-ends $TESTDEV
}

@test "odd sizes and offsets become natural accesses" {
	check region-testdev-split $TESTDEV
}

@test "an error of the driver reaches the user, after what was done before it" {
	check region-testdev-errors $TESTDEV
}

@test "memory that is not there gives EFAULT or a short count" {
	check region-bad-memory $DUAL
}

@test "a region that cannot be mapped is not mapped" {
	check region-no-mmap $DUAL
}

@test "all interrupt indexes are described as vfio-pci does" {
	check irq-dual-info $DUAL
	check irq-testdev-info $TESTDEV
}

@test "every form of VFIO_IRQ_SET is accepted or refused as it should be" {
	check irq-testdev-forms $TESTDEV
}

@test "ranges of vectors beyond the end, overflowing or without data are refused" {
	check irq-testdev-ranges $TESTDEV
}

@test "INTx masks itself when delivered, and unmasking delivers what is still asserted" {
	check irq-testdev-automask $TESTDEV
}

@test "INTx is masked and unmasked by ioctl" {
	check irq-testdev-mask $TESTDEV
}

@test "INTx is masked and unmasked by eventfd" {
	check irq-testdev-mask-eventfds $TESTDEV
}

@test "one eventfd for signal, mask and unmask does no harm" {
	check irq-testdev-same-eventfd $TESTDEV
}

@test "an eventfd that is set late gets what is asserted" {
	check irq-testdev-late-listener $TESTDEV
}

@test "eventfds are replaced, closed and dropped in any order" {
	check irq-testdev-replace $TESTDEV
}

@test "file descriptor 0 is as good as another" {
	check irq-testdev-fd-zero $TESTDEV
}

@test "disabling an index forgets its eventfds and its mask" {
	check irq-testdev-disable $TESTDEV
}

@test "the command register holds INTx back, the status register shows it" {
	check irq-testdev-command-register $TESTDEV
}

@test "the user can raise an interrupt to test itself" {
	check irq-testdev-loopback $TESTDEV
}

@test "MSI vectors are set in ranges and signalled one by one" {
	check irq-testdev-msi $TESTDEV
}

@test "a reset takes back what is pending and keeps the eventfds" {
	check irq-testdev-reset $TESTDEV
}

@test "closing the device drops everything the user set" {
	check irq-testdev-close $TESTDEV
}

@test "the two ports of a card share its interrupt" {
	check irq-dual-uart $DUAL
}

@test "every value in every register does no harm" {
	check stress-registers $DUAL
	check stress-registers $TESTDEV
}

@test "120,000 random requests do no harm" {
	check stress-garbage $DUAL
	check stress-garbage $TESTDEV
}

@test "four threads with random requests do no harm" {
	check stress-threads $DUAL
	check stress-threads $TESTDEV
}

@test "a type with an invalid description makes no device" {
	run ! bash -c "echo d0000000-0000-4000-8000-0000000000bd >$PLATFORM/platform-bad/create"
	[[ $output == *"Invalid argument"* ]]
	[ ! -e /sys/bus/mdev/devices/d0000000-0000-4000-8000-0000000000bd ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What the vfio_mdev toolkit promises to user space, checked by tests/vfio/vfio-check on two
# mtty devices, on testdev, which has what mtty has not, on a DMA engine, and on the example of
# vfio_mdev(9). Runs as root in a guest.
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

@test "a reset keeps the configuration space, a new user finds that of power-on" {
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

@test "a device interrupts in one way at a time, and an index without eventfds is not enabled" {
	check irq-testdev-one-type $TESTDEV
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

@test "masking and unmasking by eventfd is done when the signal has been sent" {
	check irq-testdev-eventfds-in-order $TESTDEV
	check irq-testdev-crossed-eventfds $TESTDEV
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

@test "the capabilities of a PCI Express device are in a list, and have the right bits" {
	check express-capabilities $EXPRESS
}

@test "a PCI Express device has the power states D0 and D3hot" {
	check express-power-states $EXPRESS
}

@test "a guest resets the function by the PCI Express capability" {
	check express-function-reset $EXPRESS
}

@test "MSI-X and the error interrupt are described" {
	check express-irq-info $EXPRESS
}

@test "the user is told of an error of the device" {
	check express-error-notification $EXPRESS
}

@test "MSI-X vectors are signalled one by one, and are pending without an eventfd" {
	check express-msix-vectors $EXPRESS
}

@test "the table of MSI-X masks, and its pending bits tell" {
	check express-msix-table $EXPRESS
}

@test "a region that can be mapped says so, and which parts of it" {
	check express-regions $EXPRESS
	check express-sparse $EXPRESS
}

@test "a mapping shows the region's memory, and holds the device open" {
	check express-mapping $EXPRESS
}

@test "nothing in the kernel pins the pages of a mapping" {
	check express-mapping-not-pinned $EXPRESS
}

@test "what cannot be mapped is not mapped" {
	check express-no-mapping $EXPRESS
}

@test "a page that the driver does not have is a SIGBUS" {
	check express-missing-page $EXPRESS
}

@test "migration is described, and short or wrong requests refused" {
	check migration-features $TESTDEV
	check migration-features $EXPRESS
}

@test "each state of migration is reached from each, or refused" {
	check migration-arcs $TESTDEV
}

@test "a device in error state, and in any other, runs after a reset" {
	check migration-error-and-reset $TESTDEV
}

@test "a device that is saved and loaded is the same in every byte" {
	check migration-round-trip $TESTDEV
}

@test "pending interrupts are migrated, and a stopped device does not interrupt" {
	check migration-interrupts $TESTDEV
}

@test "the driver is stopped once and started once" {
	check migration-stop-and-start $TESTDEV
}

@test "a device that has stopped for its peers interrupts until it stops" {
	check migration-peer-to-peer $TESTDEV
}

@test "a driver that cannot save leaves the device where it was" {
	check migration-save-fails $TESTDEV
}

@test "the file of a stream outlives the transfer and the device, and is of no use then" {
	check migration-files $TESTDEV
}

@test "a stream can be written byte by byte" {
	check migration-byte-by-byte $TESTDEV
}

@test "a running device is copied in advance, and then what has changed" {
	check migration-precopy $EXPRESS
	check migration-precopy-given-up $EXPRESS
	check migration-testdev-precopy-polled $TESTDEV
}

@test "a stream with another header is refused at once" {
	check hostile-header $TESTDEV
}

@test "a stream with records outside of the image is refused" {
	check hostile-records $TESTDEV
}

@test "a stream that is too short or too long is refused" {
	check hostile-lengths $TESTDEV
}

@test "an image that no device can have is refused, and leaves no trace" {
	check hostile-contents $TESTDEV
	check hostile-other-type $TESTDEV
}

@test "3,000 damaged streams do no harm" {
	check hostile-mutations $TESTDEV
}

@test "a device copies the user's memory, by pinned pages and through a buffer" {
	check dma-copies $MDMA
}

@test "a device does not reach what is not mapped, or mapped for reading only" {
	check dma-bad-addresses $MDMA
}

@test "a device that is not bus master does no DMA" {
	check dma-bus-master $MDMA
}

@test "a device that was made bus master before a reset still is" {
	check dma-reset-keeps-bus-master $MDMA
}

@test "unmapping takes pinned pages away from the device" {
	check dma-unmapping $MDMA
	check dma-unmapping-in-use $MDMA
}

@test "what a driver forgets to unpin does not hold up its user, and is in the kernel's log" {
	dmesg -C
	check dma-forgotten-pins $MDMA
	dmesg >"$BATS_TEST_TMPDIR/log"
	grep "unpins 1 pages at IOVA 0x100000000, which it did not pin" "$BATS_TEST_TMPDIR/log"
	grep "left 2 pages at IOVA 0x100000000 pinned in .dma_unmap" "$BATS_TEST_TMPDIR/log"
	grep "left 1 pages at IOVA 0x[0-9a-f]* pinned in .close" "$BATS_TEST_TMPDIR/log"
}

@test "the user is told which pages the device has written" {
	check dma-log-life $MDMA
	check dma-log-copied $MDMA
	check dma-log-pinned $MDMA
	check dma-log-bad-requests $MDMA
}

@test "transfers, resets and unmapping go on at once" {
	check dma-at-once $MDMA
}

@test "a device is closed in the middle of a transfer" {
	check dma-close-in-use $MDMA
}

@test "the example of the manual page has a region and an interrupt" {
	check doorbell $DOORBELL
	[ "$(grep -c '' kmod/examples/doorbell.c)" -lt 100 ]
}

with_iommufd() {
	[ -e /dev/iommu ] && [ -e /dev/vfio/devices ] || skip "the kernel has no iommufd"
	export VFIO_CLIENT=iommufd
}

@test "a device is bound to an iommufd once, and attached and detached at will" {
	with_iommufd
	check iommufd-bind-and-attach $DUAL
	check iommufd-second-user $DUAL
	check iommufd-reopen $MDMA
}

@test "a device is used by its group or by its character device" {
	with_iommufd
	check iommufd-and-group $DUAL
}

@test "a device leaves its address space, and iommufd, in the middle of a transfer" {
	with_iommufd
	check iommufd-other-space $MDMA
	check iommufd-detach-in-use $MDMA
	check iommufd-closed-first $MDMA
}

@test "all of this works through the character device and iommufd" {
	with_iommufd
	local name device
	for name in $(build/tests/vfio/vfio-check); do
		case $name in
		iommufd-* | irq-request | hold-stream | stress-* | fault-*) continue ;;
		dma-*) device=$MDMA ;;
		express-* | migration-precopy*) device=$EXPRESS ;;
		doorbell) device=$DOORBELL ;;
		*-single-*) device=$SINGLE ;;
		*-dual-* | device-info | config-reset | region-bad-memory | region-no-mmap)
			device=$DUAL ;;
		*) device=$TESTDEV ;;
		esac
		check "$name" $device
	done
}

@test "devices are created, opened, used and removed at once" {
	check stress-life $NEW
	[ ! -e /sys/bus/mdev/devices/$NEW ]
}

@test "the toolkit is not unloaded while a stream is open, though its device is closed" {
	local before user
	before=$(cat /sys/module/vfio_mdev/refcnt)
	build/tests/vfio/vfio-check hold-stream $TESTDEV >"$BATS_TEST_TMPDIR/out" 3>&- &
	user=$!
	until grep -q held "$BATS_TEST_TMPDIR/out"; do sleep 0.1; done
	[ "$(cat /sys/module/vfio_mdev/refcnt)" = $((before + 1)) ]
	kill "$user"
	wait "$user" || true
	[ "$(cat /sys/module/vfio_mdev/refcnt)" = "$before" ]
}

@test "every value in every register does no harm" {
	check stress-registers $DUAL
	check stress-registers $TESTDEV
	check stress-registers $EXPRESS
}

@test "120,000 random requests do no harm" {
	check stress-garbage $DUAL
	check stress-garbage $TESTDEV
	check stress-garbage $EXPRESS
}

@test "four threads with random requests do no harm" {
	check stress-threads $DUAL
	check stress-threads $TESTDEV
	check stress-threads $EXPRESS
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

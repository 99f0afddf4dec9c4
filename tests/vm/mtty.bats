#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# mtty as an administrator sees it: types, the pool of ports, removal, unloading. Runs as
# root in a guest, on our core or the kernel's own.
#
# vm-debug: modules and terminals go while they are used
# vm:
# vm: --stock

PARENT=/sys/devices/virtual/mtty/mtty
TYPES=$PARENT/mdev_supported_types
DEVICES=/sys/bus/mdev/devices

# Loading takes seconds where the processor is emulated: only after a test that unloaded.
setup() {
	[ "$(cat /sys/module/mtty/parameters/ports 2>/dev/null)" = 5 ] || reload ports=5
}

teardown() {
	for device in "$DEVICES"/*; do
		[ ! -e "$device" ] || echo 1 >"$device/remove"
	done
}

setup_file() {
	dmesg --clear
	modprobe vfio_iommu_type1
}

teardown_file() {
	modprobe -r mtty
}

reload() {
	modprobe -r mtty
	modprobe mtty "$@"
}

uuid() {
	printf 'e0000000-0000-4000-8000-%012d' "$1"
}

# create TYPE NUMBER
create() {
	uuid "$2" >"$TYPES/$1/create"
}

destroy() {
	echo 1 >"$DEVICES/$(uuid "$1")/remove"
}

# "SINGLE DUAL": how many more of each can be created
available() {
	echo "$(<"$TYPES/mtty-1/available_instances") $(<"$TYPES/mtty-2/available_instances")"
}

in_use() {
	[ "$(<"/sys/module/$1/refcnt")" != 0 ]
}

@test "the parent looks as the document says" {
	for type in mtty-1 mtty-2; do
		for attribute in available_instances create device_api devices name; do
			[ -e "$TYPES/$type/$attribute" ]
		done
		[ "$(<"$TYPES/$type/device_api")" = vfio-pci ]
	done
	[ "$(<"$TYPES/mtty-1/name")" = "Single port serial" ]
	[ "$(<"$TYPES/mtty-2/name")" = "Dual port serial" ]
	[ "$(readlink -f $PARENT/subsystem)" = /sys/class/mtty ]
	[ "$(<$PARENT/mtty_dev/sample_mtty_dev)" = "5 of 5 ports free" ]
	[ -e /sys/class/mdev_bus/mtty ]
}

@test "24 ports are shared unless the parameter says otherwise" {
	reload
	[ "$(available)" = "24 12" ]
	reload ports=1
	[ "$(available)" = "1 0" ]
}

@test "a number of ports that makes no sense is refused" {
	modprobe -r mtty
	for ports in 0 65537 -1 four 99999999999; do
		run modprobe mtty ports="$ports"
		[ "$status" != 0 ]
		[ ! -e /sys/module/mtty ]
	done
}

@test "the alias of the parent's name loads the module" {
	modprobe -r mtty
	modprobe mdev-parent:mtty
	[ -d $PARENT ]
}

@test "a device has one or two ports, and leads to its type and driver" {
	create mtty-1 1
	create mtty-2 2
	[ "$(<"$DEVICES/$(uuid 1)/mtty/ports")" = 1 ]
	[ "$(<"$DEVICES/$(uuid 2)/mtty/ports")" = 2 ]
	[ "$(readlink -f "$DEVICES/$(uuid 2)/mdev_type")" = $TYPES/mtty-2 ]
	[ "$(basename "$(readlink "$DEVICES/$(uuid 2)/driver")")" = mtty ]
	[ -e "$TYPES/mtty-1/devices/$(uuid 1)" ]
	[ "$(<$PARENT/mtty_dev/sample_mtty_dev)" = "2 of 5 ports free" ]
}

@test "both types take their ports from one pool" {
	[ "$(available)" = "5 2" ]
	create mtty-2 1
	[ "$(available)" = "3 1" ]
	create mtty-1 2
	[ "$(available)" = "2 1" ]
	create mtty-2 3
	[ "$(available)" = "0 0" ]
	destroy 2
	[ "$(available)" = "1 0" ]
	create mtty-1 4
	destroy 1
	destroy 3
	destroy 4
	[ "$(available)" = "5 2" ]
}

# Another UUID each time: a kernel with DEBUG_KOBJECT_RELEASE remembers the last for seconds.
@test "an empty pool refuses with ENOSPC and loses nothing" {
	create mtty-2 1
	create mtty-2 2
	for attempt in 11 12 13 14 15 16; do
		run create mtty-2 $attempt
		[ "$status" != 0 ]
		[[ $output == *"No space left on device"* ]]
	done
	[ "$(available)" = "1 0" ]
	create mtty-1 3
	run create mtty-1 17
	[[ $output == *"No space left on device"* ]]
	[ ! -e "$DEVICES/$(uuid 17)" ]
	destroy 1
	destroy 2
	destroy 3
	[ "$(available)" = "5 2" ]
}

@test "a duplicate and a wrong UUID are refused and cost no port" {
	create mtty-1 1
	run create mtty-2 1
	[[ $output == *"File exists"* ]]
	run bash -c "echo no-uuid >$TYPES/mtty-1/create"
	[[ $output == *"Invalid argument"* ]]
	[ "$(available)" = "4 2" ]
}

@test "a device that is open is removed when its user has let go of it" {
	local user removal ready
	create mtty-2 1
	mkfifo "$BATS_TEST_TMPDIR/ready"
	build/tests/vfio/vfio-check let_go "$(uuid 1)" >"$BATS_TEST_TMPDIR/ready" 3>&- &
	user=$!
	exec {ready}<"$BATS_TEST_TMPDIR/ready"
	read -r -u "$ready"
	destroy 1 3>&- &
	removal=$!
	# It ends well only if the removal has asked it to.
	wait $user
	wait $removal
	[ ! -e "$DEVICES/$(uuid 1)" ]
	[ "$(available)" = "5 2" ]
}

@test "the module stays while a device is open" {
	local user ready
	create mtty-1 1
	mkfifo "$BATS_TEST_TMPDIR/ready"
	build/tests/vfio/vfio-check let_go "$(uuid 1)" >"$BATS_TEST_TMPDIR/ready" 3>&- &
	user=$!
	exec {ready}<"$BATS_TEST_TMPDIR/ready"
	read -r -u "$ready"
	in_use mtty
	run rmmod mtty
	[ "$status" != 0 ]
	[[ $output == *"in use"* ]]
	destroy 1
	wait $user
}

@test "unloading removes the devices that nobody has open" {
	create mtty-1 1
	create mtty-2 2
	rmmod mtty
	[ ! -e $PARENT ]
	[ ! -e "$DEVICES/$(uuid 1)" ]
	[ ! -e /sys/class/mtty ]
}

@test "loading, creating and unloading many times leaves nothing behind" {
	for round in 1 2 3; do
		create mtty-2 "$round"
		reload ports=5
		[ "$(available)" = "5 2" ]
	done
}

@test "creating and removing at the same time keeps the count" {
	hammer() {
		for round in 1 2 3 4 5 6 7 8 9 10; do
			create "mtty-$((round % 2 + 1))" "$1" && destroy "$1"
		done
		return 0
	}
	for worker in 1 2 3 4 5; do
		hammer $worker 3>&- 2>/dev/null &
	done
	wait
	[ "$(available)" = "5 2" ]
}

@test "what is no mode is refused" {
	create mtty-1 1
	for mode in "" loop Host "host loopback" 1; do
		run bash -c "echo '$mode' >$DEVICES/$(uuid 1)/mode"
		[[ $output == *"Invalid argument"* ]]
	done
	[ "$(<"$DEVICES/$(uuid 1)/mode")" = loopback ]
}

@test "in host mode each port is a terminal, on no other device" {
	create mtty-1 1
	create mtty-2 2
	[ -z "$(ls /dev/ttyMTTY* 2>/dev/null)" ]
	[ "$(<"$DEVICES/$(uuid 2)/mtty/port1_tty")" = "" ]
	echo host >"$DEVICES/$(uuid 2)/mode"
	[ "$(<"$DEVICES/$(uuid 2)/mode")" = host ]
	for port in 0 1; do
		tty=$(<"$DEVICES/$(uuid 2)/mtty/port${port}_tty")
		[ -c "/dev/$tty" ]
		[ -d "$DEVICES/$(uuid 2)/tty/$tty" ]
	done
	[ "$(ls -d /dev/ttyMTTY* | wc -l)" = 2 ]
	[ "$(<"$DEVICES/$(uuid 1)/mode")" = loopback ]
	[ ! -e "$DEVICES/$(uuid 1)/mtty/port1_tty" ]
	echo host >"$DEVICES/$(uuid 2)/mode"
	echo loopback >"$DEVICES/$(uuid 2)/mode"
	[ -z "$(ls /dev/ttyMTTY* 2>/dev/null)" ]
}

@test "mdevctl sets the mode when it starts a device, as its definition says" {
	build/mdevctl define -u "$(uuid 1)" -p mtty --type mtty-1
	build/mdevctl modify -u "$(uuid 1)" --addattr mode --value host
	build/mdevctl start -u "$(uuid 1)"
	[ "$(<"$DEVICES/$(uuid 1)/mode")" = host ]
	build/mdevctl stop -u "$(uuid 1)"
	build/mdevctl undefine -u "$(uuid 1)"
	[ -z "$(ls /dev/ttyMTTY* 2>/dev/null)" ]
}

@test "guest and terminal talk, in data, breaks, errors and modem lines" {
	create mtty-2 1
	echo host >"$DEVICES/$(uuid 1)/mode"
	build/tests/vfio/vfio-check tty "$(uuid 1)"
	for counter in rx tx overrun break parity framing; do
		[ "$(<"$DEVICES/$(uuid 1)/mtty/port1_$counter")" -gt 0 ]
	done
	[ "$(<"$DEVICES/$(uuid 1)/mtty/port0_break")" = 0 ]
}

@test "the terminal answers what serial programs ask" {
	create mtty-2 1
	echo host >"$DEVICES/$(uuid 1)/mode"
	build/tests/vfio/vfio-check serial "$(uuid 1)"
}

@test "a full terminal does not keep a driver reading for ever" {
	create mtty-2 1
	echo host >"$DEVICES/$(uuid 1)/mode"
	build/tests/vfio/vfio-check burst "$(uuid 1)"
}

@test "what the host writes while no guest has the card goes nowhere, and nobody waits for it" {
	create mtty-1 1
	echo host >"$DEVICES/$(uuid 1)/mode"
	tty=/dev/$(<"$DEVICES/$(uuid 1)/mtty/port0_tty")
	exec {fd}<>"$tty"
	stty -F "$tty" raw
	head -c 10000 /dev/zero >&$fd
	# Waits until all has been sent, for ever if need be.
	timeout 60 stty -F "$tty" 9600
	exec {fd}>&-
}

@test "another mode hangs up who has the terminal open, and it can be opened anew" {
	create mtty-1 1
	for round in 1 2 3; do
		echo host >"$DEVICES/$(uuid 1)/mode"
		tty=/dev/$(<"$DEVICES/$(uuid 1)/mtty/port0_tty")
		exec {fd}<>"$tty"
		cat <&$fd 3>&- &
		echo loopback >"$DEVICES/$(uuid 1)/mode"
		wait $!
		run bash -c "echo >&$fd"
		[[ $output == *"Input/output error"* ]]
		[ ! -e "$tty" ]
		[ $round = 3 ] || exec {fd}>&-
	done
	echo host >"$DEVICES/$(uuid 1)/mode"
	exec {again}<>"$tty"
	exec {fd}>&- {again}>&-
}

@test "an open terminal outlives its device, and keeps the module" {
	create mtty-1 1
	echo host >"$DEVICES/$(uuid 1)/mode"
	tty=/dev/$(<"$DEVICES/$(uuid 1)/mtty/port0_tty")
	exec {fd}<>"$tty"
	destroy 1
	[ ! -e "$tty" ]
	[ "$(available)" = "5 2" ]
	[ "$(cat <&$fd)" = "" ]
	in_use mtty
	run rmmod mtty
	[[ $output == *"in use"* ]]
	# Its line is not given to another meanwhile.
	create mtty-2 2
	create mtty-2 3
	create mtty-1 4
	echo host >"$DEVICES/$(uuid 2)/mode"
	echo host >"$DEVICES/$(uuid 3)/mode"
	[ ! -e "$tty" ]
	run bash -c "echo host >$DEVICES/$(uuid 4)/mode"
	[[ $output == *"No space left on device"* ]]
	exec {fd}>&-
	echo host >"$DEVICES/$(uuid 4)/mode"
	[ -e "$tty" ]
}

@test "a card moves between devices with bytes in its FIFOs and interrupts pending" {
	create mtty-2 1
	create mtty-2 2
	build/tests/vfio/vfio-check mtty_migration "$(uuid 1)" "$(uuid 2)"
}

@test "the mode changes while both ends are busy" {
	create mtty-2 1
	busy_terminal() {
		until [ -e "$BATS_TEST_TMPDIR/done" ]; do
			echo "$RANDOM" >/dev/ttyMTTY0
			timeout 0.1 cat /dev/ttyMTTY0
		done
	}
	build/tests/vfio/vfio-check -n 2000 stress_threads "$(uuid 1)" >/dev/null 3>&- &
	guest=$!
	busy_terminal >/dev/null 2>&1 3>&- &
	for round in {1..25}; do
		echo host >"$DEVICES/$(uuid 1)/mode"
		echo loopback >"$DEVICES/$(uuid 1)/mode"
	done
	touch "$BATS_TEST_TMPDIR/done"
	wait $guest || true
	wait
	[ -d "$DEVICES/$(uuid 1)" ]
}

# The driver core reports each create that the empty pool refused under the in-tree core, and
# the module loader each parameter.
@test "the kernel's log has no warning of ours" {
	run bash -c "dmesg -l warn,err,crit,alert,emerg | grep -E '\b(mtty|mdev|vfio|vfio_mdev)\b' |
		grep -vE 'probe .*failed with error -28|invalid for parameter|out-of-tree|signature'"
	echo "$output"
	[ "$output" = "" ]
}

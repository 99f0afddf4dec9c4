#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The simulator's own promises: its control language, its trouble, its end.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up mtty zoo
	MTTY=devices/virtual/mtty/mtty
}

# refused COMMAND...: the simulator does not take it and says why.
refused() {
	run ! sim "$@"
	[ -s "$SYS/.sim/error" ]
}

@test "wrong commands are refused with a reason" {
	while read -r command; do
		refused "$command"
	done <<-'END'
		nonsense
		parent
		parent x devices/x many EIO
		parent x devices/x 1 ENONSENSE
		parent mtty devices/x 1 EIO
		parent x devices/virtual/mtty/mtty 1 EIO
		parent x devices/x 1 EIO nonsense=1
		type
		type nothing x 1 vfio-pci
		type mtty x 0 vfio-pci
		type mtty mtty-1 1 vfio-pci
		attr mtty mtty-1 9 x
		attr mtty mtty-9 0444 x
		attr mtty mtty-1 0444 x text nonsense=1
		register
		register mtty
		unregister nothing
		create mtty mtty-1
		create mtty mtty-9 x
		create-many mtty mtty-1 x
		create-many mtty mtty-1 25
		remove nothing
		set
		set nothing x
		file
		file devices/x/file
		file devices/virtual/mtty/mtty/uevent x
		link devices/x/link
		link bus/mdev devices
		hide
		hide x lookups=x
		show
		before
		before nonsense x fail EIO
		before read
		before read x
		before read x fail
		before read x fail ENONSENSE
		before read x delay
		before read x times=x fail EIO
		clear all
	END
}

@test "files and links are there with their directories" {
	sim file devices/x/y/number '"7\n"'
	same 7 "$(cat "$SYS/devices/x/y/number")"
	sim link devices/x/driver bus/x/drivers/y
	same ../../bus/x/drivers/y "$(readlink "$SYS/devices/x/driver")"
	same "driver y" "$(names "$SYS/devices/x")"
	sim set devices/x/y/number '"8\n"'
	same 8 "$(cat "$SYS/devices/x/driver/../../../../devices/x/y/number")"
}

@test "rules act as often as they say" {
	local file=$SYS/$MTTY/mdev_supported_types/mtty-1/device_api

	sim before open '*/mtty-1/device_api' skip=1 times=2 fail EIO
	cat "$file"
	run ! cat "$file"
	run ! cat "$file"
	cat "$file"
}

@test "a rule without a number acts always, until it is cleared" {
	sim before open '*/device_api' fail EIO
	run ! cat "$SYS/$MTTY/mdev_supported_types/mtty-1/device_api"
	run ! cat "$SYS/$MTTY/mdev_supported_types/mtty-1/device_api"
	sim clear
	cat "$SYS/$MTTY/mdev_supported_types/mtty-1/device_api"
}

@test "what is hidden is not listed, not found, and appears when it is shown" {
	activate $U1
	sim hide "$MTTY/$U1"
	[ ! -e "$SYS/$MTTY/$U1" ]
	[ ! -e "$SYS/$MTTY/$U1/remove" ]
	run ! sh -c "ls '$SYS/$MTTY' | grep $U1"
	[ -L "$SYS/bus/mdev/devices/$U1" ]
	sim show "$MTTY/$U1"
	[ -e "$SYS/$MTTY/$U1/remove" ]
}

@test "what is hidden for some look-ups appears" {
	sim hide "$MTTY/mdev_supported_types/mtty-1" lookups=5
	[ ! -e "$SYS/$MTTY/mdev_supported_types/mtty-1" ]
	for _ in 1 2 3 4 5; do
		[ -e "$SYS/$MTTY/mdev_supported_types/mtty-1" ] || continue
	done
	[ -e "$SYS/$MTTY/mdev_supported_types/mtty-1/create" ]
}

@test "what is hidden for some time appears" {
	sim hide "$MTTY/uevent" ms=1
	until [ -e "$SYS/$MTTY/uevent" ]; do :; done
}

@test "a file that is open when its device goes says that there is no device" {
	activate $U1
	exec 5<"$SYS/$MTTY/$U1/uevent"
	sim remove $U1
	run ! read -r line <&5
	[[ $output == *"No such device"* ]]
	exec 5<&-
}

@test "a directory that is open is not another one that takes its name" {
	activate $U1
	cd -P "$SYS/bus/mdev/devices/$U1"
	[ -e remove ]
	sim remove $U1
	sim create mtty mtty-2 $U1
	[ ! -e remove ]
	[ -e "$SYS/bus/mdev/devices/$U1/remove" ]
	run ! sh -c 'echo 1 >remove'
	same "$U1 mtty mtty-2" "$(active)"
}

@test "the log has every write with its bytes and its error" {
	echo $U1 >"$TYPES/mtty-1/create"
	run ! sh -c "echo $U1 >'$TYPES/mtty-1/create'"
	printf '\t"\\\1' >"$SYS/$MTTY/$U1/uevent"
	same "write $MTTY/mdev_supported_types/mtty-1/create \"$U1\\n\"
write $MTTY/mdev_supported_types/mtty-1/create \"$U1\\n\" EEXIST
write $MTTY/$U1/uevent \"\\x09\\\"\\\\\\x01\"" "$(cat "$SYS/.sim/log")"
}

@test "the file system ends with the process it watches" {
	mkdir "$T/other"
	sleep 100 3>&- &
	watched=$!
	"$SIM" -w $watched "$T/other" "$TOP/tests/sim/machines/mtty"
	[ -e "$T/other/class/mdev_bus/mtty" ]
	kill $watched
	while [ -e "$T/other/class/mdev_bus/mtty" ] || mountpoint -q "$T/other"; do :; done
}

@test "a missing or wrong machine file is named and nothing is mounted" {
	mkdir "$T/other"
	run -1 "$SIM" "$T/other" "$T/nothing"
	[[ $output == *"$T/nothing"* ]]
	echo nonsense >"$T/machine"
	run -1 "$SIM" "$T/other" "$T/machine"
	[[ $output == *"unknown command: nonsense"* ]]
	run -2 "$SIM" "$T/other"
	run ! mountpoint -q "$T/other"
}

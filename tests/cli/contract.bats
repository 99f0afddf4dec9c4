#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The surface itself: what /sys shows for mediated devices, the same on the
# simulator and on the modules.

bats_require_minimum_version 1.5.0

load machine

# Opens $1 for writing and writes the bytes that printf makes of $2 at once; says
# the errno's text, or nothing.
write_says() {
	# shellcheck disable=SC2059 # a format on purpose
	printf -- "$2" >"$T/bytes"
	LC_ALL=C dd if="$T/bytes" of="$1" bs=64k conv=notrunc status=none 2>&1 |
		sed -n "1s/.*: //p"
}

mode() {
	stat -L -c %a "$1"
}

available() {
	cat "$TYPES/$1/available_instances"
}

@test "the class links to the parent device" {
	same ../../devices/virtual/mtty/mtty "$(readlink "$SYS/class/mdev_bus/mtty")"
}

@test "the parent offers exactly its two types" {
	same "mtty-1 mtty-2" "$(names "$TYPES")"
}

@test "a type has its four files and the directory of its devices, and no description" {
	for type in mtty-1 mtty-2; do
		same "available_instances create device_api devices name" \
			"$(names "$TYPES/$type")"
	done
}

@test "only root may write create and remove, all may read the rest, nobody may write it" {
	activate $U1
	same 200 "$(mode "$TYPES/mtty-1/create")"
	same 200 "$(mode "$SYS/bus/mdev/devices/$U1/remove")"
	for file in name device_api available_instances; do
		same 444 "$(mode "$TYPES/mtty-1/$file")"
	done
	same 755 "$(mode "$TYPES/mtty-1/devices")"
}

@test "not even root may read create, or write what is only to be read" {
	same "Permission denied" "$(LC_ALL=C cat "$TYPES/mtty-1/create" 2>&1 | sed 's/.*: //')"
	same "Permission denied" "$(write_says "$TYPES/mtty-1/name" x)"
}

@test "the types' files hold their lines and nothing else" {
	holds "$TYPES/mtty-1/name" $'Single port serial\n'
	holds "$TYPES/mtty-2/name" $'Dual port serial\n'
	holds "$TYPES/mtty-1/device_api" $'vfio-pci\n'
	holds "$TYPES/mtty-2/device_api" $'vfio-pci\n'
}

@test "24 ports make 24 single or 12 dual devices" {
	holds "$TYPES/mtty-1/available_instances" $'24\n'
	holds "$TYPES/mtty-2/available_instances" $'12\n'
}

@test "a file has the size of a page, a link has none" {
	same 4096 "$(stat -c %s "$TYPES/mtty-1/name")"
	same 0 "$(stat -c %s "$SYS/class/mdev_bus/mtty")"
}

@test "create takes a UUID with and without a newline" {
	same "" "$(write_says "$TYPES/mtty-1/create" "$U1")"
	same "" "$(write_says "$TYPES/mtty-1/create" "$U2\\n")"
	same "$U1 mtty mtty-1"$'\n'"$U2 mtty mtty-1" "$(active)"
}

@test "create takes a UUID in capitals and names the device in small letters" {
	same "" "$(write_says "$TYPES/mtty-1/create" "${UA^^}")"
	[ -d "$SYS/bus/mdev/devices/$UA" ]
	[ ! -e "$SYS/bus/mdev/devices/${UA^^}" ]
}

@test "create refuses everything that is not a UUID as invalid" {
	local short=${U1%?} bytes

	for bytes in x "$short" "$short\\n" "${U1}1" "${U1}\\n\\n" "${U1} " "${U1}\\n$U2" " $U1" \
		"\\n$U1" "{$U1}" "${U1//-/}" "urn:uuid:$U1" "${U1/1/g}" "${U1/-/1}" "${U1/1/-}" \
		"\\0$short" "${short}\\0" "../$U1" "$U1/"; do
		same "Invalid argument" "$(write_says "$TYPES/mtty-1/create" "$bytes")"
	done
	same "Invalid argument" "$(write_says "$TYPES/mtty-1/create" "$(printf %05000d 0)")"
	same "" "$(active)"
	same 24 "$(available mtty-1)"
}

@test "create refuses a UUID that exists, also for the other type" {
	activate $U1
	same "File exists" "$(write_says "$TYPES/mtty-1/create" $U1)"
	same "File exists" "$(write_says "$TYPES/mtty-2/create" $U1)"
	same "$U1 mtty mtty-1" "$(active)"
	same 23 "$(available mtty-1)"
}

@test "create says that there is no space when too few ports are left" {
	for i in $(seq 10 32); do
		activate "11111111-1111-1111-1111-1111111111$i"
	done
	same 1 "$(available mtty-1)"
	same 0 "$(available mtty-2)"
	same "No space left on device" "$(write_says "$TYPES/mtty-2/create" $U2)"
	same "" "$(write_says "$TYPES/mtty-1/create" $U2)"
	same "No space left on device" "$(write_says "$TYPES/mtty-1/create" $U3)"
	same 0 "$(available mtty-1)"
}

@test "a device appears in every place at once, with links that lead to it" {
	local device=$SYS/devices/virtual/mtty/mtty/$U1

	activate $U1 mtty-2
	[ -d "$device" ]
	same "../../../devices/virtual/mtty/mtty/$U1" "$(readlink "$SYS/bus/mdev/devices/$U1")"
	same "../mdev_supported_types/mtty-2" "$(readlink "$device/mdev_type")"
	same "../../../$U1" "$(readlink "$TYPES/mtty-2/devices/$U1")"
	same "../../../../../bus/mdev" "$(readlink "$device/subsystem")"
	same "$(realpath "$device")" "$(realpath "$device/iommu_group/devices/$U1")"
}

@test "devices take ports and give them back" {
	activate $U1 mtty-2
	activate $U2 mtty-1
	same "21 10" "$(available mtty-1) $(available mtty-2)"
	same "" "$(write_says "$SYS/bus/mdev/devices/$U1/remove" 1)"
	same "23 11" "$(available mtty-1) $(available mtty-2)"
	same "$U2 mtty mtty-1" "$(active)"
	[ ! -e "$TYPES/mtty-2/devices/$U1" ]
	[ ! -e "$SYS/devices/virtual/mtty/mtty/$U1" ]
}

@test "remove does nothing for 0 and refuses what is no number" {
	activate $U1
	same "" "$(write_says "$SYS/bus/mdev/devices/$U1/remove" '0\n')"
	for bytes in x '\n' -1 '1x' '1\n\n' ' 1'; do
		same "Invalid argument" "$(write_says "$SYS/bus/mdev/devices/$U1/remove" "$bytes")"
	done
	same "$U1 mtty mtty-1" "$(active)"
	same "" "$(write_says "$SYS/bus/mdev/devices/$U1/remove" '1\n')"
	same "" "$(active)"
}

@test "a UUID can be used again after its device is gone" {
	activate $U1
	write_says "$SYS/bus/mdev/devices/$U1/remove" 1
	same "" "$(write_says "$TYPES/mtty-2/create" $U1)"
	same "$U1 mtty mtty-2" "$(active)"
}

@test "a device tells in mtty/ports how many it has" {
	activate $U1 mtty-1
	activate $U2 mtty-2
	holds "$SYS/bus/mdev/devices/$U1/mtty/ports" $'1\n'
	holds "$SYS/bus/mdev/devices/$U2/mtty/ports" $'2\n'
	same 444 "$(mode "$SYS/bus/mdev/devices/$U1/mtty/ports")"
}

@test "a device has a mode, which is one of two" {
	local file=$SYS/bus/mdev/devices/$U1/mode

	activate $U1 mtty-1
	same 644 "$(mode "$file")"
	holds "$file" $'loopback\n'
	same "" "$(write_says "$file" 'host\n')"
	holds "$file" $'host\n'
	for bytes in x '\n' hos 'host ' 'host,loopback'; do
		same "Invalid argument" "$(write_says "$file" "$bytes")"
	done
	holds "$file" $'host\n'
	same "" "$(write_says "$file" loopback)"
	holds "$file" $'loopback\n'
}

@test "a parent that goes takes its devices and types with it, and returns empty" {
	activate $U1
	parent_goes
	same "" "$(active)"
	[ ! -e "$TYPES" ]
	[ ! -L "$SYS/class/mdev_bus/mtty" ]
	[ ! -L "$SYS/bus/mdev/devices/$U1" ]
	parent_comes
	same 24 "$(available mtty-1)"
}

@test "nothing can be made, renamed or deleted by hand" {
	activate $U1
	run ! mkdir "$SYS/bus/mdev/devices/x"
	run ! rm "$SYS/bus/mdev/devices/$U1"
	run ! touch "$TYPES/x"
	run ! rmdir "$TYPES/mtty-1"
	same "$U1 mtty mtty-1" "$(active)"
}

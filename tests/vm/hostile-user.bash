# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The hostile user of tests/vfio/user, with devices of its own, and others beside them. Modules are
# loaded before.

DEVICES=/sys/bus/mdev/devices
ITS_OWN=(mtty-1 mtty-2 testdev-full testdev-express mdma-1 mdma-1)
BESIDE=(mtty-2 testdev-full testdev-express mdma-1)

# create_devices NUMBER TYPE...: one of each, and prints their UUIDs.
create_devices() {
	local number=$1 type parent uuid
	shift
	for type; do
		parent=${type%%-*}
		printf -v uuid 'e0000000-0000-4000-8000-%012x' $((number++))
		echo "$uuid" >"/sys/devices/virtual/$parent/$parent/mdev_supported_types/$type/create"
		echo "$uuid"
	done
}

# hostile_user OPTION...: what is left of it is what was there before.
hostile_user() {
	local -a own beside
	mapfile -t own < <(create_devices 1 "${ITS_OWN[@]}")
	mapfile -t beside < <(create_devices 100 "${BESIDE[@]}")
	build/tests/vfio/hostile-user "$@" "${beside[@]/#/-w}" "${own[@]}"
}

remove_devices() {
	local device
	for device in "$DEVICES"/e0000000-*; do
		echo 1 >"$device/remove"
		[ ! -e "$device" ]
	done
}

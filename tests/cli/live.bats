#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154 # variables of machine.bash
# Attributes of an active device, on any machine: those of mtty, of which "mode" takes host and
# loopback, and "mtty/ports" is for reading.

bats_require_minimum_version 1.5.0

load machine

refused="Failed to write nonsense to attribute mode of device $U1: Invalid argument (os error 22)"
for_reading="Failed to write 2 to attribute mtty/ports of device $U1: Permission denied (os error 13); this attribute can only be read"

# define_mode UUID VALUE START: a definition that sets the mode.
define_mode() {
	mkdir -p "$ETC/mtty"
	definition "$2" "$3" >"$ETC/mtty/$1"
}

definition() {
	printf '{"mdev_type":"mtty-1","start":"%s","attrs":[{"mode":"%s"}]}' "$2" "$1"
}

# mode_is VALUE, stored_is VALUE START
mode_is() {
	same "$1" "$(<"$SYS/bus/mdev/devices/$U1/mode")"
}

stored_is() {
	same "$(definition "$@")" "$(jq -c . "$ETC/mtty/$U1")"
}

@test "start writes the attributes of the definition" {
	define_mode $U1 host manual
	try mdevctl start -u $U1
	succeeds
	mode_is host
}

@test "start leaves no device whose attribute is refused" {
	define_mode $U1 nonsense manual
	try mdevctl start -u $U1
	fails "Error: $refused*"
}

@test "autostart writes the attributes of the definition" {
	define_mode $U1 host auto
	try mdevctl start-parent-mdevs mtty
	status_is 0
	mode_is host
}

@test "modify --live changes the active device and not its definition" {
	define_mode $U1 loopback auto
	activate $U1
	try mdevctl modify -u $U1 --live --setattr mode=host
	succeeds
	mode_is host
	stored_is loopback auto
}

@test "modify --live --defined changes both" {
	define_mode $U1 loopback auto
	activate $U1
	try mdevctl modify -u $U1 --live --defined --setattr mode=host
	succeeds
	mode_is host
	stored_is host auto
}

@test "modify --live --jsonfile makes the device what the file says" {
	activate $U1
	try mdevctl modify -p mtty -u $U1 --live --jsonfile /dev/stdin < <(definition host manual)
	succeeds
	mode_is host
}

@test "modify --live changes nothing if the device refuses a value" {
	define_mode $U1 loopback auto
	activate $U1
	try mdevctl modify -u $U1 --live --defined --setattr mode=nonsense
	fails "Error: $refused*"
	mode_is loopback
}

@test "modify --live takes back what it had written before an attribute was refused" {
	define_mode $U1 loopback auto
	activate $U1
	try mdevctl modify -u $U1 --live --defined --setattr mode=host --setattr mtty/ports=2
	fails "Error: $for_reading*"
	mode_is loopback
	try mdevctl modify -u $U1 --live --setattr mode=host --setattr nothing=1
	fails "Error: Invalid attribute 'nothing' of device $U1"
	mode_is loopback
}

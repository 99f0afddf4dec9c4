#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is said on standard error, whatever is in names and values: one line each.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up mtty zoo
}

@test "a warning has time, level and program in the form scripts know" {
	mkdir -p "$ETC/mtty"
	echo hello >"$ETC/mtty/README"
	try mdevctl list -d
	status_is 0
	[[ $(cat "$T/err") =~ ^\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\ WARN\ \ mdevctl[a-z:]*\]\ Can\'t ]]
}

@test "MDEVCTL_LOG chooses what is told of warnings" {
	mkdir -p "$ETC/mtty"
	echo hello >"$ETC/mtty/README"
	for level in error off mdevctl=error; do
		MDEVCTL_LOG=$level try mdevctl list -d
		succeeds
	done
	for level in warn info debug mdevctl=warn nonsense ''; do
		MDEVCTL_LOG=$level try mdevctl list -d
		status_is 0
		prints
		grep -q "WARN .*Can't determine uuid for file 'README'" "$T/err"
	done
}

@test "what succeeds tells of no failure, not even for debugging" {
	define_file $U1
	for options in "-d -v" "-d --dumpjson"; do
		# shellcheck disable=SC2086 # options
		MDEVCTL_LOG=debug try mdevctl list $options
		status_is 0
		complains
	done
}

@test "an error is told whatever MDEVCTL_LOG says" {
	MDEVCTL_LOG=off try mdevctl start -u $U1 -p nothing -t x
	fails "Error: Unable to find parent device 'nothing'*"
}

@test "control characters in arguments do not reach the terminal or make a second line" {
	for name in $'a\nb' $'a\eb' $'a\rb'; do
		try mdevctl start -u $U1 "--parent=$name" -t mtty-1
		fails "Error: *"
		try mdevctl start -u $U1 -p mtty "--type=$name"
		fails "Error: *"
		try mdevctl list "--uuid=$name"
		misused
		try mdevctl "$name"
		misused
		try mdevctl define -u $U1 -p mtty --jsonfile "$name"
		fails "Error: *"
		run ! grep -q $'[\e\r]' "$T/err"
	done
}

@test "parents and types with control characters cannot be defined, for lists have lines" {
	for name in $'a\nb' $'a\eb' $'a\tb'; do
		try mdevctl define -u $U1 "--parent=$name" -t mtty-1
		[ "$status" -ne 0 ]
		nothing_changed
		try mdevctl define -u $U1 -p mtty "--type=$name"
		[ "$status" -ne 0 ]
		nothing_changed
	done
}

@test "a name too long for a file is refused in one line" {
	printf -v long %0300d 0
	try mdevctl define -u $U1 -p "$long" -t mtty-1
	fails "Error: *"
	try mdevctl define -u $U1 -p mtty -t "$long"
	fails "Error: *"
	try mdevctl start -u $U1 -p "$long" -t mtty-1
	fails "Error: *"
	try mdevctl list -p "$long"
	[ "$status" -le 1 ]
}

@test "a value of many lines is one line in an error" {
	sim before write '*/ap_config' fail EINVAL
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"ap_config":"a\nb\u001bc"}]}' >"$T/x"
	try mdevctl start -u $U1 -p matrix --jsonfile "$T/x"
	fails "Error: Failed to write a*b*c to attribute ap_config*: Invalid argument (os error 22)*"
	run ! grep -q $'\e' "$T/err"
}

@test "a value that the kernel takes only in part is an error" {
	printf '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"ap_config":"%05000d"}]}' 0 >"$T/x"
	try mdevctl start -u $U1 -p matrix --jsonfile "$T/x"
	fails "Error: Failed to write 0*0 to attribute ap_config*"
}

@test "a root directory that is a file is named" {
	MDEVCTL_ENV_ROOT=/dev/null try mdevctl list -d
	fails "Error: */dev/null*: Not a directory (os error 20)*"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Standard output that is full or closed: an error, and nothing done behind it.

bats_require_minimum_version 1.5.0

load machine

shell() {
	try sh -c "$1" sh "$MDEVCTL" "${@:2}"
}

# What is wrong is told in one line; there is no crash.
told() {
	status_is 1
	complains "Error: Failed to write data: $1*"
}

@test "listing to a full device is an error" {
	activate $U1
	define_file $U1
	for command in list "list -d" "list --dumpjson" types "types --dumpjson" --help --version "help list"; do
		shell "\"\$1\" $command >/dev/full"
		told "No space left on device (os error 28)"
		nothing_changed
	done
}

@test "listing to a closed output is an error" {
	activate $U1
	for command in list "list --dumpjson" types "types --dumpjson" --help; do
		shell "\"\$1\" $command >&-"
		told "Bad file descriptor (os error 9)"
		nothing_changed
	done
}

@test "a reader that has gone is an error without a crash" {
	activate $U1
	shell "{ \"\$1\" list; echo \$? >'$T/rc'; } | true"
	# It may have been quick enough.
	[[ $(cat "$T/rc") =~ ^(0|1|141)$ ]]
}

@test "start with a closed output does nothing if it has a UUID to print" {
	shell '"$1" start -p mtty -t mtty-1 >&-'
	status_is 1
	complains "Error: *Bad file descriptor (os error 9)*"
	nothing_changed
}

@test "define with a closed output does nothing if it has a UUID to print" {
	shell '"$1" define -p mtty -t mtty-1 >&-'
	status_is 1
	complains "Error: *Bad file descriptor (os error 9)*"
	nothing_changed
}

@test "start to a full device is an error that does not lose the UUID" {
	shell '"$1" start -p mtty -t mtty-1 >/dev/full'
	status_is 1
	grep -q '^Error: .*No space left on device (os error 28)' "$T/err"
	# Either nothing was started, or the message tells what.
	uuid=$(active | cut -d' ' -f1)
	[ -z "$uuid" ] || grep -q "$uuid" "$T/err"
}

@test "define to a full device is an error that does not lose the UUID" {
	shell '"$1" define -p mtty -t mtty-1 >/dev/full'
	status_is 1
	grep -q '^Error: .*No space left on device (os error 28)' "$T/err"
	uuid=$(ls "$ETC/mtty" 2>/dev/null || true)
	[ -z "$uuid" ] || grep -q "$uuid" "$T/err"
}

@test "commands that print nothing do not mind a closed or full output" {
	shell '"$1" define -u '$U1' -p mtty -t mtty-1 >&-'
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
	shell '"$1" start -u '$U1' >/dev/full'
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
	shell '"$1" stop -u '$U1' >&-'
	succeeds
	shell '"$1" undefine -u '$U1' >/dev/full'
	succeeds
	shell '"$1" list -d >/dev/full'
	succeeds
}

@test "closed standard error and input do no harm" {
	shell '"$1" start -u '$U1' -p mtty -t mtty-1 <&- 2>&-'
	succeeds
	shell '"$1" start -u '$U1' -p mtty -t mtty-1 <&- >&- 2>&-'
	status_is 1
	define_file $U2
	shell '"$1" list -d -u '$U2' <&- 2>&-'
	succeeds "$U2 mtty mtty-1 manual
"
	# A file that is opened must not end up as the standard output.
	shell '"$1" undefine -u '$U2' <&- >&- 2>&-'
	status_is 0
	[ ! -e "$ETC/mtty/$U2" ]
}

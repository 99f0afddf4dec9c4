#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs; variables of machine.bash
# start-parent-mdevs: what is to be active when a parent has appeared.

bats_require_minimum_version 1.5.0

load machine

@test "what is defined for the parent and to be started automatically is started" {
	define_file $U1 mtty-2 mtty auto
	define_file $U2 mtty-1 mtty manual
	define_file $U3 mtty-1 mtty auto
	define_file $U4 mtty-1 other auto
	try_journal mdevctl start-parent-mdevs mtty
	succeeds "Started $U1, type mtty-2 on mtty
Started $U3, type mtty-1 on mtty
"
	same "$U1 mtty mtty-2"$'\n'"$U3 mtty mtty-1" "$(active | sort)"
}

@test "a second run leaves what is active alone" {
	define_file $U1 mtty-2 mtty auto
	mdevctl start-parent-mdevs mtty
	try mdevctl start-parent-mdevs mtty
	status_is 0
	prints
	complains
	nothing_changed
}

@test "a parent without definitions is success" {
	try mdevctl start-parent-mdevs mtty
	succeeds
	try mdevctl start-parent-mdevs nothing
	succeeds
}

@test "a broken definition is named and does not stop the others" {
	define_file $U2 mtty-1 mtty auto
	echo garbage >"$ETC/mtty/$U1"
	try_journal mdevctl start-parent-mdevs mtty
	status_is 1
	prints "Started $U2, type mtty-1 on mtty"$'\n'
	complains "*WARN *$U1*" "Error: 1 of the devices of parent mtty could not be started"
	same "$U2 mtty mtty-1" "$(active)"
}

@test "a device that cannot be started is named and does not stop the others" {
	define_file $U1 nonsense mtty auto
	define_file $U2 mtty-1 mtty auto
	try_journal mdevctl start-parent-mdevs mtty
	status_is 1
	prints "Started $U2, type mtty-1 on mtty"$'\n'
	complains \
		"Failed to start $U1, type nonsense on mtty: Parent mtty does not support mdev type nonsense*" \
		"Error: 1 of the devices of parent mtty could not be started"
	same "$U2 mtty mtty-1" "$(active)"
}

@test "a device that is active otherwise than defined is a failure" {
	define_file $U1 mtty-2 mtty auto
	activate $U1 mtty-1
	try mdevctl start-parent-mdevs mtty
	status_is 1
	complains "Failed to start $U1, type mtty-2 on mtty: *" "Error: 1 of the devices*"
	nothing_changed
}

@test "a parent that is not there is a failure for each of its devices" {
	define_file $U1 x nothing auto
	define_file $U2 x nothing manual
	try mdevctl start-parent-mdevs nothing --timeout 0
	status_is 1
	complains "Failed to start $U1, type x on nothing: Unable to find parent device 'nothing'*" \
		"Error: 1 of the devices*"
	nothing_changed
}

@test "a terminal shows what is waited for" {
	command -v script >/dev/null || skip "script is not installed"
	define_file $U1 mtty-1 late auto
	SHELL=$BASH try script -qefc "$MDEVCTL start-parent-mdevs --timeout 2 late" /dev/null </dev/null
	status_is 1
	grep -q "Waiting for parent late of device $U1: 1 of 2 s" "$T/out"
	try mdevctl start-parent-mdevs --timeout 2 late
	status_is 1
	run ! grep -q Waiting "$T/out" "$T/err"
}

@test "attributes are written" {
	needs_sim "mtty has a single attribute to write"
	machine_down
	machine_up mtty zoo
	mkdir -p "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"ap_config":"7"}]}' >"$ETC/matrix/$U1"
	try mdevctl start-parent-mdevs matrix
	status_is 0
	same 7 "$(cat "$SYS/bus/mdev/devices/$U1/ap_config")"
}

@test "runs at the same time start each device once" {
	define_file $U1 mtty-1 mtty auto
	define_file $U2 mtty-1 mtty auto
	mkdir -p "$ROOT/run"
	for i in 1 2 3 4; do
		: >"$T/out$i"
		JOURNAL_STREAM=$(stat -c %d:%i "$T/out$i") "$MDEVCTL" start-parent-mdevs mtty \
			>"$T/out$i" 2>"$T/err$i" &
		pids[i]=$!
	done
	for i in 1 2 3 4; do
		wait "${pids[i]}"
	done
	same 2 "$(cat "$T"/out? | grep -c ^Started)"
	same 2 "$(cat "$T"/out? "$T"/err? | grep -c .)"
	same "$U1 mtty mtty-1"$'\n'"$U2 mtty mtty-1" "$(active | sort)"
}

@test "--all starts the devices of every parent" {
	needs_sim "mtty is the only parent"
	machine_down
	machine_up mtty zoo
	define_file $U1 mtty-1 mtty auto
	define_file $U2 vfio_ap-passthrough matrix auto
	define_file $U3 vfio_ap-passthrough matrix manual
	try_journal mdevctl start-parent-mdevs --all
	status_is 0
	same "$U1 mtty mtty-1"$'\n'"$U2 matrix vfio_ap-passthrough" "$(active | sort)"
}

@test "--all leaves devices of a parent that is not there to the parent's event" {
	define_file $U1 mtty-1 mtty auto
	define_file $U2 x absent auto
	try_journal mdevctl start-parent-mdevs --all
	status_is 0
	complains
	prints "Left $U2, type x, to be started when parent absent appears
Started $U1, type mtty-1 on mtty
"
	same "$U1 mtty mtty-1" "$(active)"
}

@test "a pipe or a file gets nothing of what was started" {
	define_file $U1 mtty-1 mtty auto
	try mdevctl start-parent-mdevs mtty
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

@test "what was started and cannot be told on standard output is told as an error" {
	local full='Failed to write data: No space left on device (os error 28)'

	define_file $U1 mtty-1 mtty auto
	define_file $U2 mtty-1 mtty auto
	export JOURNAL_STREAM
	JOURNAL_STREAM=$(stat -c %d:%i /dev/full)
	try sh -c '"$1" start-parent-mdevs mtty >/dev/full' sh "$MDEVCTL"
	status_is 1
	complains "Error: $full; device $U1 was started" "Error: $full; device $U2 was started"
	same "$U1 mtty mtty-1"$'\n'"$U2 mtty mtty-1" "$(active | sort)"
	try sh -c '"$1" start-parent-mdevs mtty >/dev/full' sh "$MDEVCTL"
	succeeds
}

@test "start-parent-mdevs needs a parent or --all, and takes one of them" {
	try mdevctl start-parent-mdevs
	misused "error: the following required arguments were not provided:"
	try mdevctl start-parent-mdevs mtty --all
	misused "error: the argument '--all' cannot be used with '?PARENT?'"
	try mdevctl start-parent-mdevs mtty matrix
	misused "error: unexpected argument 'matrix' found"
}

@test "start-parent-mdevs is not in the help, but has one" {
	run ! grep -q start-parent-mdevs <<<"$("$MDEVCTL" help)"
	try mdevctl help start-parent-mdevs
	status_is 0
	complains
	grep -q '^Usage: mdevctl start-parent-mdevs' "$T/out"
	"$MDEVCTL" start-parent-mdevs --help | cmp - "$T/out"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# stop.

bats_require_minimum_version 1.5.0

load machine

@test "stop removes the device, prints nothing and leaves the definition" {
	define_file $U1
	activate $U1
	activate $U2
	try mdevctl stop -u $U1
	succeeds
	same "$U2 mtty mtty-1" "$(active)"
	[ -f "$ETC/mtty/$U1" ]
}

@test "stop writes 1 to the device's remove file" {
	needs_sim "it records writes"
	activate $U1
	try mdevctl stop --uuid=${U1}
	succeeds
	same "write devices/virtual/mtty/mtty/$U1/remove \"1\"" "$(writes)"
}

@test "stop of what does not run is an error, defined or not" {
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev"
	define_file $U1
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev"
}

@test "stop finds the device by any form of its UUID" {
	activate $UA
	try mdevctl stop -u "{${UA^^}}"
	succeeds
	same "" "$(active)"
}

@test "stop with a parent stops only a device of that parent" {
	activate $U1
	try mdevctl stop -u $U1 -p other
	fails "Error: *evice other/$U1 is not active*"
	try mdevctl stop -u $U1 --parent mtty
	succeeds
	same "" "$(active)"
}

@test "somebody who may not remove learns it" {
	activate $U1
	be_nobody
	try nobody "$MDEVCTL" stop -u $U1
	fails "Error: Error removing device $U1*: Permission denied (os error 13)*"
}

@test "stop accepts --force" {
	activate $U1
	try mdevctl stop --force -u $U1
	succeeds
	same "" "$(active)"
}

@test "a device whose driver does not let it go is named with the reason" {
	needs_sim "a remove must fail"
	activate $U1
	sim before write '*/remove' fail EBUSY
	try mdevctl stop -u $U1
	fails "Error: Error removing device $U1*: Device or resource busy (os error 16)*"
}

@test "a device that vanishes before it can be stopped is not active" {
	needs_sim "a device must go at a chosen moment"
	activate $U1
	sim before write '*/remove' remove $U1
	try mdevctl stop -u $U1
	[ "$status" -le 1 ]
	same "" "$(active)"
	[ "$(wc -l <"$T/err")" -le 1 ]
}

@test "of several stops at once one wins and the others say that it is not active" {
	activate $U1
	for i in 1 2 3 4; do
		"$MDEVCTL" stop -u $U1 2>"$T/err$i" && echo $i >>"$T/won" &
	done
	wait
	same 1 "$(wc -l <"$T/won")"
	same 3 "$(cat "$T"/err? | grep -c '^Error: ')"
	same "" "$(active)"
}

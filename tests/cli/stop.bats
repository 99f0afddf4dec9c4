#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs; variables of machine.bash
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

# Devices in use ----------------------------------------------------------------------

# in_use: qemu has U1 open, and the kernel waits for it, until "sim clear".
in_use() {
	needs_sim "the kernel waits for as long as the test likes"
	activate $U1
	mkdir -p "$ROOT/proc/77/fd"
	echo qemu >"$ROOT/proc/77/comm"
	ln -s "/dev/vfio/$(basename "$(readlink "$SYS/bus/mdev/devices/$U1/iommu_group")")" \
		"$ROOT/proc/77/fd/9"
	sim file began 0
	sim before open '*/remove' set began 1
	sim before write '*/remove' delay 300000
}

# Nothing of a test waits longer than it.
teardown() {
	[ "$MACHINE" != sim ] || sim clear
	machine_down
}

# stop_begins: a stop of U1, as process $pid, that waits for the kernel.
stop_begins() {
	local tries=600

	sim set began 0
	env --default-signal "$MDEVCTL" stop -u $U1 --timeout 600 3>&- &
	pid=$!
	until [ "$(<"$SYS/began")" = 1 ]; do
		[ $((tries--)) -gt 0 ] || return
		sleep 0.05
	done
}

@test "who does not release a device in time is named" {
	in_use
	try mdevctl stop -u $U1 --timeout 1
	fails "Error: Device $U1 is in use by qemu (process 77), and was not released within 1 s; the kernel removes it when it is"
	# Nor does anybody wait who reads what the command prints.
	same 1 "$("$MDEVCTL" stop -u $U1 --timeout 0 2>&1 | grep -c 'in use by qemu')"
}

@test "a device that is released in time is stopped" {
	in_use
	sim clear
	sim before write '*/remove' delay 1500
	try mdevctl stop -u $U1 --timeout 60
	succeeds
	same "" "$(active)"
}

@test "a driver has its time, whatever the time limit" {
	needs_sim "its driver takes none"
	activate $U1
	sim before write '*/remove' delay 300
	try mdevctl stop -u $U1 --timeout 0
	succeeds
	same "" "$(active)"
}

@test "a signal ends a stop that waits" {
	local pid status signal

	in_use
	for signal in INT TERM HUP; do
		status=0
		stop_begins
		kill -$signal $pid
		wait $pid || status=$?
		same $((128 + $(kill -l $signal))) $status
	done
}

@test "what is left to the kernel has nothing open but the device, and no terminal" {
	local pid remover

	in_use
	stop_begins
	kill -KILL $pid
	wait $pid || true
	remover=$(removers)
	same 1 "$(wc -w <<<"$remover")"
	[ -e /proc/"$remover"/fd/3 ]
	same "" "$(for fd in /proc/"$remover"/fd/*; do readlink "$fd"; done | grep -vE '^/$|^pipe:|/'$U1'(/remove)?$')"
	same / "$(readlink /proc/"$remover"/cwd)"
	# A session of its own.
	same "$remover" "$(ps -o sid= -p "$remover" | tr -d ' ')"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2086,SC2154 # scripts; UUIDs; variables of machine.bash
# Signals that end mdevctl in the middle of an operation: it is finished or taken back, by the next
# run if it was killed.

bats_require_minimum_version 1.5.0

load machine

setup() {
	needs_sim "files are hidden for as long as the test likes"
	machine_up mtty zoo
	SCRIPT=$ROOT/usr/lib/mdevctl/scripts.d/callouts/note
	mkdir -p "${SCRIPT%/*}"
	export T
}

# note_events: a script that notes which events it was called for.
note_events() {
	cat >"$SCRIPT" <<-'END'
		#!/bin/bash
		cat >/dev/null
		[ $6 != capabilities ] || exit 2
		echo "$4 $6 $8" >>"$T/events"
	END
	chmod +x "$SCRIPT"
}

# until_is TEXT COMMAND...: waits until the command prints just that.
until_is() {
	local wanted=$1 tries=600

	shift
	until [ "$("$@")" = "$wanted" ]; do
		[ $((tries--)) -gt 0 ] || { echo "# never: $wanted" >&2; return 1; }
		sleep 0.05
	done
}

# interrupted SIGNAL COMMAND...: the command gets the signal when U1 is active; it ends by it.
interrupted() {
	local signal=$1 pid status=0

	shift
	# A shell starts what is in the background with SIGINT ignored.
	env --default-signal "$MDEVCTL" "$@" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	until_is "$U1 mtty mtty-1" active
	kill -$signal $pid
	wait $pid || status=$?
	same $((128 + $(kill -l $signal))) $status
}

late_attribute() {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"nothing":"1"}]}' >"$ETC/mtty/$U1"
}

@test "a start that waits for an attribute is taken back" {
	late_attribute
	for signal in INT TERM HUP; do
		interrupted $signal start -u $U1 --timeout 600
		same "" "$(active)"
	done
}

@test "post follows pre" {
	note_events
	late_attribute
	interrupted TERM start -u $U1 --timeout 600
	same "" "$(active)"
	same $'pre start none\npost start failure' "$(<"$T/events")"
}

@test "post follows a pre that was interrupted, and is not interrupted itself" {
	cat >"$SCRIPT" <<-'END'
		#!/bin/bash
		[ $6 != capabilities ] || exit 2
		[ $4 != pre ] || touch "$T/lock"
		echo "$4 $6 $8" >>"$T/events"
		while [ $4 = pre ]; do sleep 0.05; done
		[ $4 != post ] || rm "$T/lock"
	END
	chmod +x "$SCRIPT"
	env --default-signal "$MDEVCTL" start -u $U1 -p mtty -t mtty-1 2>"$T/err" 3>&- &
	pid=$! status=0
	until_is "pre start none" cat "$T/events"
	kill -INT $pid
	wait $pid || status=$?
	same 130 $status
	same $'pre start none\npost start failure' "$(<"$T/events")"
	[ ! -e "$T/lock" ]
	same "" "$(active)"
}

@test "what was not begun is not begun" {
	cat >"$SCRIPT" <<-'END'
		#!/bin/bash
		[ $6 != capabilities ] || exit 2
		trap : TERM
		echo "$4" >>"$T/events"
		while [ $4 = pre ] && [ ! -e "$T/go" ]; do sleep 0.05; done
	END
	chmod +x "$SCRIPT"
	env --default-signal "$MDEVCTL" start -u $U1 -p mtty -t mtty-1 3>&- &
	pid=$! status=0
	until_is pre cat "$T/events"
	kill -TERM $pid
	touch "$T/go"
	wait $pid || status=$?
	same 143 $status
	same "" "$(active)"
	same $'pre\npost' "$(<"$T/events")"
}

@test "a live change that waits is taken back" {
	local path=$SYS/devices/virtual/mtty/mtty/$U1 pid status=0 before

	sim "attr mtty mtty-1 0644 busy 0"
	mdevctl start -u $U1 -p mtty -t mtty-1
	before=$(<"$path/mode")
	sim "before write */busy fail EAGAIN"
	env --default-signal "$MDEVCTL" modify --live -u $U1 --setattr mode=host \
		--setattr busy=1 3>&- &
	pid=$!
	until_is host cat "$path/mode"
	kill -INT $pid
	wait $pid || status=$?
	same 130 $status
	same "$before" "$(<"$path/mode")"
}

@test "autostart takes back what is half started, and says nothing of the rest" {
	late_attribute
	define_file $U2 mtty-1 other auto
	interrupted TERM start-parent-mdevs --timeout 600 mtty
	same "" "$(active)"
}

@test "a run of start-parent-mdevs waits for one that has not finished a device" {
	late_attribute
	mkdir -p "$ROOT/run"
	env --default-signal "$MDEVCTL" start-parent-mdevs --timeout 600 mtty 2>"$T/err1" 3>&- &
	first=$! status=0
	until_is "$U1 mtty mtty-1" active
	"$MDEVCTL" start-parent-mdevs --timeout 1 mtty 2>"$T/err2" || status=$?
	same 1 $status
	grep -q "Another process is starting devices on mtty" "$T/err2"
	kill -TERM $first
	status=0
	wait $first || status=$?
	same 143 $status
	same "" "$(active)"
}

@test "a signal that mdevctl is told to ignore does not end a start" {
	define_file $U1 mtty-1
	env --ignore-signal=HUP bash -c 'kill -HUP $$; exec "$@"' - "$MDEVCTL" start -u $U1
	same "$U1 mtty mtty-1" "$(active)"
}

# Killed ------------------------------------------------------------------------------

# killed_start: a start of U1 is killed while it waits for the second of two attributes, which
# is there afterwards.
killed_start() {
	local pid

	mkdir -p "$ROOT/run" "$ETC/matrix"
	MATRIX=$SYS/devices/vfio_ap/matrix
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"5"},{"ap_config":"7"}]}' \
		>"$ETC/matrix/$U1"
	sim hide '*/ap_config'
	"$MDEVCTL" start -u $U1 --timeout 600 3>&- &
	pid=$!
	until_is 1 grep -c '/assign_adapter "5"' "$SYS/.sim/log"
	kill -KILL $pid
	wait $pid || true
	sim show '*/ap_config'
	same "$U1 matrix vfio_ap-passthrough" "$(active)"
	same "" "$(<"$MATRIX/$U1/ap_config")"
}

# is_whole: U1 has all its attributes, and nothing says that it has not.
is_whole() {
	same 7 "$(<"$MATRIX/$U1/ap_config")"
	same "" "$(find "$ROOT/run" -name '*.start')"
}

@test "status says that a start was killed, and what to do" {

	killed_start
	notes=$(find "$ROOT/run" -type f)
	try mdevctl status
	status_is 3
	prints "$U1 matrix vfio_ap-passthrough half-started
  The process that started it was killed: attributes may be missing
  start it again: mdevctl start -u $U1 -p matrix
"
	# A look changes nothing, and what clients read is as ever.
	same "$notes" "$(find "$ROOT/run" -type f)"
	try mdevctl list
	succeeds "$U1 matrix vfio_ap-passthrough auto (defined)
"
	advice=$("$MDEVCTL" status | sed -n 's/^  start it again: mdevctl //p')
	"$MDEVCTL" $advice
	is_whole
	try mdevctl status
	succeeds "$U1 matrix vfio_ap-passthrough running
"
}

@test "a half-started device without a definition is to be stopped" {
	killed_start
	rm "$ETC/matrix/$U1"
	try mdevctl status
	status_is 3
	prints "$U1 matrix vfio_ap-passthrough half-started
  The process that started it was killed: attributes may be missing
  stop it: mdevctl stop -u $U1 -p matrix
"
	advice=$("$MDEVCTL" status | sed -n 's/^  stop it: mdevctl //p')
	"$MDEVCTL" $advice
	try mdevctl status
	succeeds
}

@test "status says that a start is under way, and does not disturb it" {
	local pid status=0

	late_attribute
	mkdir -p "$ROOT/run"
	"$MDEVCTL" start -u $U1 --timeout 600 2>"$T/err1" 3>&- &
	pid=$!
	until_is "$U1 mtty mtty-1" active
	until_is "$U1 mtty mtty-1 starting
  A process is starting it: attributes may be missing
  wait until it is started" "$MDEVCTL" status
	kill -TERM $pid
	wait $pid || status=$?
	same 143 $status
	same "" "$(find "$ROOT/run" -name '*.start')"
}

@test "what a killed start has left is started again" {
	killed_start
	try mdevctl start -u $U1
	status_is 0
	complains "*WARN *Device $U1 on matrix was not started to its end: starting it again"
	is_whole
	try mdevctl start -u $U1
	fails "Error: Device already exists*"
}

@test "what a killed start has left is started again by autostart" {
	local available=devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/available_instances

	killed_start
	# It has the only instance.
	sim set $available 0
	sim after write '*/remove' set $available 1
	try mdevctl start-parent-mdevs matrix
	status_is 0
	complains "*WARN *Device $U1 on matrix was not started to its end: starting it again"
	is_whole
	try mdevctl start-parent-mdevs matrix
	succeeds
}

@test "a start that goes on is not taken for one that was killed" {
	local pid status=0

	killed_start
	sim hide '*/ap_config'
	"$MDEVCTL" start -u $U1 --timeout 600 2>"$T/err" 3>&- &
	pid=$!
	until_is 2 grep -c '/assign_adapter "5"' "$SYS/.sim/log"
	try mdevctl start -u $U1
	fails "Error: Device already exists*"
	try mdevctl start-parent-mdevs --timeout 0 matrix
	status_is 0
	sim show '*/ap_config'
	wait $pid || status=$?
	same 0 $status
	is_whole
}

@test "a device that somebody else has made since is left alone" {
	killed_start
	sim remove $U1
	sim create matrix vfio_ap-passthrough $U1
	sim clear
	try mdevctl start-parent-mdevs matrix
	succeeds
	same "" "$(writes)"
	try mdevctl start -u $U1
	fails "Error: Device already exists*"
}

@test "what a killed start has left and a process uses is left alone, and named" {
	killed_start
	mkdir -p "$ROOT/proc/77/fd" "$ROOT/dev/vfio"
	echo qemu >"$ROOT/proc/77/comm"
	ln -s "/dev/vfio/$(basename "$(readlink "$MATRIX/$U1/iommu_group")")" "$ROOT/proc/77/fd/9"
	sim clear
	try mdevctl start -u $U1
	fails "Error: Device $U1 on matrix was not started to its end, and is in use by qemu (process 77)"
	same "" "$(writes)"
}

@test "what is stopped is forgotten" {
	killed_start
	try mdevctl stop -u $U1
	succeeds
	same "" "$(find "$ROOT/run" -name '*.start')"
}

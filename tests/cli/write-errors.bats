#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154,SC2317 # UUIDs; variables and functions of calls.bash
# Disks that are full, broken or read-only: what a command has written is the old or the new state,
# and what it says of it is true.

bats_require_minimum_version 1.5.0

load machine
load calls

setup() {
	machine_up mtty zoo
	MATRIX=$SYS/devices/vfio_ap/matrix
	mkdir -p "$ROOT/run"
}

teardown() {
	[ ! -d "${DISK:-}" ] || umount "$DISK" || true
	machine_down
}

# stored_is OLD NEW STATUS: U1's file is the new one after a success, else one of both; "none" is
# no file. Lists know no other.
stored_is() {
	local file found=''

	for file in "$2" "$1"; do
		[ "$file" = none ] || ! cmp -s "$file" "$ETC/mtty/$U1" || found=$file
		[ "$file" != none ] || [ -e "$ETC/mtty/$U1" ] || found=$file
	done
	[ -n "$found" ] && { [ $3 != 0 ] || [ "$found" = "$2" ]; } || return
	"$MDEVCTL" list -d >"$T/list" 2>&1 && ! grep -q WARN "$T/list"
}

# again STATUS...: the same without an error ends with one of these. It leaves nothing else if it
# has written.
again() {
	try "${command[@]}"
	[[ " $* " == *" $status "* ]] || wrong "status is none of: $*"
	[ $status != 0 ] || same "" "$(find "$ETC" -name '.*')"
}

old_definition() {
	rm -rf "$ETC" "$ROOT/run/mdevctl"
	mkdir -p "$ETC"
	define_file $U1
	cp "$ETC/mtty/$U1" "$T/old"
}

@test "a define that cannot write has stored all or nothing" {
	needs_strace "each call fails"
	before() {
		rm -rf "$ROOT/etc" "$ROOT/run/mdevctl"
		mkdir "$ROOT/etc"
	}
	after() {
		stored_is none "$T/new" $1 && again 0 1 && stored_is none "$T/new" 0
	}
	command=("$MDEVCTL" define -u $U1 -p mtty -t mtty-1)
	before
	"${command[@]}"
	cp "$ETC/mtty/$U1" "$T/new"
	fail_at_each_call 40
}

@test "a modify that cannot write has left the old definition or the new one" {
	needs_strace "each call fails"
	before() {
		old_definition
	}
	after() {
		stored_is "$T/old" "$T/new" $1 && again 0 && stored_is none "$T/new" 0
	}
	command=("$MDEVCTL" modify -u $U1 --auto --setattr mode=host)
	before
	"${command[@]}"
	cp "$ETC/mtty/$U1" "$T/new"
	fail_at_each_call 40
}

@test "an undefine that cannot write has left the definition or none" {
	needs_strace "each call fails"
	before() {
		old_definition
	}
	after() {
		stored_is "$T/old" none $1 && again 0 1 && stored_is none none 0
	}
	command=("$MDEVCTL" undefine -u $U1)
	fail_at_each_call 20
}

# The rest is written by another call.
@test "a write that is short loses nothing of a definition" {
	[ -n "${SHORT_WRITE_LIB:-}" ] || skip "there is no SHORT_WRITE_LIB"
	before() {
		old_definition
	}
	after() {
		same 0 $1 && cmp "$ETC/mtty/$U1" "$T/new"
	}
	command=("$MDEVCTL" modify -u $U1 --auto --setattr mode=host)
	before
	"${command[@]}"
	cp "$ETC/mtty/$U1" "$T/new"
	short_at_each_write 1
	command=("$MDEVCTL" define -u $U2 -p mtty --jsonfile "$T/json")
	mv "$T/new" "$T/json"
	after() {
		same 0 $1 && cmp "$ETC/mtty/$U2" "$T/json"
	}
	short_at_each_write 1
}

# A device that is not whole is not there.
whole_or_none() {
	[ -z "$(active)" ] || [ "$(<"$MATRIX/$U1/ap_config")" = 7 ]
}

no_device() {
	[ -z "$(active)" ] || "$MDEVCTL" stop -u $U1
	rm -rf "$ROOT/run/mdevctl"
	mkdir -p "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"5"},{"ap_config":"7"}]}' \
		>"$ETC/matrix/$U1"
}

@test "a start that cannot write has made the device or none" {
	needs_strace "each call fails"
	before() {
		no_device
	}
	after() {
		whole_or_none && { [ $1 != 0 ] || [ -n "$(active)" ]; } || return
		try "$MDEVCTL" start-parent-mdevs matrix
		status_is 0 && [ -n "$(active)" ] && whole_or_none
	}
	command=("$MDEVCTL" start -u $U1)
	fail_at_each_call 40
	command=("$MDEVCTL" start-parent-mdevs --timeout 0 matrix)
	fail_at_each_call 40
}

@test "a start with a write that is short has made the device or none" {
	[ -n "${SHORT_WRITE_LIB:-}" ] || skip "there is no SHORT_WRITE_LIB"
	mkdir -p "$ETC/scripts.d/callouts"
	# The script gets all of its input.
	printf '#!/bin/sh\n[ $4 = pre ] || exit 0\ngrep -q "ap_config.*77777777.*}$"\n' \
		>"$ETC/scripts.d/callouts/reads"
	chmod +x "$ETC/scripts.d/callouts/reads"
	before() {
		no_device
		sed -i 's/"7"/"77777777"/' "$ETC/matrix/$U1"
	}
	# The driver takes the half of a value for all of it: the start fails, and is undone.
	after() {
		{ [ $1 = 0 ] && same 77777777 "$(<"$MATRIX/$U1/ap_config")"; } || same "" "$(active)" || return
		same "" "$(find "$ROOT/run" -name '*.start')"
	}
	command=("$MDEVCTL" start -u $U1)
	short_at_each_write 6
}

@test "a stop that cannot write has stopped the device or left it" {
	needs_strace "each call fails"
	before() {
		no_device
		"$MDEVCTL" start -u $U1
	}
	after() {
		# What has begun goes on.
		until [ -z "$(removers)" ]; do :; done
		whole_or_none && { [ $1 != 0 ] || [ -z "$(active)" ]; }
	}
	command=("$MDEVCTL" stop -u $U1)
	fail_at_each_call 4
}

# Real disks ------------------------------------------------------------------------------

# small_disk SIZE: the definition directory is on a disk of so many pages.
small_disk() {
	needs_sim "the disk is mounted"
	needs_root "to mount a file system"
	rm -rf "$ETC"
	mkdir -p "$ETC"
	mount -t tmpfs -o "mode=755,size=$(($1 * $(getconf PAGESIZE)))" none "$ETC"
	DISK=$ETC
}

# An attribute that needs a page and more.
LONG=$(printf '%05000d' 0)

@test "a disk that fills up in the middle of a definition keeps the old one" {
	small_disk 3
	mdevctl define -u $U1 -p mtty -t mtty-1
	try mdevctl modify -u $U1 --setattr a=$LONG
	succeeds
	cp "$ETC/mtty/$U1" "$T/old"
	# Its first page goes to the disk, the second does not.
	try mdevctl modify -u $U1 --setattr b=$LONG
	fails "Error: Failed to write $ETC/mtty/$U1: No space left on device (os error 28)"
	holds "$ETC/mtty/$U1" "$(<"$T/old")"
	try mdevctl define -u $U2 -p mtty -t mtty-1
	succeeds
	same "mtty" "$(ls -A "$ETC")"
}

@test "a full disk says so, and keeps no file that is not whole" {
	small_disk 1
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	try mdevctl define -u $U2 -p mtty -t mtty-1
	fails "Error: Failed to write $ETC/mtty/$U2: No space left on device (os error 28)"
	try mdevctl modify -u $U1 --auto
	fails "Error: Failed to write $ETC/mtty/$U1: No space left on device (os error 28)"
	same "$U1" "$(ls -A "$ETC/mtty")"
	try mdevctl undefine -u $U1
	succeeds
}

@test "a disk that has become read-only says so" {
	small_disk 9
	mdevctl define -u $U1 -p mtty -t mtty-1
	mount -o remount,ro "$ETC"
	try mdevctl define -u $U2 -p mtty -t mtty-1
	fails "Error: Failed to write $ETC: Read-only file system (os error 30)"
	try mdevctl modify -u $U1 --auto
	fails "Error: Failed to write $ETC: Read-only file system (os error 30)"
	try mdevctl undefine -u $U1
	status_is 1
	complains "*WARN *: Failed to write $ETC: Read-only file system (os error 30)" \
		"Error: Undefine failed for device $U1"
	nothing_changed
}

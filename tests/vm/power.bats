#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the power leaves of definitions when it fails: a file system is shut down as if it had, with
# nothing written that was not synced, in the middle of changes, and mounted again. What mdevctl has
# reported as done is there; what was on its way is there whole or not at all.
#
# vm-once: it is about file systems, not about our modules

bats_require_minimum_version 1.5.0

# After how many changes, one round each.
ROUNDS="2 5 9 14 21"

setup() {
	DISK=/dev/shm/disk MOUNT=$BATS_TEST_TMPDIR/mount JOURNAL=$BATS_TEST_TMPDIR/journal
	export MDEVCTL_ENV_ROOT=$MOUNT
	modprobe loop
	mkdir "$MOUNT"
}

teardown() {
	umount "$MOUNT" 2>/dev/null || true
	rm -f "$DISK"
}

uuid() {
	printf '00000000-0000-4000-8000-%012x' "$1"
}

# change NAME NUMBER COMMAND...: one change, which the journal has when it begins and when it is done.
change() {
	local name=$1 number=$2
	shift 2
	echo "begin $name $number" >>"$JOURNAL"
	build/mdevctl "$@" -u "$(uuid "$number")" >/dev/null 2>&1 || return
	echo "done $name $number" >>"$JOURNAL"
}

# Changes until one fails, as the file system has gone.
change_until_failure() {
	local number=$1
	while change plain "$number" define -p mtty -t mtty-2 &&
		change changed "$number" modify --addattr a --value b; do
		((number % 3)) || change absent $((number - 1)) undefine || return
		number=$((number + 1))
	done
}

# What the definitions are now: "NUMBER plain|changed", sorted.
state() {
	build/mdevctl list --defined --dumpjson |
		jq -r '.[0].mtty[] | to_entries[] | "\(.key) \(if .value.attrs == [] then "plain" else "changed" end)"' |
		while read -r uuid state; do
			echo "$((16#${uuid##*-})) $state"
		done
}

# what STATE NUMBER: what STATE says of it; nothing: absent
what() {
	local state
	state=$(grep "^$2 " <<<"$1" || true)
	state=${state#* }
	echo "${state:-absent}"
}

# The journal against the definitions.
compare() {
	local now event name number
	declare -A before after
	while read -r event name number; do
		if [ "$event" = begin ]; then
			before[$number]=${after[$number]:-absent}
		else
			before[$number]=$name
		fi
		after[$number]=$name
	done <"$JOURNAL"

	now=$(state)
	for number in "${!after[@]}"; do
		name=$(what "$now" "$number")
		[ "$name" = "${before[$number]}" ] || [ "$name" = "${after[$number]}" ] || {
			echo "definition $number is $name; ${before[$number]} or ${after[$number]} was expected"
			return 1
		}
	done
}

# cut FILE-SYSTEM COUNT FIRST: the power fails after COUNT changes.
cut() {
	local count=$2 writer
	mount -o loop -t "$1" "$DISK" "$MOUNT"
	change_until_failure "$3" &
	writer=$!
	until [ "$(grep -c '^done' "$JOURNAL")" -ge "$count" ]; do
		kill -0 $writer
		sleep 0.01
	done
	xfs_io -x -c shutdown "$MOUNT"
	wait $writer || true
	umount "$MOUNT"
	mount -o loop -t "$1" "$DISK" "$MOUNT"
}

# survives FILE-SYSTEM
survives() {
	local count first=1
	modprobe "$1"
	truncate -s 320M "$DISK"
	"mkfs.$1" -q "$DISK"
	mount -o loop -t "$1" "$DISK" "$MOUNT"
	mkdir -p "$MOUNT/etc" "$MOUNT/run"
	umount "$MOUNT"
	for count in $ROUNDS; do
		: >"$JOURNAL"
		cut "$1" "$count" $first
		run --separate-stderr compare
		echo "$output" "$stderr"
		[ "$status" = 0 ]
		# Nothing in the way, nothing malformed.
		[ -z "$stderr" ]
		build/mdevctl define -u "$(uuid 0)" -p mtty -t mtty-1
		build/mdevctl undefine -u "$(uuid 0)"
		umount "$MOUNT"
		first=$((first + 99))
	done
}

@test "definitions survive on ext4 what has been synced" {
	survives ext4
}

@test "definitions survive on xfs what has been synced" {
	survives xfs
}

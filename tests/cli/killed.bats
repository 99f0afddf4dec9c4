#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154,SC2317 # UUIDs; variables and functions of calls.bash
# Commands that are killed at each of their system calls in turn: what they leave is the old or
# the new state, or the next run makes it so.

bats_require_minimum_version 1.5.0

load machine
load calls

MATRIX_JSON='{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"5"},{"ap_config":"7"}]}'

setup() {
	needs_strace "commands are killed more than a hundred times"
	machine_up mtty zoo
	MATRIX=$SYS/devices/vfio_ap/matrix
	mkdir -p "$ROOT/run"
}

# definition_is [FILE]...: U1's file is like one of these, and lists show just what there is.
definition_is() {
	local file

	for file; do
		[ "$file" = none ] || cmp -s "$file" "$ETC/mtty/$U1" || continue
		[ "$file" != none ] || [ ! -e "$ETC/mtty/$U1" ] || continue
		"$MDEVCTL" list -d >"$T/out" 2>"$T/err" && [ ! -s "$T/err" ]
		return
	done
	echo "U1's file is neither of: $*" >"$T/err"
	return 1
}

# nothing_else_is_left FILE...: what is in the definition directory.
nothing_else_is_left() {
	[ "$(cd "$ETC" && find . -type f -printf '%P ')" = "$*${1:+ }" ]
}

make_old() {
	rm -rf "$ETC" "$ROOT/run/mdevctl"
	mkdir -p "$ETC"
	define_file $U1
	cp "$ETC/mtty/$U1" "$T/old"
}

@test "a define that is killed anywhere has stored all or nothing" {
	local place

	# What is there already: nothing, the directory, one of the parent's.
	for place in root dir parent; do
		before() {
			rm -rf "$ROOT/etc" "$ROOT/run/mdevctl"
			[ $place = root ] || mkdir -p "$ETC"
			[ $place != parent ] || define_file $U2
		}
		after() {
			local status=0

			definition_is none "$T/new" || return
			[ ! -e "$ETC/mtty/$U1" ] || status=1
			try "${command[@]}"
			status_is $status && definition_is "$T/new" && locks_are_free &&
				rm -f "$ETC/mtty/$U2" && { [ $status = 1 ] || nothing_else_is_left mtty/$U1; }
		}
		command=("$MDEVCTL" define -u $U1 -p mtty -t mtty-1 --auto)
		before
		"${command[@]}"
		cp "$ETC/mtty/$U1" "$T/new"
		kill_at_each_call 10
	done
}

@test "a modify that is killed anywhere has left the old definition or the new one" {
	before() {
		make_old
	}
	after() {
		definition_is "$T/old" "$T/new" || return
		try "${command[@]}"
		status_is 0 && complains && definition_is "$T/new" && nothing_else_is_left mtty/$U1
	}
	command=("$MDEVCTL" modify -u $U1 --auto --setattr mode=host)
	before
	"${command[@]}"
	cp "$ETC/mtty/$U1" "$T/new"
	kill_at_each_call 10
}

@test "a modify of a file on another disk that is killed has left the old or the new one" {
	needs_root "to mount a file system"
	before() {
		make_old
		rm -rf "$T/disk/"* "$T/disk/".[!.]*
		mv "$ETC/mtty" "$T/disk/"
		ln -s "$T/disk/mtty" "$ETC/mtty"
	}
	after() {
		definition_is "$T/old" "$T/new" || return
		try "${command[@]}"
		status_is 0 && complains && definition_is "$T/new" && nothing_else_is_left &&
			same $U1 "$(ls -A "$T/disk/mtty")"
	}
	mkdir "$T/disk"
	mount -t tmpfs none "$T/disk"
	command=("$MDEVCTL" modify -u $U1 --auto --setattr mode=host)
	before
	"${command[@]}"
	cp "$ETC/mtty/$U1" "$T/new"
	kill_at_each_call 10 || { umount "$T/disk"; return 1; }
	umount "$T/disk"
}

@test "an undefine that is killed anywhere has left the definition or none" {
	before() {
		make_old
	}
	after() {
		local status=0

		definition_is none "$T/old" || return
		[ -e "$ETC/mtty/$U1" ] || status=1
		try "${command[@]}"
		status_is $status && definition_is none && nothing_else_is_left
	}
	command=("$MDEVCTL" undefine -u $U1)
	kill_at_each_call 5
}

# Devices -----------------------------------------------------------------------------

# no_device: U1 is not active, and nothing is known of it.
no_device() {
	[ -z "$(active)" ] || "$MDEVCTL" stop -u $U1
	rm -rf "$ROOT/run/mdevctl"
	mkdir -p "$ETC/matrix"
	echo "$MATRIX_JSON" >"$ETC/matrix/$U1"
}

is_whole() {
	[ -n "$(active)" ] && [ "$(<"$MATRIX/$U1/ap_config")" = 7 ]
}

@test "a start that is killed anywhere is made up for by the next" {
	local halves=0

	before() {
		no_device
	}
	after() {
		[ -z "$(active)" ] || is_whole || halves=$((halves + 1))
		try "$MDEVCTL" start-parent-mdevs matrix
		status_is 0 && is_whole && same "" "$(find "$ROOT/run" -name '*.start')"
	}
	command=("$MDEVCTL" start -u $U1)
	kill_at_each_call 10
	# Some are killed in the middle, or this shows nothing.
	[ $halves -ge 2 ]
}

@test "a start-parent-mdevs that is killed anywhere is made up for by the next" {
	local halves=0

	before() {
		no_device
		[ -z "$(active)" ] || "$MDEVCTL" stop -u $U2
		define_file $U2 mtty-1 mtty auto
	}
	after() {
		[[ $(active) != *$U1* ]] || is_whole || halves=$((halves + 1))
		try "${command[@]}"
		status_is 0 && is_whole && same "" "$(find "$ROOT/run" -name '*.start')" &&
			[[ $(active) == *"$U2 mtty mtty-1"* ]]
	}
	command=("$MDEVCTL" start-parent-mdevs --all)
	kill_at_each_call 10
	[ $halves -ge 2 ]
}

@test "a stop that is killed anywhere has left the device as it was, or none" {
	before() {
		no_device
		"$MDEVCTL" start -u $U1
	}
	after() {
		local status=1

		# The kernel goes on.
		until [ -z "$(removers)" ]; do :; done
		[ -z "$(active)" ] || { is_whole && status=0; } || return
		try "${command[@]}"
		status_is $status && same "" "$(active)" || return
		try "$MDEVCTL" start -u $U1
		status_is 0 && complains && is_whole
	}
	command=("$MDEVCTL" stop -u $U1)
	kill_at_each_call 2
}

@test "a start that was killed before it made a device is none of the next one's" {
	local call nth line

	no_device
	note_calls 'write\(.*/create>' "$MDEVCTL" start -u $U1
	read -r call nth line <"$T/calls"
	no_device
	inject $call $nth signal=SIGKILL "$MDEVCTL" start -u $U1 || true
	same "" "$(active)"
	[ -e "$ROOT/run/mdevctl/$U1.start" ]
	# Without attributes it is whole as soon as it is there.
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto"}' >"$ETC/matrix/$U1"
	"$MDEVCTL" start -u $U1
	sim clear
	try "$MDEVCTL" start-parent-mdevs matrix
	succeeds
	same "" "$(writes)"
}

# The disk --------------------------------------------------------------------------------

# not_on_disk TRACE...: what the commands of these traces, of "strace -y", have changed in the
# definition directory and not written to the disk. What gets a name is there before it has it.
not_on_disk() {
	# shellcheck disable=SC2016 # of awk
	cat "$@" | awk -v etc="$ROOT/etc" '
	function above(path) { sub(/\/[^\/]*$/, "", path); return path }
	function names(dir) { if (index(dir, etc) == 1 || dir == above(etc)) names_of[dir] = 1 }
	!/\) += [0-9]/ { next }
	{ split($0, at, /[<>]/); split($0, quoted, "\"") }
	/^openat\(.*O_CREAT/ { contents_of[at[4]] = 1 }
	/^write\(/ { contents_of[at[2]] = 1 }
	/^fsync\(/ { delete contents_of[at[2]]; delete names_of[at[2]] }
	/^(linkat|renameat2?)\(/ {
		if (at[2] "/" quoted[2] in contents_of)
			print "named before it is on the disk: " quoted[4]
		names(at[4])
	}
	/^(mkdirat|unlinkat)\(/ && quoted[2] != ".new" { names(at[2]) }
	/^(mkdir|rmdir|unlink)\(/ { names(above(quoted[2])) }
	END { for (dir in names_of) print "names in " dir }'
}

# on_disk COMMAND...: it leaves nothing to be written.
on_disk() {
	strace -y -o "$T/trace" "$@"
	same "" "$(not_on_disk "$T/trace")"
}

@test "what a command has changed is on the disk when it ends" {
	rm -r "$ROOT/etc"
	on_disk "$MDEVCTL" define -u $U1 -p mtty -t mtty-1
	on_disk "$MDEVCTL" define -u $U2 -p mtty -t mtty-1
	on_disk "$MDEVCTL" modify -u $U1 --auto
	on_disk "$MDEVCTL" undefine -u $U1
	on_disk "$MDEVCTL" undefine -u $U2
	# Or this shows nothing.
	grep -v '^fsync' "$T/trace" >"$T/lazy"
	same "names in $ETC"$'\n'"names in $ETC/mtty" "$(not_on_disk "$T/lazy" | sort)"
}

@test "so is what a command that was killed had made before" {
	local call nth line count=0

	rm -r "$ETC"
	command=("$MDEVCTL" define -u $U1 -p mtty -t mtty-1)
	note_calls '^fsync\(' "${command[@]}"
	while read -r call nth line <&3; do
		rm -r "$ETC"
		strace -y -o "$T/first" -e "inject=fsync:signal=SIGKILL:when=$nth" "${command[@]}" || true
		# It may be too late: it is defined.
		strace -y -o "$T/second" "${command[@]}" || continue
		same "" "$(not_on_disk "$T/first" "$T/second")"
		count=$((count + 1))
	done 3<"$T/calls"
	[ $count -ge 2 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every directory in golden/ is a case: a machine, definitions, a command and the
# bytes it prints as text and as JSON. golden/README says what is in one.

bats_require_minimum_version 1.5.0

load machine

# prepare CASE: a fresh machine as the case wants it.
prepare() {
	machine_down
	rm -rf "$T/root"
	machine_up mtty zoo
	if [ -f "$1/machine" ]; then
		cat "$1/machine" >"$SYS/.sim/control"
	fi
	if [ -d "$1/mdevctl.d" ]; then
		cp -R "$1/mdevctl.d/." "$ETC"
	fi
}

# compare CASE EXPECTED COMMAND...: output, warnings and status are those of the case.
# Warnings are compared without the time and the machine's root directory.
compare() {
	local name=${1##*/}

	try "${@:3}"
	diff -u --label "$name/$2" "$1/$2" --label "is" "$T/out" || return 1
	sed "s|$ROOT/|/|g; s/^\[[0-9TZ:-]* /[/" "$T/err" | diff -u --label "$name/stderr" \
		"$([ -f "$1/stderr" ] && echo "$1/stderr" || echo /dev/null)" --label "is" - || return 1
	[ "$status" -eq 0 ] || wrong "status of $name is not 0"
}

run_cases() {
	local case args failed=0

	for case in "$BATS_TEST_DIRNAME"/golden/"$1"-*/; do
		case=${case%/}
		prepare "$case"
		read -r -a args <"$case/args"
		[ ! -f "$case/text" ] || compare "$case" text mdevctl "${args[@]}" || failed=1
		[ ! -f "$case/json" ] || compare "$case" json mdevctl "${args[@]}" --dumpjson || failed=1
	done >&2
	return $failed
}

@test "every case of list prints its text and its JSON" {
	run_cases list
}

@test "every case of types prints its text and its JSON" {
	run_cases types
}

# The file's bytes are the JSON of list, so what was written by mdevctl is read and
# written by us without a change.
@test "the file of every case is what list -u prints of it, byte for byte" {
	local case

	for case in "$BATS_TEST_DIRNAME"/golden/file-*; do
		mkdir -p "$ETC/mtty"
		cp "$case" "$ETC/mtty/$U1"
		try mdevctl list -d -u $U1 --dumpjson
		status_is 0
		cmp "$case" "$T/out"
		try mdevctl define -u $U2 -p mtty --jsonfile "$case"
		# Some are of types that mtty has not, of which it warns.
		status_is 0
		prints
		cmp "$case" "$ETC/mtty/$U2"
		rm "$ETC/mtty/$U2"
	done
}

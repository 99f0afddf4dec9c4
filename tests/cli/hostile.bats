#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2086,SC2154 # scripts; UUIDs; variables of machine.bash
# Others who can write where root reads, or who choose names: nothing of it is used, and the error
# says why.

bats_require_minimum_version 1.5.0

load machine

setup() {
	needs_sim "it says nothing of the kernel"
	machine_up
	SCRIPTS=$ROOT/usr/lib/mdevctl/scripts.d/callouts
	OPEN="not used, as every user may write to it*"
}

# script NAME: one that notes that it has run.
script() {
	mkdir -p "$SCRIPTS"
	printf '#!/bin/sh\ntouch "%s"\nexit 2\n' "$T/ran" >"$SCRIPTS/$1"
	chmod 755 "$SCRIPTS/$1"
}

# refused PATTERN: nothing is done, and a line says why, be it the error or a warning before it.
refused() {
	status_is 1
	nothing_changed
	[[ $(<"$T/err") == *$1* ]] || wrong "stderr does not have: $1"
}

nothing_ran() {
	[ ! -e "$T/ran" ] && same "" "$(active)"
}

@test "definitions that everybody may write are not started" {
	define_file $U1 mtty-1 mtty auto
	chmod o+w "$ETC"
	try mdevctl start -u $U1
	fails "Error: $ETC: $OPEN"
	try mdevctl start-parent-mdevs mtty
	fails "Error: $ETC: $OPEN"
	chmod o-w "$ETC"
	chmod 1777 "$ETC/mtty"
	try mdevctl start -u $U1
	refused "$ETC/mtty: $OPEN"
	try mdevctl start-parent-mdevs --all
	refused "$ETC/mtty: $OPEN"
	chmod 755 "$ETC/mtty"
	chmod o+w "$ETC/mtty/$U1"
	try mdevctl start -u $U1
	refused "$ETC/mtty/$U1: $OPEN"
	try mdevctl start-parent-mdevs mtty
	refused "$ETC/mtty/$U1: $OPEN"
	chmod o-w "$ETC/mtty/$U1"
	try mdevctl start -u $U1
	succeeds
}

@test "nothing is defined or changed where everybody may write" {
	define_file $U1
	chmod o+w "$ETC"
	try mdevctl define -u $U2 -p mtty -t mtty-1
	fails "Error: $ETC: $OPEN"
	try mdevctl modify -u $U1 --auto
	fails "Error: $ETC: $OPEN"
	try mdevctl undefine -u $U1
	status_is 1
	nothing_changed
}

@test "what is made is not for everybody to write, whatever the umask" {
	rm -r "$ETC"
	(umask 0; mdevctl define -u $U1 -p mtty -t mtty-1 && mdevctl modify -u $U1 --auto)
	same "" "$(find "$ROOT/etc" -perm /022)"
	try mdevctl start -u $U1
	succeeds
}

@test "a script that others than root can change refuses the action, and is named" {
	needs_root "to give files away"
	script check
	for change in "chown 65534" "chmod o+w" "chown :65534"; do
		script check
		chmod g+w "$SCRIPTS/check"
		$change "$SCRIPTS/check"
		try mdevctl start -u $U1 -p mtty -t mtty-1
		fails "Error: Refused to run $SCRIPTS/check: *"
		rm "$SCRIPTS/check"
		nothing_ran
	done
	script check
	chmod 1777 "$SCRIPTS"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Refused to run $SCRIPTS: every user may write to it"
	nothing_ran
}

@test "scripts as packages install them run, and those of a group that is root's" {
	for mode in 755 775 700; do
		script check
		chmod $mode "$SCRIPTS/check"
		mdevctl define -u $U1 -p mtty -t mtty-1
		mdevctl undefine -u $U1
		rm "$T/ran"
	done
}

@test "a notifier that others can change is left out, and named" {
	needs_root "to give files away"
	SCRIPTS=$ROOT/usr/lib/mdevctl/scripts.d/notifiers
	script note
	chown 65534 "$SCRIPTS/note"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 0
	complains "*WARN *Refused to run $SCRIPTS/note: it belongs to another user than root"
	nothing_ran
}

@test "what is planted in the definition directory is neither waited for nor followed" {
	needs_root "to make a device node"
	mkdir -p "$ETC/mtty/$U4" "$ETC/other"
	mkfifo "$ETC/mtty/$U1" "$ETC/.new"
	mknod "$ETC/mtty/$U2" c 1 5
	ln -s "$ETC/mtty/$U3" "$ETC/mtty/$U3"
	for uuid in $U1 $U2 $U3; do
		try mdevctl start -u $uuid -p mtty
		status_is 1
		nothing_changed
	done
	try timeout 60 "$MDEVCTL" start-parent-mdevs mtty
	status_is 1
	nothing_changed
	# A temporary file that is a link to another is replaced, not written through.
	echo precious >"$T/precious"
	rm "$ETC/.new"
	ln -s "$T/precious" "$ETC/.new"
	try mdevctl define -u $U5 -p mtty -t mtty-1
	status_is 0
	same precious "$(<"$T/precious")"
	[ -f "$ETC/mtty/$U5" ] && [ ! -e "$ETC/.new" ]
}

@test "names that lead elsewhere, or are too long for any file, make nothing" {
	local name json

	for name in .. ../x x/y /etc $'a\nb' $'a\eb' $'a\x7fb' "$(printf '%0300d' 0)" "$(printf '%0100000d' 0)"; do
		try mdevctl define -u $U1 -p "$name" -t mtty-1
		[[ $status == [12] ]] || wrong "status"
		nothing_changed
		try mdevctl start -u $U1 -p mtty -t "$name"
		[[ $status == [12] ]] || wrong "status"
		nothing_changed
	done
	json=$T/definition
	for name in ../remove 'a\nb' 'a\u001bb' "$(printf '%0300d' 0)"; do
		printf '{"mdev_type":"mtty-1","start":"auto","attrs":[{"%s":"1"}]}' "$name" >"$json"
		try mdevctl start -u $U1 -p mtty --jsonfile "$json"
		status_is 1
		nothing_changed
	done
}

@test "a name of ten megabytes is refused before it is used" {
	{
		printf '{"mdev_type":"mtty-1","start":"auto","attrs":[{"'
		head -c 10000000 /dev/zero | tr '\0' x
		printf '":"1"}]}'
	} >"$T/definition"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/definition"
	fails "Error: *too large*"
	mkdir "$ETC/mtty"
	cp "$T/definition" "$ETC/mtty/$U1"
	try mdevctl start-parent-mdevs mtty
	status_is 1
	nothing_changed
	[ "$(wc -c <"$T/err")" -lt 1000 ]
}

# on_files COMMAND...: with plain files for a kernel, and not memory without end.
on_files() (
	ulimit -d 500000
	export MDEVCTL_ENV_ROOT=$T/files
	timeout 60 "$@"
)

@test "files of the kernel that are binary, or never end, are not read to their end" {
	local type=$T/files/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1 file

	mkdir -p "$type/devices"
	echo 3 >"$type/available_instances"
	echo vfio-pci >"$type/device_api"
	for file in name description; do
		ln -s /dev/zero "$type/$file"
	done
	try on_files "$MDEVCTL" types
	succeeds "mtty
  mtty-1
    Available instances: 3
    Device API: vfio-pci
"
	for file in available_instances device_api; do
		ln -sf /dev/urandom "$type/$file"
		try on_files "$MDEVCTL" types
		[[ $status == [01] ]] || wrong "status"
		[ "$(wc -c <"$T/err")" -lt 1000 ] || wrong "it says too much"
		grep -q "$file" "$T/err" || wrong "the file is not named"
		echo 1 >"$T/number" && ln -sf "$T/number" "$type/$file"
	done
}

@test "a set-id program takes nothing from the environment" {
	local program=$T/mdevctl

	: "${SELF_CONTAINED:=$TOP/build/tests/cli/mdevctl}"
	be_nobody
	chmod o+x "$T" "$ROOT" "$ROOT/etc"
	define_file $U1
	cp "$SELF_CONTAINED" "$program"
	chmod 755 "$program"
	export MDEVCTL_CALLOUT_TIMEOUT=nonsense
	nobody "$program" list -d >"$T/out" 2>"$T/err"
	grep -q $U1 "$T/out" && grep -q nonsense "$T/err"
	chmod 4755 "$program"
	# The definitions of this machine, if there are any.
	nobody "$program" list -d >"$T/out" 2>"$T/err"
	same "" "$(grep -hE "$U1|nonsense" "$T/out" "$T/err")"
}

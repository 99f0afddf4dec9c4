#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# undefine: what goes, what stays.

bats_require_minimum_version 1.5.0

load machine

@test "undefine removes the file and prints nothing" {
	define_file $U1
	define_file $U2
	try mdevctl undefine -u $U1
	succeeds
	same "$U2" "$(ls -A "$ETC/mtty")"
}

@test "undefine of the last definition leaves no empty directory behind" {
	define_file $U1
	try mdevctl undefine --uuid $U1
	succeeds
	[ ! -e "$ETC/mtty" ]
	[ -d "$ETC" ]
}

@test "undefine leaves the running device alone" {
	define_file $U1
	activate $U1
	try mdevctl undefine -u $U1
	succeeds
	same "" "$(names "$ETC")"
	same "$U1 mtty mtty-1" "$(active)"
}

@test "undefine of what is not defined is an error" {
	define_file $U2
	activate $U1
	try mdevctl undefine -u $U1
	fails "Error: No devices match the specified uuid*"
	try mdevctl undefine -u $U2 -p other
	fails "Error: No devices match the specified uuid*"
}

@test "undefine takes the definitions of all parents, or of the one given" {
	define_file $U1 mtty-1 mtty
	define_file $U1 mtty-1 other
	define_file $U1 mtty-1 third
	try mdevctl undefine -u $U1 -p other
	succeeds
	same "mtty third" "$(names "$ETC")"
	try mdevctl undefine -u $U1
	succeeds
	same "" "$(ls "$ETC")"
}

@test "a definition under the UUID in capitals can be undefined" {
	define_file ${UA^^}
	try mdevctl undefine -u $UA
	succeeds
	[ ! -e "$ETC/mtty" ]
}

@test "undefine of a symlinked definition removes the link and not what it leads to" {
	mkdir -p "$ETC/mtty"
	plain_json mtty-1 manual >"$T/kept"
	ln -s "$T/kept" "$ETC/mtty/$U1"
	try mdevctl undefine -u $U1
	succeeds
	[ ! -L "$ETC/mtty/$U1" ]
	[ -f "$T/kept" ]
}

@test "another broken definition does not get in the way" {
	define_file $U1
	echo broken >"$ETC/mtty/$U2"
	try mdevctl undefine -u $U1
	succeeds
	same "$U2" "$(ls "$ETC/mtty")"
}

@test "a broken definition can be undefined" {
	define_file $U2
	echo broken >"$ETC/mtty/$U1"
	try mdevctl undefine -u $U1
	status_is 0
	prints
	same "$U2" "$(ls "$ETC/mtty")"
}

@test "a definition that is too large hinders no list, and can be undefined" {
	mkdir -p "$ETC/bad"
	truncate -s 1T "$ETC/bad/$U2"
	mdevctl define -u $U1 -p mtty -t mtty-1
	try mdevctl list -d
	same 0 "$status"
	same "$U1 mtty mtty-1 manual" "$(cat "$T/out")"
	grep -q "$ETC/bad/$U2: too large (limit 1 MiB)" "$T/err"
	try mdevctl list -d --dumpjson
	same 0 "$status"
	try mdevctl undefine -u $U2
	same 0 "$status"
	[ ! -e "$ETC/bad" ]
}

@test "a broken definition goes together with a good one of another parent" {
	define_file $U1 mtty-1 mtty
	mkdir -p "$ETC/other"
	echo broken >"$ETC/other/$U1"
	try mdevctl undefine -u $U1
	status_is 0
	prints
	same "" "$(names "$ETC")"
}

@test "undefine accepts --force" {
	define_file $U1
	try mdevctl undefine --force -u $U1 -p mtty
	succeeds
	same "" "$(names "$ETC")"
}

@test "the parent is a name and not a path" {
	define_file $U1
	mkdir -p "$T/away"
	for parent in "../mdevctl.d/mtty" "./mtty" "mtty/" "$ETC/mtty" ""; do
		try mdevctl undefine -u $U1 "--parent=$parent"
		[ "$status" -ne 0 ]
		nothing_changed
	done
}

@test "one definition that cannot be removed is named, the others go" {
	needs_root "to make a file undeletable"
	define_file $U1 mtty-1 mtty
	define_file $U1 mtty-1 other
	mount --bind "$ETC/mtty/$U1" "$ETC/mtty/$U1" || skip "mounting is not permitted"
	try mdevctl undefine -u $U1
	umount "$ETC/mtty/$U1"
	status_is 1
	grep -q "mtty" "$T/err"
	[ -f "$ETC/mtty/$U1" ]
	[ ! -e "$ETC/other" ]
}

@test "of many at once exactly one undefines" {
	define_file $U1
	for i in 1 2 3 4 5 6 7 8; do
		"$MDEVCTL" undefine -u $U1 2>"$T/err$i" && echo "$i" >>"$T/won" &
	done
	wait
	same 1 "$(wc -l <"$T/won")"
	[ ! -e "$ETC/mtty" ]
}

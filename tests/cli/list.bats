#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# list on any machine; its formats are in golden/.

bats_require_minimum_version 1.5.0

load machine

@test "list without devices prints nothing, and [] as JSON" {
	try mdevctl list
	succeeds
	try mdevctl list --dumpjson
	succeeds "[]"
	try mdevctl list --defined
	succeeds
	try mdevctl list --defined --dumpjson
	succeeds "[]"
	try mdevctl list -u $U1 --dumpjson
	succeeds "[]"
}

@test "list shows active devices, sorted, and which of them are defined" {
	activate $U3 mtty-1
	activate $U1 mtty-2
	activate $U2 mtty-1
	define_file $U2 mtty-1 mtty auto
	define_file $U4
	try mdevctl list
	succeeds "$U1 mtty mtty-2 manual
$U2 mtty mtty-1 auto (defined)
$U3 mtty mtty-1 manual
"
}

@test "list --defined shows definitions, sorted, and which of them are active" {
	activate $U1 mtty-2
	define_file $U3
	define_file $U1 mtty-2
	define_file $U2 mtty-1 a-parent auto
	try mdevctl list --defined
	succeeds "$U2 a-parent mtty-1 auto
$U1 mtty mtty-2 manual (active)
$U3 mtty mtty-1 manual
"
}

@test "a definition is active only with the same parent and type" {
	activate $U1 mtty-2
	define_file $U1 mtty-1
	define_file $U1 mtty-2 other
	try mdevctl list -d
	succeeds "$U1 mtty mtty-1 manual
$U1 other mtty-2 manual
"
}

@test "an active device is defined whatever type its definition has" {
	activate $U1 mtty-2
	define_file $U1 mtty-1 mtty auto
	try mdevctl list
	succeeds "$U1 mtty mtty-2 auto (defined)
"
}

@test "list of one device as JSON is the file that would define it" {
	activate $U1 mtty-2
	try mdevctl list -u $U1 --dumpjson
	succeeds "$(plain_json mtty-2 manual)"
	define_file $U2 mtty-1 mtty auto
	try mdevctl list -d -u $U2 --dumpjson
	succeeds "$(plain_json mtty-1 auto)"
}

@test "JSON is the same with --verbose" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}]}' >"$ETC/mtty/$U1"
	"$MDEVCTL" list -d --dumpjson >"$T/expected"
	try mdevctl list -dv --dumpjson
	succeeds "$(<"$T/expected")"
}

@test "list as JSON" {
	activate $U2 mtty-1
	activate $U1 mtty-2
	try mdevctl list --dumpjson
	succeeds '[
  {
    "mtty": [
      {
        "'$U1'": {
          "mdev_type": "mtty-2",
          "start": "manual",
          "attrs": []
        }
      },
      {
        "'$U2'": {
          "mdev_type": "mtty-1",
          "start": "manual",
          "attrs": []
        }
      }
    ]
  }
]'
}

@test "filters that match nothing are no error" {
	activate $U1
	define_file $U1
	try mdevctl list -p other
	succeeds
	try mdevctl list -u $U2
	succeeds
	try mdevctl list -d -p other
	succeeds
	try mdevctl list -d -u $U2 --dumpjson
	succeeds "[]"
	for parent in MTTY mtt mtty2; do
		try mdevctl list "--parent=$parent"
		succeeds
		try mdevctl list -d "--parent=$parent" --dumpjson
		succeeds "[]"
	done
	try mdevctl list -p ../mdev_bus/mtty
	[ "$status" -eq 0 ] && prints
}

@test "a definition under the UUID in capitals is listed in text and JSON" {
	define_file ${UA^^}
	activate $UA
	try mdevctl list -d
	succeeds "$UA mtty mtty-1 manual (active)
"
	try mdevctl list
	succeeds "$UA mtty mtty-1 manual (defined)
"
	try mdevctl list -d -u $UA --dumpjson
	succeeds "$(plain_json mtty-1 manual)"
}

@test "symlinked definitions and parents' directories are listed" {
	mkdir -p "$ETC/mtty" "$T/other"
	plain_json mtty-1 manual >"$T/file"
	plain_json mtty-2 manual >"$T/other/$U2"
	ln -s "$T/file" "$ETC/mtty/$U1"
	ln -s "$T/other" "$ETC/other"
	try mdevctl list -d
	succeeds "$U1 mtty mtty-1 manual
$U2 other mtty-2 manual
"
}

# Puts a bad file beside two good definitions; $1 is the file's UUID or name.
bad_neighbour() {
	define_file $U1
	define_file $U5 mtty-2
	cat >"$ETC/mtty/$1"
}

listed_with_warning() {
	status_is 0
	prints "$U1 mtty mtty-1 manual
$U5 mtty mtty-2 manual
"
	complains "*$1*"
}

@test "a broken definition is named in a warning and the rest is listed" {
	echo '{"mdev_type":' | bad_neighbour $U2
	try mdevctl list -d
	listed_with_warning "$ETC/mtty/$U2"
	try mdevctl list -d --dumpjson
	status_is 0
	complains "*$ETC/mtty/$U2*"
	same "$U1 $U5" "$(jq -r '.[0].mtty[] | keys[0]' "$T/out" | xargs)"
}

@test "an empty definition is named in a warning" {
	bad_neighbour $U2 </dev/null
	try mdevctl list -d
	listed_with_warning "$ETC/mtty/$U2"
}

@test "a definition whose type is no string is named in a warning" {
	echo '{"mdev_type":7,"start":"auto"}' | bad_neighbour $U2
	try mdevctl list -d
	listed_with_warning "$ETC/mtty/$U2"
}

@test "a foreign file is named in a warning" {
	echo hello | bad_neighbour README
	try mdevctl list -d
	listed_with_warning "Can't determine uuid for file 'README'"
}

@test "a file whose name is not UTF-8 is a warning" {
	echo hello | bad_neighbour $'x\xff'
	try mdevctl list -d
	listed_with_warning "Can't determine uuid for file 'x"
}

@test "a directory whose name is not UTF-8 does no harm" {
	define_file $U1
	define_file $U2 mtty-1 $'x\xff'
	try mdevctl list -d
	status_is 0
	grep -qx "$U1 mtty mtty-1 manual" "$T/out"
	try mdevctl list -d --dumpjson
	status_is 0
	jq -e '.[0].mtty' "$T/out"
}

@test "a dangling symlink is named in a warning" {
	bad_neighbour x </dev/null
	rm "$ETC/mtty/x"
	ln -s "$T/nowhere" "$ETC/mtty/$U2"
	try mdevctl list -d
	listed_with_warning "$ETC/mtty/$U2*No such file or directory (os error 2)"
}

@test "a FIFO or device in the place of a definition is a warning and does not hang" {
	bad_neighbour x </dev/null
	rm "$ETC/mtty/x"
	mkfifo "$ETC/mtty/$U2"
	try timeout 10 "$MDEVCTL" list -d
	listed_with_warning "$ETC/mtty/$U2"
	rm "$ETC/mtty/$U2"
	ln -s /dev/zero "$ETC/mtty/$U2"
	try timeout 10 "$MDEVCTL" list -d
	listed_with_warning "$ETC/mtty/$U2"
}

@test "a broken definition does not hide the running device" {
	activate $U1
	mkdir -p "$ETC/mtty"
	echo broken >"$ETC/mtty/$U1"
	try mdevctl list
	status_is 0
	prints "$U1 mtty mtty-1 manual (defined)
"
}

@test "a broken definition hurts only lookups that reach it" {
	echo broken | bad_neighbour $U2
	try mdevctl list -d -u $U1
	succeeds "$U1 mtty mtty-1 manual
"
	define_file $U3 mtty-1 other
	try mdevctl list -d -p other
	succeeds "$U3 other mtty-1 manual
"
}

@test "an unreadable definition is named in a warning" {
	be_nobody
	bad_neighbour $U2 </dev/null
	chmod 600 "$ETC/mtty/$U2"
	try nobody "$MDEVCTL" list -d
	listed_with_warning "$ETC/mtty/$U2*Permission denied (os error 13)"
}

@test "files beside the parents' directories are ignored in silence" {
	define_file $U1
	echo hello >"$ETC/README"
	mkdir -p "$ETC/scripts.d/callouts"
	echo hello >"$ETC/scripts.d/README"
	echo hello >"$ETC/scripts.d/callouts/x.sh"
	try mdevctl list -d
	succeeds "$U1 mtty mtty-1 manual
"
}

@test "directories below a parent's are ignored in silence" {
	define_file $U1
	mkdir "$ETC/mtty/sub" "$ETC/mtty/$U2"
	try mdevctl list -d
	succeeds "$U1 mtty mtty-1 manual
"
}

@test "a thousand definitions are listed in order" {
	json=$(plain_json mtty-1 manual)
	mkdir -p "$ETC/mtty"
	for i in {1000..1999}; do
		printf %s "$json" >"$ETC/mtty/${U1%????}$i"
		echo "${U1%????}$i mtty mtty-1 manual"
	done >"$T/expected"
	"$MDEVCTL" list -d >"$T/out"
	cmp "$T/expected" "$T/out"
	"$MDEVCTL" list -d --dumpjson >"$T/out"
	same 1000 "$(jq '.[0].mtty | length' "$T/out")"
}

@test "listing does not write anything" {
	activate $U1
	define_file $U1
	for command in list "list -dv" types; do
		# shellcheck disable=SC2086 # words
		try mdevctl $command
		status_is 0
		grep -q mtty "$T/out"
		nothing_changed
	done
	[ "$MACHINE" = real ] || same "" "$(writes)"
}

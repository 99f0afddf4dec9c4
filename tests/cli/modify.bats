#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs; variables of machine.bash
# modify: the definition, the active device, both, and what is refused.

bats_require_minimum_version 1.5.0

load machine

ap=vfio_ap-passthrough

# ap_json START [NAME=VALUE]...: a definition for the crypto adapter, as libvirt writes it.
ap_json() {
	local start=$1 attrs='' attr

	shift
	for attr; do
		attrs+="${attrs:+,}{\"${attr%%=*}\":\"${attr#*=}\"}"
	done
	printf '{"mdev_type":"%s","start":"%s","attrs":[%s]}' $ap "$start" "$attrs"
}

# define_ap UUID START [NAME=VALUE]...
define_ap() {
	mkdir -p "$ETC/matrix"
	ap_json "${@:2}" >"$ETC/matrix/$1"
}

# stored UUID START [NAME=VALUE]...: the definition is this one.
stored() {
	same "$(ap_json "${@:2}")" "$(jq -c . "$ETC/matrix/$1")"
}

attr() {
	cat "$SYS/bus/mdev/devices/$1/$2"
}

with_zoo() {
	machine_down
	machine_up mtty zoo
}

# Changes of the definition by options -----------------------------------------

@test "modify --auto and --manual change the start mode and nothing else" {
	define_ap $U1 manual a=1 b=2
	try mdevctl modify --uuid $U1 --auto
	succeeds
	stored $U1 auto a=1 b=2
	try mdevctl modify --uuid $U1 --manual
	succeeds
	stored $U1 manual a=1 b=2
	try mdevctl modify -au $U1 -p matrix
	succeeds
	stored $U1 auto a=1 b=2
}

@test "the modified file has the bytes that define writes" {
	printf '{"start":"manual","mdev_type":"mtty-1"}' >"$T/x"
	mkdir -p "$ETC/mtty"
	cp "$T/x" "$ETC/mtty/$U1"
	try mdevctl modify -u $U1 -a
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
}

@test "the type can be changed alone and together with others" {
	define_file $U1 mtty-1
	try mdevctl modify -u $U1 --type mtty-2
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
	try mdevctl modify -u $U1 -t mtty-1 --auto
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
	try mdevctl modify -u $U1 -t ../x
	fails "Error: *type*"
}

@test "attributes are added at the end or at an index" {
	define_ap $U1 manual
	try mdevctl modify -u $U1 --addattr a --value 1
	succeeds
	try mdevctl modify -u $U1 --addattr=b --value=2
	succeeds
	stored $U1 manual a=1 b=2
	try mdevctl modify -u $U1 --addattr c --value 3 --index 0
	succeeds
	try mdevctl modify -u $U1 --addattr d --value= -i 3
	succeeds
	try mdevctl modify -u $U1 --addattr a --value=-1 -i2
	succeeds
	stored $U1 manual c=3 a=1 a=-1 b=2 d=
	try mdevctl modify -u $U1 --addattr=mdev/aggregation --value=2
	succeeds
	stored $U1 manual c=3 a=1 a=-1 b=2 d= mdev/aggregation=2
}

@test "attributes are removed from the end or at an index" {
	define_ap $U1 manual a=1 b=2 c=3
	try mdevctl modify -u $U1 --delattr
	succeeds
	stored $U1 manual a=1 b=2
	try mdevctl modify -u $U1 --delattr --index 0
	succeeds
	stored $U1 manual b=2
	try mdevctl modify -u $U1 --delattr
	succeeds
	stored $U1 manual
	try mdevctl modify -u $U1 --delattr
	succeeds
	stored $U1 manual
}

@test "an index behind the attributes is an error" {
	define_ap $U1 manual a=1
	try mdevctl modify -u $U1 --addattr b --value 2 -i 2
	fails "Error: Attribute index 2 is invalid*1 attribute*"
	try mdevctl modify -u $U1 --delattr -i 9
	fails "Error: Attribute index 9 is invalid*"
	define_ap $U2 manual
	try mdevctl modify -u $U2 --delattr -i 0
	fails "Error: Attribute index 0 is invalid: Device $U2 has no attributes"
}

@test "several attributes are set and removed by name in one call" {
	define_ap $U1 manual a=1 b=2 a=3 c=4
	try mdevctl modify -u $U1 --setattr a=9 --setattr d=5=6 --unsetattr c --setattr=e= --auto
	succeeds
	stored $U1 auto a=9 b=2 d=5=6 e=
	try mdevctl modify -u $U1 --unsetattr a --setattr a=1 --unsetattr=b
	succeeds
	stored $U1 auto d=5=6 e= a=1
}

@test "one wrong name of several changes nothing" {
	define_ap $U1 manual a=1
	try mdevctl modify -u $U1 --setattr b=2 --unsetattr c
	fails "Error: *c*"
	try mdevctl modify -u $U1 --setattr b=2 --setattr ../c=3
	fails "Error: *../c*"
	try mdevctl modify -u $U1 --addattr /etc/x --value 3
	fails "Error: */etc/x*"
}

@test "a setting without a name or a value is a usage error" {
	for setting in a =1 =; do
		try mdevctl modify -u $U1 --setattr "$setting"
		misused "error: invalid value '$setting' for '--setattr <NAME=VALUE>': *"
	done
	try mdevctl modify -u $U1 --setattr=
	misused
	try mdevctl modify -u $U1 --unsetattr=
	misused
}

@test "what is not defined cannot be modified" {
	activate $U1
	try mdevctl modify -u $U1 --auto
	fails "Error: Mediated device $U1 is not defined"
	try mdevctl modify -u $U1 -p mtty --auto
	fails "Error: Mediated device mtty/$U1 is not defined"
	define_file $U2
	try mdevctl modify -u $U2 -p matrix --auto
	fails "Error: Mediated device matrix/$U2 is not defined"
}

@test "of several definitions the parent must be told" {
	define_file $U1
	define_ap $U1 manual
	try mdevctl modify -u $U1 --auto
	fails "Error: Multiple definitions found for $U1, specify a parent*"
	try mdevctl modify -u $U1 -p matrix --auto
	succeeds
	stored $U1 auto
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "members that mdevctl does not know stay" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","owner":{"name":"nova"},"start":"manual"}' >"$ETC/mtty/$U1"
	try mdevctl modify -u $U1 --auto
	succeeds
	same nova,auto "$(jq -r '.owner.name + "," + .start' "$ETC/mtty/$U1")"
	plain_json mtty-2 manual >"$T/x"
	try mdevctl modify -u $U1 -p mtty --jsonfile "$T/x"
	succeeds
	same nova,mtty-2 "$(jq -r '.owner.name + "," + .mdev_type' "$ETC/mtty/$U1")"
}

@test "a broken definition is named, and does not hinder others" {
	define_file $U1
	mkdir -p "$ETC/mtty"
	echo broken >"$ETC/mtty/$U2"
	try mdevctl modify -u $U2 --auto
	fails "Error: *$U2*"
	try mdevctl modify -u $U1 --auto
	succeeds
}

@test "of many changes at once none is lost" {
	local pids=() i

	define_ap $U1 manual
	for i in {1..20}; do
		"$MDEVCTL" modify -u $U1 --setattr a$i=$i &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	same 20 "$(grep -c '"a[0-9]*"' "$ETC/matrix/$U1")"
	same "$U1" "$(ls -A "$ETC/matrix")"
	same matrix "$(ls -A "$ETC")"
}

@test "changes of different kinds at once are not lost" {
	local pids=() i

	define_ap $U1 auto
	ap_json auto x=1 >"$T/x.json"
	for i in {1..8}; do
		"$MDEVCTL" modify -u $U1 --setattr a$i=$i &
		pids+=($!)
	done
	"$MDEVCTL" modify -u $U1 --manual &
	pids+=($!)
	"$MDEVCTL" modify -u $U1 --addattr b --value 1 &
	pids+=($!)
	for i in "${pids[@]}"; do
		wait "$i"
	done
	same '"manual" 9' "$(jq -r '"\"\(.start)\" \(.attrs|length)"' "$ETC/matrix/$U1")"
}

# change_meanwhile FILE: what a script stores that is asked between reading and writing, once.
change_meanwhile() {
	asked_script=$ROOT/usr/lib/mdevctl/scripts.d/callouts/ap
	rm -f "$T/asked" "$T/done"
	mkdir -p "${asked_script%/*}"
	cat >"$asked_script" <<-EOF
		#!/bin/sh
		case "\$*" in *"-e pre -a modify"*) ;; *) exit 0 ;; esac
		echo "\$*" >>"$T/asked"
		[ -e "$T/done" ] || cp "$1" "$ETC/matrix/$U1"
		touch "$T/done"
	EOF
	chmod +x "$asked_script"
}

@test "a change meanwhile is taken up, and the script asked again" {
	define_ap $U1 manual
	ap_json auto other=1 >"$T/other"
	change_meanwhile "$T/other"
	try mdevctl modify -u $U1 --setattr mine=2
	rm "$asked_script"
	same 0 "$status"
	stored $U1 auto other=1 mine=2
	same 2 "$(wc -l <"$T/asked")"
}

@test "what takes the device away is no attribute, and can be taken out of a definition" {
	define_ap $U1 manual a=1
	try mdevctl modify -u $U1 --setattr remove=1
	fails "Error: Attribute 'remove' cannot be set: with it the kernel removes the device"
	try mdevctl modify -u $U1 --setattr $'a\nb=1'
	fails "Error: Invalid attribute 'a?b'"
	ap_json manual remove=1 >"$T/x.json"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x.json"
	fails "Error: *x.json: Attribute 'remove' cannot be set*"
	stored $U1 manual a=1
	define_ap $U1 manual a=1 remove=1
	try mdevctl list -d
	same "$U1 matrix $ap manual" "$(cat "$T/out")"
	try mdevctl start -u $U1
	fails "Error: *Attribute 'remove' cannot be set*"
	try mdevctl modify -u $U1 --auto
	fails "Error: *Attribute 'remove' cannot be set*"
	try mdevctl modify -u $U1 --auto --unsetattr remove
	succeeds
	stored $U1 auto a=1
}

@test "modify does not touch the active device" {
	define_file $U1 mtty-1
	activate $U1 mtty-1
	try mdevctl modify -u $U1 -t mtty-2
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
	same "" "$([ "$MACHINE" = real ] || writes)"
}

# Changes of the definition by a file ------------------------------------------

@test "a JSON file replaces type, start mode and attributes" {
	define_ap $U1 auto a=1
	ap_json manual b=2 c=3 >"$T/x"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
	succeeds
	stored $U1 manual b=2 c=3
	printf '{"mdev_type":"mtty-1","start":"manual"}' >"$T/x"
	try mdevctl modify -u $U1 -p matrix --defined --jsonfile "$T/x"
	succeeds
	holds "$ETC/matrix/$U1" "$(plain_json mtty-1 manual)"
}

@test "a JSON file repairs a broken definition" {
	mkdir -p "$ETC/matrix"
	echo broken >"$ETC/matrix/$U1"
	ap_json manual b=2 >"$T/x"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
	succeeds
	stored $U1 manual b=2
}

# The members that the file does not know show whose definition it was applied to.
@test "a repair meanwhile is taken up" {
	mkdir -p "$ETC/matrix"
	ap_json manual b=2 >"$T/x"
	jq -c '.owner = "me"' "$T/x" >"$T/repaired"
	jq -c '.owner = "me"' "$T/x" | head -c 20 >"$T/broken"
	head -c 2000000 /dev/zero >"$T/large"
	for broken in broken large; do
		cp "$T/$broken" "$ETC/matrix/$U1"
		change_meanwhile "$T/repaired"
		try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
		rm "$asked_script"
		succeeds
		same '"me" 2' "$(jq -c .owner "$ETC/matrix/$U1") $(wc -l <"$T/asked")"
	done
	# One that is broken in another way is no repair.
	cp "$T/large" "$ETC/matrix/$U1"
	change_meanwhile "$T/broken"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
	rm "$asked_script"
	succeeds
	stored $U1 manual b=2
}

@test "a JSON file does not create a definition" {
	ap_json manual >"$T/x"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
	fails "Error: Mediated device matrix/$U1 is not defined"
}

@test "a JSON file needs the parent" {
	define_ap $U1 auto
	ap_json manual >"$T/x"
	try mdevctl modify -u $U1 --jsonfile "$T/x"
	fails "Error: Parent device required to modify device via json file*"
}

@test "a JSON file that is not there or malformed is named and changes nothing" {
	define_ap $U1 auto
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/nothing"
	fails "Error: Unable to read file \"$T/nothing\": No such file or directory (os error 2)"
	echo '{"mdev_type":"x"}' >"$T/x"
	try mdevctl modify -u $U1 -p matrix --jsonfile "$T/x"
	fails "Error: $T/x: *"
}

# The active device --------------------------------------------------------------

@test "--live writes the attributes that differ, in their order" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	ap_json manual ap_config=7 mdev/aggregation=1 assign_adapter=5 >"$T/x"
	try mdevctl modify -u $U1 --live --jsonfile "$T/x"
	succeeds
	same 7 "$(attr $U1 ap_config)"
	same "ap_config assign_adapter" \
		"$(writes | sed -n 's|.*/\([a-z_]*\) ".*|\1|p' | paste -sd' ')"
	[ ! -e "$ETC/matrix/$U1" ]
}

@test "--live writes the former values back if one is refused" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	echo 4 >"$SYS/bus/mdev/devices/$U1/ap_config"
	sim before write '*/mdev/aggregation' times=1 fail EINVAL
	ap_json manual ap_config=7 mdev/aggregation=3 >"$T/x"
	try mdevctl modify -u $U1 -p matrix --live --jsonfile "$T/x"
	fails "Error: *mdev/aggregation*Invalid argument (os error 22)*"
	same 4 "$(attr $U1 ap_config)"
}

@test "--live changes single attributes of the active device, and no others" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	define_ap $U1 auto assign_domain=1
	try mdevctl modify -u $U1 --live --setattr mdev/aggregation=3 --setattr ap_config=7 --setattr assign_adapter=1
	succeeds
	same "mdev/aggregation \"3\" ap_config \"7\" assign_adapter \"1\"" \
		"$(writes | sed "s|.*/$U1/||" | paste -sd' ')"
	try mdevctl modify -u $U1 -p matrix -l --addattr ap_config --value 8
	succeeds
	same 8 "$(attr $U1 ap_config)"
	try mdevctl modify -u $U1 --live --setattr ap_config=
	succeeds
	same "" "$(attr $U1 ap_config)"
	stored $U1 auto assign_domain=1
}

@test "--live takes all back if one of several attributes is refused" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	define_ap $U1 auto a=1
	echo 4 >"$SYS/bus/mdev/devices/$U1/ap_config"
	sim before write '*/mdev/aggregation' fail EINVAL
	try mdevctl modify -u $U1 --live --defined --setattr ap_config=7 --setattr mdev/aggregation=3
	fails "Error: *mdev/aggregation*Invalid argument (os error 22)*"
	same 4 "$(attr $U1 ap_config)"
	try mdevctl modify -u $U1 --live --setattr ap_config=7 --setattr nothing=1
	fails "Error: Invalid attribute 'nothing' of device $U1"
	same 4 "$(attr $U1 ap_config)"
	try mdevctl modify -u $U1 --live --setattr ../x=1
	fails "Error: *'../x'*"
}

@test "--live --defined changes single attributes of both" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	define_ap $U1 auto assign_adapter=1 ap_config=2
	try mdevctl modify -u $U1 --live --defined --setattr ap_config=7
	succeeds
	same 7 "$(attr $U1 ap_config)"
	stored $U1 auto assign_adapter=1 ap_config=7
	same "ap_config" "$(writes | sed -n 's|.*/\([a-z_]*\) ".*|\1|p' | paste -sd' ')"
}

@test "--live removes no attribute that nobody tells" {
	activate $U1 mtty-1
	for options in "--unsetattr a" "--delattr" "--delattr --index 0" "--setattr a=1 --unsetattr b"; do
		try mdevctl modify -u $U1 --live $options
		fails "Error: No attribute of the active device $U1 can be removed: *"
	done
}

@test "--live cannot change the type" {
	activate $U1 mtty-1
	plain_json mtty-2 manual >"$T/x"
	try mdevctl modify -u $U1 --live --jsonfile "$T/x"
	fails "Error: 'type' cannot be changed on active mdev*"
}

@test "--live needs an active device" {
	define_file $U1
	plain_json mtty-1 manual >"$T/x"
	try mdevctl modify -u $U1 --live --jsonfile "$T/x"
	fails "Error: Mediated device $U1 is not active"
	try mdevctl modify -u $U1 -p mtty --live --jsonfile "$T/x"
	fails "Error: Mediated device mtty/$U1 is not active"
	activate $U1
	try mdevctl modify -u $U1 -p matrix --live --jsonfile "$T/x"
	fails "Error: Mediated device matrix/$U1 is not active*mtty"
}

@test "--live --defined changes both" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	define_ap $U1 auto a=1
	ap_json manual ap_config=7 >"$T/x"
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	succeeds
	same 7 "$(attr $U1 ap_config)"
	stored $U1 manual ap_config=7
}

@test "--live --defined changes neither if the device refuses" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	activate $U1 $ap matrix
	define_ap $U1 auto a=1
	sim before write '*/ap_config' fail EBUSY
	ap_json manual ap_config=7 >"$T/x"
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	fails "Error: *ap_config*Device or resource busy (os error 16)*"
	stored $U1 auto a=1
}

@test "--live --defined changes neither without a definition of the active type" {
	activate $U1 mtty-1
	plain_json mtty-1 manual >"$T/x"
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	fails "Error: Mediated device mtty/$U1 is not defined"
	define_file $U1 mtty-2
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	fails "Error: 'type' of active and defined mdev does not match*"
}

# libvirt ------------------------------------------------------------------------

@test "libvirt finds out that modify can be used" {
	try mdevctl modify --defined --live --jsonfile b --help
	status_is 0
	complains
	grep -q '^Usage: mdevctl modify' "$T/out"
}

@test "libvirt updates the definition, the device, and both" {
	needs_sim "mtty has a single attribute to write"
	with_zoo
	define_ap $U1 manual
	activate $U1 $ap matrix
	try mdevctl modify --parent=matrix --jsonfile=/dev/stdin --uuid=$U1 --defined < <(ap_json auto ap_config=1)
	succeeds
	stored $U1 auto ap_config=1
	same "" "$(attr $U1 ap_config)"
	try mdevctl modify --parent=matrix --jsonfile=/dev/stdin --uuid=$U1 --live < <(ap_json manual ap_config=2)
	succeeds
	stored $U1 auto ap_config=1
	same 2 "$(attr $U1 ap_config)"
	try mdevctl modify --parent=matrix --jsonfile=/dev/stdin --uuid=$U1 --defined --live < <(ap_json manual ap_config=3)
	succeeds
	stored $U1 manual ap_config=3
	same 3 "$(attr $U1 ap_config)"
}

@test "libvirt switches autostart" {
	define_file $U1
	try mdevctl modify --uuid $U1 --auto
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
	try mdevctl modify --uuid $U1 --manual
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

# The command line -----------------------------------------------------------------

@test "modify without a UUID or without a change is a usage error" {
	try mdevctl modify --auto
	misused "error: the following required arguments were not provided:"
	try mdevctl modify -u $U1
	misused "error: the following required arguments were not provided:"
	grep -q -- '--type <TYPE>|.*--auto|--manual' "$T/err"
	try mdevctl modify -u $U1 --defined
	misused
	try mdevctl modify -u $U1 --live
	misused
}

@test "options that need others are refused without them" {
	try mdevctl modify -u $U1 --addattr a
	misused "error: the following required arguments were not provided:"
	grep -q '^  --value <VALUE>' "$T/err"
	try mdevctl modify -u $U1 --auto --value 1
	misused
	try mdevctl modify -u $U1 --type x --index 1
	misused "error: the following required arguments were not provided:"
	grep -q -- '^  <--addattr <NAME>|--delattr>' "$T/err"
}

@test "options that exclude each other are refused" {
	for options in "--auto --manual" "--auto --addattr a --value 1" "--manual --delattr" \
		"--addattr a --value 1 --delattr" "--delattr --value 1" "--delattr --setattr a=1" \
		"--jsonfile x --type y" "--jsonfile x --auto" "--jsonfile x --manual" \
		"--jsonfile x --delattr" "--jsonfile x --addattr a --value 1" \
		"--jsonfile x --setattr a=1" "--jsonfile x --unsetattr a" \
		"--auto --index 1" "--manual --value 1" "--live --type y" "--live --auto" "--live --manual" \
		"--live --jsonfile x --type y" "--live --jsonfile x --auto"; do
		try mdevctl modify -u $U1 $options
		misused "error: the argument '--*' cannot be used with*"
	done
	for options in "--jsonfile x --index 1" "--jsonfile x --value 1" \
		"--live --index 1" "--live --jsonfile x --index 1"; do
		try mdevctl modify -u $U1 $options
		misused
	done
}

@test "an index is a number of 32 bits" {
	for index in x -1 1.5 '' 4294967296 99999999999999999999; do
		try mdevctl modify -u $U1 --delattr "--index=$index"
		misused "error: invalid value '$index' for '--index <INDEX>': *"
	done
	define_ap $U1 manual a=1
	try mdevctl modify -u $U1 --delattr --index 4294967295
	fails "Error: Attribute index 4294967295 is invalid*"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2086,SC2154 # scripts; UUIDs; variables of machine.bash
# status: one verdict for each definition and each active device.

bats_require_minimum_version 1.5.0

load machine

# needs_attention PATTERN...: status 3, one line on standard output for each pattern, nothing on
# standard error, and nothing done.
needs_attention() {
	status_is 3 && says "$@" && complains && nothing_changed
}

# says PATTERN...: standard output has exactly these lines.
says() {
	local lines=() i=0 pattern

	mapfile -t lines <"$T/out"
	[ ${#lines[@]} -eq $# ] || { wrong "stdout has not $# lines"; return; }
	for pattern; do
		# shellcheck disable=SC2053 # a pattern
		[[ ${lines[i]} == $pattern ]] || { wrong "stdout is not: $pattern"; return; }
		i=$((i + 1))
	done
}

# define_with UUID ATTRS [START]: a definition of mtty-1 with attributes, made without the command.
define_with() {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"'"${3:-auto}"'","attrs":['"$2"']}' >"$ETC/mtty/$1"
}

# script FILE: a callout script, from standard input.
script() {
	mkdir -p "$ETC/scripts.d/callouts"
	cat >"$ETC/scripts.d/callouts/$1"
	chmod +x "$ETC/scripts.d/callouts/$1"
}

@test "a machine with nothing to say has nothing said of it" {
	try mdevctl status
	succeeds
	try mdevctl status --json
	succeeds "[]"
}

@test "devices that are as they should be take a line each" {
	activate $U1
	define_file $U1 mtty-1 mtty auto
	activate $U2 mtty-2
	define_file $U3 mtty-1 mtty manual
	define_file $U4 x absent manual
	try mdevctl status
	succeeds "$U4 absent x stopped
  Unable to find parent device 'absent'
$U1 mtty mtty-1 running
$U2 mtty mtty-2 transient
$U3 mtty mtty-1 stopped
"
	nothing_changed
}

@test "a UUID and a parent choose" {
	activate $U1
	define_file $U1 mtty-1 absent manual
	define_file $U2
	try mdevctl status -u $U2
	succeeds "$U2 mtty mtty-1 stopped
"
	try mdevctl status -p absent
	succeeds "$U1 absent mtty-1 stopped
  Unable to find parent device 'absent'
"
	try mdevctl status -u $U3
	succeeds
	try mdevctl status -p nothing
	succeeds
}

@test "a device that nothing prevents from starting" {
	define_file $U1 mtty-2 mtty auto
	activate $U2 mtty-1
	try mdevctl status -u $U1
	needs_attention "$U1 mtty mtty-2 not-started" \
		"  Nothing that can be seen prevents its start; instances of mtty-2 left: 11; active on it: 1 of type mtty-1" \
		"  mdevctl start -u $U1 -p mtty"
}

@test "the advice for such a device works" {
	define_file $U1 mtty-2 mtty auto
	advice=$("$MDEVCTL" status | tail -n 1) || true
	try ${advice/mdevctl/"$MDEVCTL"}
	succeeds
	try mdevctl status
	succeeds "$U1 mtty mtty-2 running
"
}

@test "a parent that is missing" {
	define_file $U1 x absent auto
	try mdevctl status
	needs_attention "$U1 absent x no-parent" "  Unable to find parent device 'absent'" \
		"  load or bind the driver of absent, or remove the definition: mdevctl undefine -u $U1 -p absent"
}

@test "a parent whose name is spelt otherwise" {
	define_file $U1 mtty-1 MTTY auto
	try mdevctl status
	needs_attention "$U1 MTTY mtty-1 no-parent" \
		"  Unable to find parent device 'MTTY'. Did you mean 'mtty'?" "  *"
}

@test "a device of PCI that has another driver" {
	needs_sim "there is no such device"
	sim link devices/pci0000:3a/0000:3b:00.0/driver bus/pci/drivers/nouveau
	sim link bus/pci/devices/0000:3b:00.0 devices/pci0000:3a/0000:3b:00.0
	define_file $U1 nvidia-63 0000:3b:00.0 auto
	try mdevctl status
	needs_attention "$U1 0000:3b:00.0 nvidia-63 no-parent" \
		"  Unable to find parent device '0000:3b:00.0'; it is on bus pci, but its driver nouveau has not registered it" \
		"  *"
}

@test "a kernel without the mdev core" {
	needs_sim "the core may be built in"
	define_file $U1 mtty-1 mtty auto
	sim hide class/mdev_bus
	sim hide bus/mdev
	try mdevctl status
	status_is 3
	says "$U1 mtty mtty-1 no-module" \
		"  Unable to find parent device 'mtty'; the mdev core is not loaded" \
		"  load the kernel module of the driver of mtty"
	complains "*WARN *The mdev core is not loaded*" "*WARN *No IOMMU is in use*"
	nothing_changed
}

@test "a machine without parents is told what it lacks" {
	parent_goes
	try mdevctl status
	status_is 0
	prints
	grep -q "WARN .*\(No parent device is registered\|The mdev core is not loaded\)" "$T/err"
	[ "$MACHINE" = sim ] || grep -q "WARN .*Drivers that could be loaded.* mtty (" "$T/err"
	try mdevctl status --json
	status_is 0
	prints "[]"
	parent_comes
	try mdevctl status
	succeeds
}

@test "a parent whose kernel module is not loaded" {
	[ "$MACHINE" = real ] || skip "the simulator has no modules"
	define_file $U1 mtty-1 mtty auto
	parent_goes
	try mdevctl status
	status_is 3
	says "$U1 mtty mtty-1 no-module" \
		"  Unable to find parent device 'mtty'*; kernel module mtty is not loaded" \
		"  modprobe mtty"
	modprobe mtty
	try mdevctl status
	status_is 3
	same "$U1 mtty mtty-1 not-started" "$(head -n 1 "$T/out")"
}

@test "a type that the parent does not have" {
	define_file $U1 mtty-9 mtty auto
	try mdevctl status
	needs_attention "$U1 mtty mtty-9 no-type" \
		"  Parent mtty does not support mdev type mtty-9*" \
		"  change the type: mdevctl modify -u $U1 -p mtty -t TYPE"
}

@test "no instance is left, and who holds them" {
	for i in 0 1 2 3 4 5 6 7 8 9 a; do
		activate "${U2%?}$i" mtty-2
	done
	activate $U3 mtty-1
	activate $U4 mtty-1
	define_file $U1 mtty-2 mtty auto
	try mdevctl status -u $U1
	needs_attention "$U1 mtty mtty-2 no-instance" \
		"  No available instances of mtty-2 on mtty; active on it: 11 of type mtty-2, 2 of type mtty-1; they are held by ${U2%?}0, *, ${U2%?}7 and 5 others" \
		"  stop a device of mtty"
}

@test "a UUID that is in use on another parent" {
	needs_sim "mtty is the only parent"
	machine_down
	machine_up mtty zoo
	activate $U1 vfio_ap-passthrough matrix
	define_file $U1 mtty-1 mtty auto
	try mdevctl status
	needs_attention "$U1 matrix vfio_ap-passthrough different" \
		"  It is defined for another parent: mtty" "  stop it: mdevctl stop -u $U1" \
		"$U1 mtty mtty-1 uuid-in-use" \
		"  Device exists under different parent: $U1 is active on matrix, type vfio_ap-passthrough" \
		"  stop the other device: mdevctl stop -u $U1"
	try mdevctl status -p matrix
	status_is 3
	same "$U1 matrix vfio_ap-passthrough different" "$(head -n 1 "$T/out")"
}

@test "another type than defined" {
	activate $U1 mtty-1
	define_file $U1 mtty-2
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 different" "  Its type is mtty-1, defined is mtty-2" \
		"  stop it, then start it again: mdevctl start -u $U1 -p mtty"
}

@test "a malformed definition is named with the line" {
	mkdir -p "$ETC/mtty"
	printf '{\n "mdev_type": "mtty-1",\n "start" "auto"\n}' >"$ETC/mtty/$U1"
	define_file $U2
	try mdevctl status
	needs_attention "$U1 mtty - malformed" "  $ETC/mtty/$U1: * at line 3 column *" \
		"  repair the file, or remove it: mdevctl undefine -u $U1 -p mtty" \
		"$U2 mtty mtty-1 stopped"
	activate $U1
	try mdevctl status -u $U1
	status_is 3
	same "$U1 mtty mtty-1 malformed" "$(head -n 1 "$T/out")"
}

@test "a definition that cannot be read" {
	be_nobody
	define_file $U1
	chmod 600 "$ETC/mtty/$U1"
	try nobody "$MDEVCTL" status
	needs_attention "$U1 mtty - unreadable" "  *$ETC/mtty/$U1*Permission denied (os error 13)" \
		"  run this as root"
}

@test "a definition with which no device can be started" {
	define_with $U1 '{"remove":"1"}'
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 refused" \
		"  Attribute 'remove' cannot be set: with it the kernel removes the device" \
		"  correct the definition: mdevctl edit -u $U1 -p mtty"
}

@test "a type whose files cannot be read" {
	needs_sim "mtty can be read"
	define_file $U1 mtty-1 mtty auto
	sim before read "*/mtty-1/available_instances" fail EIO
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 refused" \
		"  Failed to read available_instances of type mtty-1 of mtty: Input/output error (os error 5)" \
		"  look for messages of the driver in the kernel's log: dmesg"
}

# Attributes ------------------------------------------------------------------

@test "attributes that sysfs shows are compared" {
	activate $U1
	define_with $U1 '{"mode":"loopback"}'
	try mdevctl status
	succeeds "$U1 mtty mtty-1 running
"
	echo host >"$SYS/bus/mdev/devices/$U1/mode"
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 different" "  Attribute mode is host, defined is loopback" \
		"  set its attributes: mdevctl modify --live -u $U1 -p mtty --setattr mode=loopback"
}

@test "the advice for such attributes works" {
	activate $U1
	define_with $U1 '{"mode":"host"}' manual
	try mdevctl status
	status_is 3
	eval "$(sed -n 's/.*: mdevctl modify/mdevctl modify/p' "$T/out")"
	try mdevctl status
	succeeds "$U1 mtty mtty-1 running
"
}

@test "advice that a shell would take otherwise is not given" {
	activate $U1
	for attrs in '{"mode":"a;b"}' '{"mode":"$(x)"}' '{"mode":""}' '{"mode":"host"},{"mode":"tty"}'; do
		define_with $U1 "$attrs" manual
		try mdevctl status
		status_is 3
		[[ $(tail -n 1 "$T/out") == *" -p mtty --setattr NAME=VALUE" ]]
	done
}

@test "attributes that cannot be read are not compared" {
	needs_sim "mtty has no such attributes"
	machine_down
	machine_up mtty zoo
	activate $U1 vfio_ap-passthrough matrix
	mkdir -p "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto",
		"attrs":[{"assign_adapter":"5"},{"nothing":"1"},{"assign_adapter":"6"}]}' >"$ETC/matrix/$U1"
	try mdevctl status
	succeeds "$U1 matrix vfio_ap-passthrough running
"
}

@test "a number in another form is the same, and the last of several values counts" {
	needs_sim "mtty has no such attributes"
	machine_down
	machine_up mtty zoo
	activate $U1 vfio_ap-passthrough matrix
	mkdir -p "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto",
		"attrs":[{"mdev/aggregation":"7"},{"mdev/aggregation":"0x10"}]}' >"$ETC/matrix/$U1"
	echo 16 >"$SYS/bus/mdev/devices/$U1/mdev/aggregation"
	try mdevctl status
	succeeds "$U1 matrix vfio_ap-passthrough running
"
	echo 7 >"$SYS/bus/mdev/devices/$U1/mdev/aggregation"
	try mdevctl status
	needs_attention "*different" "  Attribute mdev/aggregation is 7, defined is 0x10" "  *"
}

@test "attributes that a script reports are compared, in any order" {
	script ap.sh <<-'END'
		#!/bin/sh
		case "$*" in
		*"-e get -a attributes"*) echo '[{"assign":"6"},{"assign":"0x05"},{"more":"1"}]' ;;
		*) exit 2 ;;
		esac
	END
	activate $U1
	define_with $U1 '{"assign":"5"},{"assign":"6"}'
	try mdevctl status
	succeeds "$U1 mtty mtty-1 running
"
	define_with $U1 '{"assign":"5"},{"assign":"7"},{"mode":"host"}'
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 different" \
		"  Attribute assign is 6, 0x05, defined is 5, 7; attribute mode is loopback, defined is host" \
		"  *"
}

@test "no script runs without attributes to compare" {
	script trap.sh <<-END
		#!/bin/sh
		echo ran >>"$T/ran"
		exit 2
	END
	activate $U1
	activate $U2
	define_file $U1
	define_with $U3 '{"mode":"host"}'
	try mdevctl status
	status_is 3
	[ ! -e "$T/ran" ]
	define_with $U2 '{"mode":"loopback"}'
	try mdevctl status -u $U2
	status_is 0
	[ -e "$T/ran" ]
}

@test "a script that fails is named, and sysfs is compared" {
	script broken.sh <<-'END'
		#!/bin/sh
		[ "$4" = get ] && exit 1
		exit 2
	END
	activate $U1
	define_with $U1 '{"mode":"host"}'
	try mdevctl status
	status_is 3
	says "$U1 mtty mtty-1 different" "  Attribute mode is loopback, defined is host" "  *"
	complains "*WARN *broken.sh*"
}

@test "a value with control characters is one line" {
	activate $U1
	define_with $U1 '{"mode":"a\nb\u001b[1m"}'
	try mdevctl status
	needs_attention "$U1 mtty mtty-1 different" \
		"  Attribute mode is loopback, defined is a?b?\[1m" "  *"
}

# JSON ------------------------------------------------------------------------

@test "JSON has what the text has" {
	activate $U1
	define_file $U1 mtty-1 mtty auto
	define_file $U2 mtty-1 mtty auto
	mkdir -p "$ETC/a"
	echo broken >"$ETC/a/$U3"
	try mdevctl status --json
	status_is 3
	conforms "$T/out" status
	same '["'$U3'","a",null,"inactive","malformed"]
["'$U1'","mtty","mtty-1","active","running"]
["'$U2'","mtty","mtty-1","inactive","not-started"]' \
		"$(jq -c '.[] | [.uuid, .parent, .type, .state, .verdict]' "$T/out")"
	jq -r '.[] | "\(.uuid) \(.parent) \(.type // "-") \(.verdict)",
		((.reason, .advice) | values | "  " + .)' "$T/out" >"$T/text"
	"$MDEVCTL" status | diff - "$T/text"
}

@test "the schema, the manual page and the library have the same verdicts" {
	jq -r '.items.properties.verdict.enum[]' "$BATS_TEST_DIRNAME/status.schema.json" |
		sort >"$T/schema"
	sed -n '/^\.SH VERDICTS/,/^\.SH CALLOUTS/p' "$TOP/man/mdevctl.8" |
		sed -n '/^\.TP/{n;s/\\//g;s/^\.B //p}' | sort | diff "$T/schema" -
	sed -n '/^enum mdev_verdict {/,/^};/s/^\tMDEV_VERDICT_\(.*\),$/\1/p' "$TOP/include/libmdev.h" |
		tr A-Z_ a-z- | sort | diff "$T/schema" -
}

# Automatic starts --------------------------------------------------------------

# records_go: a directory for the records.
records_go() {
	[ "$MACHINE" = real ] || mkdir -p "$ROOT/run"
	RECORD=${ROOT}/run/mdevctl/$U1.mtty.autostart
}

# fail_automatically: a start of U1 fails, by what the driver says of a value.
fail_automatically() {
	define_with $U1 '{"mode":"nonsense"}'
	try mdevctl start-parent-mdevs --timeout 0 mtty
	status_is 1
	grep -q "Invalid argument (os error 22)" "$T/err"
}

# The verdict and what follows if no automatic start has failed.
not_started=("$U1 mtty mtty-1 not-started" "  Nothing that can be seen prevents its start*"
	"  mdevctl start -u $U1 -p mtty")

@test "why an automatic start failed is shown until the definition changes" {
	records_go
	fail_automatically
	same 600 "$(stat -c %a "$RECORD")"
	same "" "$(find "${RECORD%/*}" -name '*.autostart.*')"
	try mdevctl status
	needs_attention "${not_started[@]:0:2}" \
		"  The last automatic start failed at 20??-*T*Z, by *: Failed to write nonsense to attribute mode of device $U1: Invalid argument (os error 22)*" \
		"${not_started[2]}"
	try mdevctl status --json
	conforms "$T/out" status
	same "Failed to write nonsense to attribute mode of device $U1" "$(jq -r '.[0].attempt | split(":")[0]' "$T/out")"
	mdevctl modify -u $U1 --setattr mode=host
	try mdevctl status
	needs_attention "${not_started[@]}"
}

@test "a device that was started answers a failure" {
	local i

	records_go
	for i in 0 1 2 3 4 5 6 7 8 9 a b; do
		activate "${U2%?}$i" mtty-2
	done
	define_file $U1 mtty-2 mtty auto
	try mdevctl start-parent-mdevs --timeout 0 mtty
	status_is 1
	try mdevctl status -u $U1
	grep -q "  The last automatic start failed at .*: No available instances of mtty-2 on mtty" "$T/out"
	mdevctl stop -u "${U2%?}0"
	mdevctl start -u $U1
	try mdevctl status -u $U1
	succeeds "$U1 mtty mtty-2 running
"
	mdevctl stop -u $U1
	try mdevctl status -u $U1
	status_is 3
	same "" "$(grep "automatic start" "$T/out")"
	mdevctl start-parent-mdevs mtty
	mdevctl stop -u $U1
	try mdevctl status -u $U1
	same "" "$(grep "automatic start" "$T/out")"
	[ ! -e "$RECORD" ]
}

@test "a record goes with its definition" {
	records_go
	fail_automatically
	[ -e "$RECORD" ]
	mdevctl undefine -u $U1
	[ ! -e "$RECORD" ]
}

@test "a record that cannot be understood is none" {
	records_go
	fail_automatically
	cp "$RECORD" "$T/record"
	# An older or newer form, a part, too much, control characters, another definition.
	for change in '1s/1$/2/' '$d' '1d' '$a more' '6s/^/\x1b[2J/' '3s/.*/-22/' '3s/.*/0/' '4s/.*//' '2s/.*/0123456789abcdef/' \
		'1,$d' 's/$/\x00/'; do
		sed "$change" "$T/record" >"$RECORD"
		try mdevctl status
		needs_attention "${not_started[@]}"
	done
	head -c 100000 /dev/zero >"$RECORD"
	try mdevctl status
	needs_attention "${not_started[@]}"
	rm "$RECORD"
	mkfifo "$RECORD"
	try mdevctl status
	needs_attention "${not_started[@]}"
	rm "$RECORD"
	ln -s "$T/record" "$RECORD"
	try mdevctl status
	needs_attention "${not_started[@]}"
	rm "$RECORD"
	mkdir "$RECORD"
	try mdevctl status
	needs_attention "${not_started[@]}"
	# Nor is a place that is taken an error of a start, or of what forgets the record.
	fail_automatically
	rmdir "$RECORD"
	mkfifo "$RECORD"
	try mdevctl undefine -u $U1
	succeeds
}

@test "who cannot read the records is told the rest" {
	be_nobody
	records_go
	fail_automatically
	try nobody "$MDEVCTL" status
	needs_attention "${not_started[@]}"
}

# told PATTERN: waits for a line of status --watch.
told() {
	local tries=600

	# shellcheck disable=SC2053 # a pattern
	until grep -q "$1" "$T/watched"; do
		[ $((tries--)) -gt 0 ] || { sed 's/^/# /' "$T/watched" >&2; return 1; }
		sleep 0.05
	done
}

@test "--watch prints what changes" {
	local code=0

	records_go
	define_file $U1 mtty-1 mtty auto
	define_file $U2
	env --default-signal "$MDEVCTL" status --watch >"$T/watched" 3>&- &
	watcher=$!
	told "$U2 mtty mtty-1 stopped"
	mdevctl start-parent-mdevs mtty
	told "$U1 mtty mtty-1 running"
	# This changes without an event.
	define_with $U1 '{"mode":"loopback"}'
	echo host >"$SYS/bus/mdev/devices/$U1/mode"
	told "$U1 mtty mtty-1 different"
	mdevctl undefine -u $U2
	told "$U2 mtty mtty-1 gone"
	kill -INT $watcher
	wait $watcher || code=$?
	same 130 $code
	# Nothing is printed twice.
	same 1 "$(grep -c "^$U2 mtty mtty-1 stopped" "$T/watched")"
	same 1 "$(grep -c "^$U1 mtty mtty-1 running" "$T/watched")"
	same "" "$(grep $'\e' "$T/watched")"
}

@test "--watch draws a terminal anew" {
	type -P script >/dev/null || skip "script is not installed"
	define_file $U1
	: >"$T/watched"
	SHELL=$BASH command script -qefc "exec $MDEVCTL status --watch" /dev/null </dev/null >"$T/watched" 3>&- &
	watcher=$!
	told "$U1 mtty mtty-1 stopped"
	define_file $U2
	told $'\e'
	told "$U2 mtty mtty-1 stopped"
	kill $watcher
	wait $watcher || true
	# With what has not changed.
	[ "$(grep -c "$U1 mtty mtty-1 stopped" "$T/watched")" -ge 2 ]
}

# Monitoring --------------------------------------------------------------------

@test "3 is not the status of an error or of misuse" {
	try mdevctl status --uuid nonsense
	misused
	try mdevctl status --what
	misused
	define_file $U1 mtty-1 mtty auto
	try sh -c '"$1" status >/dev/full' sh "$MDEVCTL"
	status_is 1
	complains "Error: Failed to write data: No space left on device (os error 28)"
}

@test "status does not write anything" {
	activate $U1
	define_with $U1 '{"mode":"host"}'
	define_file $U2 mtty-1 mtty auto
	try mdevctl status
	status_is 3
	nothing_changed
	[ "$MACHINE" = real ] || same "" "$(writes)"
}

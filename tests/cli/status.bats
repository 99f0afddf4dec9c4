#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs; variables of machine.bash
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
	grep -q "WARN .*No parent device is registered" "$T/err"
	try mdevctl status --json
	status_is 0
	prints "[]"
	parent_comes
	try mdevctl status
	succeeds
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
		"  correct the definition: mdevctl modify -u $U1 -p mtty"
}

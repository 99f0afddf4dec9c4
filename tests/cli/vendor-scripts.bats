#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/vgpu/README.md: each script and the definition that replaces it come to the same.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up vgpu xe
	mkdir "$ROOT/run" "$ROOT/proc"
	PCI=$SYS/bus/pci/devices
	PF=0000:3b:00.0 VF=0000:3b:00.4
	# What the scripts call, without its delays.
	mkdir "$T/bin"
	printf '#!/bin/sh\nexit 0\n' >"$T/bin/sleep"
	printf '#!/bin/sh\necho "sriov -e ALL" >%s/.sim/control\n' "$SYS" >"$T/bin/sriov-manage"
	ln -s "$MDEVCTL" "$T/bin/mdevctl"
	chmod +x "$T/bin"/*
}

# block SECTION NUMBER: runs that block of the section.
block() {
	awk -v section="## $1." -v number="$2" '
		index($0, "## ") == 1 { inside = index($0, section) == 1 }
		inside && /^```/ { open = !open; blocks += open; next }
		inside && open && blocks == number' "$TOP/examples/vgpu/README.md" |
		sed "s|/sys/|$SYS/|g; s|/usr/lib/nvidia/||" >"$T/script"
	[ -s "$T/script" ]
	(cd "$T" && PATH=$T/bin:$PATH sh ./script)
}

vgpus() {
	cut -d' ' -f 1,2,6- "$SYS/.sim/vgpus"
}

again() {
	sim reload ALL
	sim sriov -e ALL
}

@test "1: a table" {
	sim reload ALL
	block 1 1
	same "$VF 902 
0000:3b:00.5 902 " "$(vgpus)"
	made=$(vgpus)
	again
	block 1 2
	mdevctl start-parent-mdevs $VF
	mdevctl start-parent-mdevs 0000:3b:00.5
	same "$made" "$(vgpus)"
}

@test "2: so many of a kind" {
	block 2 1
	same "3 904" "$(vgpus | awk '{ print $2 }' | uniq -c | awk '{ print $1, $2 }')"
	again
	block 2 2
	mdevctl start-parent-mdevs $PF
	same "3 904" "$(vgpus | awk '{ print $2 }' | uniq -c | awk '{ print $1, $2 }')"
}

@test "3: a hook" {
	block 3 1
	made=$(vgpus)
	same "$VF 902 frl_config=60" "$made"
	sim open $VF
	sim close $VF writes=2
	block 3 2 2>/dev/null
	same "" "$(vgpus)"
	block 3 3
	block 3 4
	same "$made" "$(vgpus)"
	sim open $VF
	sim close $VF writes=2
	block 3 5
	same "" "$(vgpus)"
}

shares() {
	local vf

	for vf in 1 2 3; do
		echo "$vf $(readlink "$PCI/0000:03:00.$vf/driver") $(cat "$PCI/0000:03:00.0/sriov_admin/vf$vf/profile/exec_quantum_ms")"
	done
}

@test "4: shares of an Intel GPU" {
	block 4 1
	made=$(shares)
	[[ $made == *"1 "*xe-vfio-pci" 20"*"2 "*xe-vfio-pci" 20"*"3  0" ]]
	sim xe-reload 0000:03:00.0
	block 4 2
	mdevctl start-parent-mdevs 0000:03:00.0
	same "$made" "$(shares)"
}

# page_commands: those of the section of the manual page, as they are typed.
page_commands() {
	sed -n '/^\.SS From scripts to definitions/,/^\.SH/p' "$TOP/man/mdevctl.8" | sed -n 's/\\-/-/g; s/^# //p'
}

@test "the examples of the manual page do what the page says" {
	local uuid line vf

	# The card of the page.
	sim gpu-type $PF 700 4096 '"NVIDIA A16-4Q"'
	sim xe-reload 0000:03:00.0
	page_commands >"$T/commands"
	same 7 "$(wc -l <"$T/commands")"
	while read -r line; do
		echo "$line" >>"$T/printed"
		# In this shell, as a variable is set.
		eval "$line" >>"$T/printed"
	done < <(sed 's/^\(uuid=\$(\)\{0,1\}mdevctl/\1"$MDEVCTL"/' "$T/commands")
	same "$VF 700 frl_config=60
0000:3b:00.5 700 
0000:3b:00.6 700 
0000:3b:00.7 700 
0000:3b:01.0 700 " "$(vgpus)"
	same "$uuid" "$(mdevctl list | sed -n "s/ $VF .*//p")"
	same 2 "$(cat "$PCI/0000:03:00.0/sriov_numvfs")"
	# The table has the functions.
	for vf in $VF 0000:3b:00.{5,6,7} 0000:3b:01.0; do
		grep -q "/$vf *NVIDIA A16-4Q *0000:3b:00" "$T/printed"
	done
	same 7 "$(grep -c " running$" "$T/printed")"
}

@test "the example of the README starts four vGPUs on the functions of the card" {
	local line

	sim gpu 0000:41:00.0 devices/pci0000:40/0000:40:01.0 6 4 24576
	sim gpu-type 0000:41:00.0 745 4096 '"NVIDIA A16-4Q"'
	sim sriov -e 0000:41:00.0
	line=$(sed -n 's/^`mdevctl \(start --count 4 [^`]*\)`.*/\1/p' "$TOP/README.md")
	[ -n "$line" ]
	# shellcheck disable=SC2086 # words
	try mdevctl $line
	status_is 0
	same 4 "$(vgpus | grep -c "^0000:41.* 745 ")"
	# Four, or none.
	try mdevctl $line
	status_is 1
	same 4 "$(vgpus | wc -l)"
}

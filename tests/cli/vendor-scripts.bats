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

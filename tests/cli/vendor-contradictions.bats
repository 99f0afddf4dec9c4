#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the sources about NVIDIA's vendor VFIO framework contradict each other about, or are not sure of: whichever
# is true, in each dialect. COVERAGE.md has the list.

bats_require_minimum_version 1.5.0

load machine
load vendor
load dialects

setup() {
	cards_up mtty vgpu
	CARD=devices/pci0000:3a/0000:3a:00.0/$GPU
}

# writes_to FILE: which functions it was written to.
writes_to() {
	sed -n "s|.*/\(.*\)/nvidia/$1 \".*|\1|p" "$SYS/.sim/log" | paste -sd' '
}

# Which GPUs have it -------------------------------------------------------------

# The ids of a T4, of an A16, and of no GPU.
any_ids() {
	local file ids

	for ids in "0x10de 0x1eb8 0x030200" "0x10de 0x25b6 0x030200" "0x1234 0x0001 0x120000"; do
		# shellcheck disable=SC2086 # words
		set -- $ids
		for file in "$CARD" "${CARD%/*}/$VF"; do
			sim set "$file/vendor" "\"$1\n\"" || return
			sim set "$file/device" "\"$2\n\"" || return
			sim set "$file/class" "\"$3\n\"" || return
		done
		started "$U1" nvidia-902 || return
		same "$VF 902" "$(vgpus)" || return
		mdevctl stop -u "$U1" || return
	done
	# Without the files the newest GPU is no parent.
	sim set "$CARD/device" '"0x2bb5\n"' || return
	sim hide "devices/*/0000:3b:*/nvidia"
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	says "Error: Unable to find parent device '$GPU'*" || return
	sim show "devices/*/0000:3b:*/nvidia"
	same "" "$(vgpus)"
}

@test "the files say which GPU has vGPUs, not its ids" {
	in_dialects any_ids
}

# A GPU without virtual functions, which the same driver offers as a parent of mdevs.
T4=0000:5e:00.0

mdev_card_up() {
	sim parent $T4 devices/pci0000:5d/0000:5d:00.0/$T4 8 ENOSPC bus=pci driver=nvidia
	sim type $T4 nvidia-902 2 vfio-pci 'name="GRID T4-2Q"'
	sim attr $T4 nvidia-902 0644 nvidia/vgpu_params '""'
}

# The same number is a type of each.
both_kinds() {
	started "$U1" nvidia-902 $T4 || return
	started "$U2" nvidia-902 || return
	started "$U3" "NVIDIA X20-2Q" "$OTHER" || return
	try mdevctl list
	same "$U1 $T4 nvidia-902 manual, $U2 $GPU nvidia-902 manual, $U3 $OTHER nvidia-902 manual" \
		"$(sort "$T/out" | paste -sd, | sed 's/,/, /g')" || return
	same "$U1 $T4 nvidia-902" "$(<"$SYS/.sim/devices")" || return
	try mdevctl list -o UUID,TYPENAME
	grep -qx "$U1 *GRID T4-2Q" "$T/out" && grep -qx "$U2 *NVIDIA X20-2Q" "$T/out" || wrong "no names" || return
	try mdevctl types -p $T4
	grep -q "Available instances: 3" "$T/out" || wrong "other instances" || return
	mdevctl show -u "$U1" --libvirt | grep -q "uuid='$U1'" || return
	same "vfio-pci,host=$VF" "$(mdevctl show -u "$U2" --qemu)" || return
	mdevctl stop -u "$U2" && mdevctl stop -u "$U3" || return
	same "$U1 $T4 nvidia-902" "$(<"$SYS/.sim/devices")" || return
	mdevctl stop -u "$U1" || return
	# Where the driver has given up mdev it offers nothing on this GPU, and the other one is as before.
	sim unregister $T4
	try mdevctl start -u "$U1" -t nvidia-902 -p $T4
	says "Error: Unable to find parent device '$T4'*" || return
	started "$U1" nvidia-902 || return
	same "$VF 902" "$(vgpus)" || return
	sim register $T4
}

@test "GPUs without virtual functions stay with mdev, or have nothing, beside one that has the files" {
	mdev_card_up
	in_dialects both_kinds
}

# The physical function -------------------------------------------------------------

# physical_files CURRENT: the physical function has files of its own, which say that it could have a type.
physical_files() {
	sim file "$CARD/nvidia/current_vgpu_type" "\"$1\n\""
	sim file "$CARD/nvidia/creatable_vgpu_types" '"ID    : vGPU Name\n902   : NVIDIA X20-2Q\n999   : NVIDIA X20-0\n"'
	sim file "$CARD/nvidia/vgpu_params" '"\n"'
}

physical_is_none() {
	started "$U1" nvidia-902 || return
	same "$VF 902" "$(vgpus)" || return
	try mdevctl list
	succeeds "$U1 $GPU nvidia-902 manual
" || return
	mdevctl types -p "$GPU" >"$T/types"
	run ! grep -q nvidia-999 "$T/types" || return
	run ! grep -q "$GPU/nvidia" "$SYS/.sim/log" || return
	mdevctl stop -u "$U1" || return
	sim sriov -d "$GPU"
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	says "Error: Unable to find parent device '$GPU'*has 0 of 12 virtual functions enabled*" || return
	try mdevctl list
	succeeds || return
	sim sriov -e "$GPU"
}

physical_has_directory() {
	sim hide "$CARD/nvidia/*" || return
	physical_is_none || return
	sim show "$CARD/nvidia/*" || return
	physical_is_none || return
	sim set "$CARD/nvidia/current_vgpu_type" '"902\n"' || return
	physical_is_none || return
	sim set "$CARD/nvidia/current_vgpu_type" '"0\n"'
}

@test "a physical function that has a directory nvidia, too, is no vGPU" {
	physical_files 0
	in_dialects physical_has_directory
}

# Files that a release may not have, or not take ---------------------------------------

# with_attr NAME VALUE: U1 is defined with it alone.
with_attr() {
	rm -rf "${ETC:?}/$VF"
	mkdir -p "$ETC/$VF"
	echo '{ "mdev_type": "nvidia-902", "start": "auto", "attrs": [ { "'"$1"'": "'"$2"'" } ] }' >"$ETC/$VF/$U1"
}

# cannot_have PATTERN: the start of U1 fails for this, and leaves nothing.
cannot_have() {
	[ "$DIALECT" != r525 ] || set -- "Error: Invalid attribute '*' of device $U1"
	try mdevctl start --timeout 0 -u "$U1"
	says "$1" || return
	same "" "$(vgpus)"
}

numbers() {
	local file

	for file in placement_id gpu_instance_id warm_update; do
		with_attr $file 4
		cannot_have "Error: Failed to write 4 to attribute $file of device $U1: Invalid argument (os error 22); the driver does not take this value, or chooses it by itself" ||
			return
		same "" "$([ "$DIALECT" = r525 ] && writes_to $file)" || return
	done
	sim gpu-set "$GPU" numbers=rw
	sim shm "$GPU" 1
	for file in gpu_instance_id warm_update placement_id; do
		with_attr $file 4
		if [ "$DIALECT" = r525 ]; then
			cannot_have || return
		else
			try mdevctl start -u "$U1"
			succeeds || return
			same "$VF" "$(writes_to $file | tr ' ' '\n' | uniq)" || return
			[ $file = placement_id ] || mdevctl stop -u "$U1" || return
		fi
	done
	[ "$DIALECT" = r525 ] || same "$VF 902 4" "$(cut -d' ' -f 1-3 "$SYS/.sim/vgpus")"
}

@test "placement, instance and warm update are written where a definition asks for them, or it does not start" {
	in_dialects numbers
}

left_alone() {
	sim gpu-set "$GPU" numbers=rw
	mdevctl define -u "$U1" -t nvidia-902 -p "$GPU" --auto || return
	mdevctl start-parent-mdevs "$GPU" || return
	started "$U2" nvidia-902 "$OTHER" || return
	mdevctl define -u "$U2" || return
	[ "$DIALECT" = r525 ] || mdevctl modify -u "$U1" --live --addattr vgpu_params --value frl=0 || return
	mdevctl export >"$T/document" || return
	mdevctl stop -u "$U1" && mdevctl stop -u "$U2" || return
	mdevctl apply "$T/document" || return
	same ,, "$(writes_to placement_id),$(writes_to gpu_instance_id),$(writes_to warm_update)"
}

@test "files that nobody documents are not written to unasked" {
	in_dialects left_alone
}

# The limit is the simulator's own; that of the driver is not known.
too_long() {
	with_attr vgpu_params "$(printf %01100d 0)"
	cannot_have "Error: Failed to write 0*0 to attribute vgpu_params of device $U1: Argument list too long (os error 7); the driver keeps no text of this length"
}

@test "parameters that are too long leave nothing" {
	in_dialects too_long
}

# A value that is missing fails or says so in words, for a type that has none of it or in any mode.
no_value() {
	local idle

	started "$U1" nvidia-902 "$VF" || return
	for idle in ENXIO words; do
		sim gpu-set "$GPU" idle=$idle
		with_attr gpu_instance_id 3
		verdict running || return
		try mdevctl modify -u "$U1" --live --addattr gpu_instance_id --value 1
		status_is 1 || return
		try mdevctl list
		succeeds "$U1 $VF nvidia-902 auto (defined)
" || return
	done
	with_attr placement_id 3
	sim before read "*/$VF/nvidia/placement_id" fail ENXIO
	verdict running
}

@test "a value that cannot be read, and one that is not applicable, is no value" {
	in_dialects no_value
}

# A value that exists is compared.
has_value() {
	sim gpu-set "$MIG" numbers=rw
	mdevctl define -u "$U1" -t nvidia-1145 -p "$MIG" --auto || return
	mdevctl start -u "$U1" || return
	sed -i 's/"attrs": \[\]/"attrs": [ { "gpu_instance_id": "3" } ]/' "$ETC/$MIG/$U1"
	verdict running || return
	sed -i 's/"3"/"7"/' "$ETC/$MIG/$U1"
	[ "$DIALECT" != r525 ] || { verdict running; return; }
	verdict different "*gpu_instance_id*"
}

@test "a value that exists is compared with that of the definition" {
	in_dialects has_value
}

# Lists ----------------------------------------------------------------------------

any_list() {
	local list

	for list in usual spaces bare name-first unended empty bare,unended; do
		sim reload "$GPU"
		sim gpu-set "$GPU" list=$list
		sim sriov -e "$GPU"
		started "$U1" "nvidia x20-2q" || return
		started "$U2" nvidia-902 "$OTHER" || return
		try mdevctl list -o UUID,TYPENAME
		same "$U1 NVIDIA X20-2Q, $U2 NVIDIA X20-2Q" \
			"$(sed '1d; s/  */ /g; s/ *$//' "$T/out" | sort | paste -sd, | sed 's/,/, /g')" || return
		same "$VF 902, $OTHER 902" "$(vgpus)" || return
	done
}

@test "types start by name and by number, whatever the list looks like" {
	in_dialects any_list
}

# What the list of a function says that has a type: those of its size, its own type alone, any that there is room for,
# the header alone, nothing.
occupied_lists() {
	local order type

	for order in "gpu-set $GPU occupied=same" "gpu-set $GPU occupied=same 904" "shm $GPU 1" \
		"gpu-set $GPU occupied=none" "gpu-set $GPU list=empty"; do
		type=902
		[ "$order" = "${order% 904}" ] || type=904
		sim "${order% 904}" || return
		occupied_list $type || wrong "with $order" || return
	done
}

occupied_list() {
	started "$U1" "nvidia-$1" || return
	started "$U2" "nvidia-$1" "$OTHER" || return
	same "$VF $1, $OTHER $1" "$(vgpus)" || return
	sim clear
	try mdevctl start -u "$U3" -t "nvidia-$1" -p "$OTHER"
	says "*No available instances of nvidia-$1 on $OTHER; active on it: 1 of type nvidia-$1*" || return
	same "" "$(type_writes)" || return
	try mdevctl define -u "$U3" -t "nvidia-$1" -p "$OTHER"
	succeeds || return
	grep -q '"type_name": "NVIDIA X20-' "$ETC/$OTHER/$U3" || wrong "no name" || return
	try mdevctl list -o UUID,TYPENAME
	same 2 "$(grep -c "NVIDIA X20-" "$T/out")" || return
	mdevctl stop -u "$U1" && mdevctl stop -u "$U2" || return
	mdevctl undefine -u "$U3" || return
	same "" "$(vgpus)"
}

@test "the list of a function that has a type does not matter" {
	in_dialects occupied_lists
}

# Writes ----------------------------------------------------------------------------

# meanwhile TYPE: another process gives it to VF between the look at its list and the write.
meanwhile() {
	sim before write "*/$VF/nvidia/current_vgpu_type" times=1 assign "$VF" "$1"
}

# A type of the same size, which no dialect makes out of one that is there.
other_type() {
	meanwhile 903
	try mdevctl start -u "$U1" -t nvidia-902 -p "$VF"
	says "Error: Failed to create mdev $U1, type nvidia-902 on $VF: Too many users (os error 87); instances of nvidia-902 left: 0; active on it: 1 of type nvidia-903" ||
		return
	same "$VF 903" "$(vgpus)" || return
	same "$VF=902" "$(type_writes)" || return
	sim clear
	sim assign "$VF" 0
	# Where any function will do, it is the next one. The patches know one type at a time only.
	[ "$DIALECT" != rfc ] || return 0
	meanwhile 903
	started "$U1" nvidia-902 || return
	same "$VF 903, $OTHER 902" "$(vgpus)"
}

@test "a function that got another type meanwhile is that of another program" {
	in_dialects other_type
}

# The patches take the same type twice, and nobody can tell.
same_type() {
	meanwhile 902
	started "$U1" nvidia-902 || return
	[ "$DIALECT" != rfc ] || return 0
	same "$VF 902, $OTHER 902" "$(vgpus)" || return
	try mdevctl list
	grep -qx "$U1 $GPU nvidia-902 manual" "$T/out" && grep -q "^........-....-8.* $VF nvidia-902 manual" "$T/out"
}

@test "so is one that got the same type" {
	in_dialects same_type
}

# What a failed write has reset is not set again, and not another program's either.
reset_by_write() {
	sim gpu-set "$GPU" failed=resets
	started "$U1" nvidia-902 || return
	try mdevctl start -u "$U2" -t nvidia-903 -p "$VF"
	status_is 1 || return
	same "$VF 902" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	sim clear
	meanwhile 903
	try mdevctl start -u "$U1" -t nvidia-902 -p "$VF"
	says "Error: Failed to create mdev $U1, type nvidia-902 on $VF: *" || return
	same "$VF=902" "$(type_writes)" || return
	same "" "$(vgpus)" || return
	try mdevctl list
	succeeds || return
	# The function can be had again.
	started "$U1" nvidia-902 "$VF" || return
	same "$VF 902" "$(vgpus)"
}

@test "a driver that sets the type to 0 when it refuses one is not provoked, and leaves nothing" {
	in_dialects reset_by_write
}

# The type is listed, the write succeeds, and the value is still 0.
says_yes() {
	sim before write "*/$VF/nvidia/current_vgpu_type" times=1 ignore
	try mdevctl start -u "$U1" -t nvidia-902 -p "$VF"
	says "Error: Failed to create mdev $U1, type nvidia-902 on $VF: Input/output error*" || return
	try mdevctl list
	succeeds || return
	# Or the other way round: it fails, although the type is 0 afterwards.
	started "$U1" nvidia-902 "$VF" || return
	sim after write "*/$VF/nvidia/current_vgpu_type" times=1 fail EPERM
	try mdevctl stop -u "$U1"
	succeeds || return
	same "" "$(vgpus)"
}

@test "what is read after a write is believed, not what the write says" {
	in_dialects says_yes
}

# After a boot -----------------------------------------------------------------------

# GPU instances are gone, and MIG mode is still on, or not: sysfs does not show which.
no_instances() {
	mdevctl define -u "$U1" -t "NVIDIA X40-2-10C" -p "$MIG" --auto || return
	sim reload "$MIG"
	sim sriov -e "$MIG"
	verdict no-type "*its driver lists no type on any free virtual function, as it does in MIG mode before GPU instances are made" ||
		return
	sim mig "$MIG" off
	verdict no-type "*Parent $MIG does not support mdev type nvidia-1145; it has 'nvidia-2164' (NVIDIA X40-40C)" || return
	sim mig "$MIG" on
	sim gi "$MIG" 3 10240 2g.10gb
	try mdevctl start-parent-mdevs "$MIG"
	succeeds || return
	same "$MIG_VF 1145" "$(vgpus)"
}

@test "a GPU that has lost its instances, and its mode, is told in the status" {
	in_dialects no_instances
}

# The end of the virtual machine -----------------------------------------------------

# The type goes with it, or stays until somebody writes 0.
torn_down() {
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" --auto || return
	mdevctl start -u "$U1" || return
	sim open "$VF"
	sim close "$VF"
	verdict running || return
	sim assign "$VF" 0
	verdict not-started "*it was started on $VF, which has no type now*" || return
	try mdevctl stop -u "$U1"
	says "Error: Device $U1 is not an active mdev; it was started on $VF, which has no type now*" || return
	sim clear
	try mdevctl start-parent-mdevs "$VF"
	succeeds || return
	same "$VF 902" "$(vgpus)" || return
	same "$VF=902" "$(type_writes)" || return
	mdevctl stop -u "$U1"
}

@test "a driver that tears the type down with the virtual machine leaves nothing to stop" {
	in_dialects torn_down
}

# A stop that waits for the driver sees that the type has gone by itself.
torn_down_meanwhile() {
	local file="*/$VF/nvidia/current_vgpu_type" when

	for when in "" "after read $file times=1"; do
		started "$U1" nvidia-902 "$VF" || return
		sim open "$VF"
		sim close "$VF" writes=1
		sim "after write $file times=1 $when assign $VF 0"
		try mdevctl stop -u "$U1"
		succeeds || return
		same "" "$(vgpus)" || return
		try mdevctl list
		succeeds || return
		sim clear
	done
}

@test "a type that goes while a stop waits for it has been stopped" {
	in_dialects torn_down_meanwhile
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The simulator's GPUs without mdev: what they answer, and how their virtual functions come and go.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up vgpu
	PCI=$SYS/bus/pci/devices
	GPU=0000:3b:00.0 VF=0000:3b:00.4 OTHER=0000:3b:00.5
	MIG=0001:04:00.0 MIG_VF=0001:04:00.2
}

# put TEXT FILE [VF]: writes it, with \n for a newline, and prints what the driver answered.
put() {
	local line

	printf %b "$1" 2>/dev/null >"$PCI/${3:-$VF}/nvidia/$2" || true
	line=$(tail -n 1 "$SYS/.sim/log")
	line=${line##*\"}
	echo "${line:- ok}"
}

# get FILE [VF]: what is read.
get() {
	cat "$PCI/${2:-$VF}/nvidia/$1" 2>&1
}

ids() {
	get creatable_vgpu_types "$1" | sed 1d | awk '{ print $1 }' | paste -sd' '
}

fresh() {
	sim reload ALL
	sim gpu-set $GPU dialect="${1:-r580}"
	sim sriov -e ALL
}

# A row: commands that come before, what is written to $VF, and the answer of each dialect.
answers() {
	local before written shipped rfc command wanted

	while IFS='|' read -r before written shipped rfc; do
		wanted=$shipped
		[ "$1" != rfc ] || wanted=$rfc
		fresh "$1"
		while read -rd ';' command; do
			[ -z "$command" ] || sim "$command"
		done <<<"$before;"
		same "$before: $written: $wanted" "$before: $written: $(put "$written" current_vgpu_type)"
	done <<-END
		| | EINVAL| EINVAL
		|x| EINVAL| EINVAL
		|\n| EINVAL| EINVAL
		|0x385| EINVAL| EINVAL
		|901 | EINVAL| EINVAL
		|901\n\n| EINVAL| EINVAL
		|99999999999| ERANGE| ERANGE
		|-5| EIO| EINVAL
		|901| ok| ok
		|901\n| ok| ok
		|9| EIO| ENODEV
		|0| EPERM| ok
		assign $OTHER 12034|12034| EIO| ENOSPC
		assign $OTHER 902|901| EIO| EINVAL
		assign $OTHER 902|903| ok| EINVAL
		assign $VF 901|901| EPERM| ok
		assign $VF 901|902| EPERM| EINVAL
		assign $VF 901|0| ok| ok
		assign $VF 901;open $VF|0| EPERM| EBUSY
		assign $VF 901;open $VF;close $VF|0| ok| ok
		assign $VF 901;open $VF;close $VF writes=1|0| EPERM| EBUSY
		assign $VF 901;open $VF;close $VF ms=100000|0| EPERM| EBUSY
		assign $VF 901;stuck $VF 1|0| EBUSY| EBUSY
		assign $VF 901;stuck $VF 1;stuck $VF 0|0| ok| ok
	END
}

@test "a driver answers each write as its table says: r580" {
	answers r580
}

@test "a driver answers each write as its table says: r525" {
	answers r525
	same "creatable_vgpu_types current_vgpu_type" "$(names "$PCI/$VF/nvidia")"
}

@test "a driver answers each write as its table says: rfc" {
	answers rfc
}

@test "a list has what can be created, and each write changes those of the others" {
	same "ID    : vGPU Name
901   : NVIDIA X20-1B
902   : NVIDIA X20-2Q
903   : NVIDIA X20-2A
904   : NVIDIA X20-4Q
906   : NVIDIA X20-12C
12034 : NVIDIA X20-24C" "$(get creatable_vgpu_types)"
	same " ok" "$(put 902 current_vgpu_type)"
	same "902 903" "$(ids $VF)"
	same "902 903" "$(ids $OTHER)"
	sim gpu-set $GPU occupied=none
	same "" "$(ids $VF)"
	same "902 903" "$(ids $OTHER)"
	sim assign $VF 0
	sim assign $OTHER 12034
	same "ID    : vGPU Name" "$(get creatable_vgpu_types)"
}

@test "lists come in every form that has been reported" {
	sim assign $OTHER 906
	while IFS='|' read -r form text; do
		sim gpu-set $GPU list="$form"
		same "$form: $(printf '%b_' "$text")" "$form: $(get creatable_vgpu_types && echo _)"
	done <<-'END'
		usual|ID    : vGPU Name\n906   : NVIDIA X20-12C\n
		spaces|ID  : VGPU NAME\n906   : NVIDIA X20-12C\n
		bare|906   : NVIDIA X20-12C\n
		name-first|NVIDIA X20-12C      906\n
		unended|ID    : vGPU Name\n906   : NVIDIA X20-12C
		bare,unended|906   : NVIDIA X20-12C
		empty|ID    : vGPU Name\n906   : NVIDIA X20-12C\n
	END
	sim assign $VF 906
	same "" "$(get creatable_vgpu_types)"
	sim gpu-set $GPU list=usual
	same "ID    : vGPU Name" "$(get creatable_vgpu_types)"
	fresh rfc
	sim assign $VF 12034
	same _ "$(get creatable_vgpu_types && echo _)"
}

@test "a driver that nobody has seen has errors and lists of its own" {
	sim gpu-set $GPU on-unknown=ENXIO on-full=ENOMEM on-other=EBUSY on-occupied=EEXIST on-idle=ENOENT \
		on-open=EAGAIN on-negative=EDOM header='"# types"' line='"%i = %n, 100%"'
	sim assign $OTHER 906
	same "# types
906 = NVIDIA X20-12C, 100%" "$(get creatable_vgpu_types)"
	same " EBUSY" "$(put 901 current_vgpu_type)"
	same " ENXIO" "$(put 9 current_vgpu_type)"
	same " EDOM" "$(put -9 current_vgpu_type)"
	same " ENOENT" "$(put 0 current_vgpu_type)"
	same " ok" "$(put 906 current_vgpu_type)"
	same " EEXIST" "$(put 906 current_vgpu_type)"
	same " ENOMEM" "$(put 906 current_vgpu_type 0000:3b:00.6)"
	sim open $VF
	same " EAGAIN" "$(put 0 current_vgpu_type)"
	sim close $VF
	sim gpu-set $GPU on-idle=0
	same " ok" "$(put 0 current_vgpu_type)"
	same " ok" "$(put 0 current_vgpu_type)"
}

@test "sizes are mixed only where that was ordered before, and each has its place" {
	fresh
	sim shm $GPU 1
	same " ok" "$(put 901 current_vgpu_type)"
	same " ok" "$(put 904 current_vgpu_type $OTHER)"
	same 0 "$(get placement_id)"
	same 4 "$(get placement_id $OTHER)"
	run ! sim shm $GPU 0
	same " EINVAL" "$(put 2 placement_id)"
	sim gpu-set $GPU numbers=rw
	same " EINVAL" "$(put 5 placement_id)"
	same " EINVAL" "$(put 24 placement_id)"
	same " ok" "$(put 2 placement_id)"
	same 2 "$(get placement_id)"
	sim reload $GPU
	sim sriov -e $GPU
	sim assign $VF 901
	run ! sim assign $OTHER 904
}

@test "with MIG a vGPU is in the GPU instance of its profile, and nowhere without one" {
	same "902 1145 1146" "$(ids $MIG_VF)"
	sim assign $MIG_VF 1146
	same 3 "$(get gpu_instance_id $MIG_VF)"
	sim assign 0001:04:00.3 1146
	same "$MIG_VF 1146 0 3 0 
0001:04:00.3 1146 1 3 0 " "$(<"$SYS/.sim/vgpus")"
	same " EIO" "$(put 1146 current_vgpu_type 0001:04:00.4)"
	same " ok" "$(put 902 current_vgpu_type 0001:04:00.4)"
	same 7 "$(get gpu_instance_id 0001:04:00.4)"
	sim reload $MIG
	sim sriov -e $MIG
	same "" "$(ids $MIG_VF)"
	same " EIO" "$(put 902 current_vgpu_type $MIG_VF)"
	sim mig $MIG off
	same 2164 "$(ids $MIG_VF)"
}

@test "parameters come after the type, wholly replace the old ones, and go with it" {
	same " ENXIO" "$(put a=1 vgpu_params)"
	[[ $(get vgpu_params) == *"No such device or address" ]]
	sim assign $VF 901
	same _ "$(get vgpu_params)_"
	same " ok" "$(put "frl=0, a=1" vgpu_params)"
	same "frl=0, a=1" "$(get vgpu_params)"
	same " ok" "$(put a=2 vgpu_params)"
	same a=2 "$(get vgpu_params)"
	same " E2BIG" "$(put "$(printf %1024d 0)" vgpu_params)"
	same " ok" "$(put "$(printf %1023d 0)" vgpu_params)"
	sim open $VF
	same " EPERM" "$(put a=3 vgpu_params)"
	sim close $VF
	sim assign $VF 0
	sim assign $VF 901
	same "" "$(get vgpu_params)"
}

@test "what has no value says so by an error or in words" {
	for file in placement_id gpu_instance_id; do
		[[ $(get $file) == *"No such device or address" ]]
		same " EINVAL" "$(put 1 $file)"
	done
	sim gpu-set $GPU idle=words
	same "Not Applicable" "$(get placement_id)"
	same 0 "$(get warm_update)"
}

@test "virtual functions lie where PCI counts them, and are linked from everywhere" {
	same ../0000:3b:00.4 "$(readlink "$PCI/$GPU/virtfn0")"
	same ../0000:3b:01.7 "$(readlink "$PCI/$GPU/virtfn11")"
	same ../0001:04:01.1 "$(readlink "$PCI/$MIG/virtfn7")"
	[ "$PCI/$VF/physfn" -ef "$PCI/$GPU" ]
	[ "$PCI/$VF/driver/$VF" -ef "$PCI/$VF" ]
	[ "$PCI/$VF/iommu_group/devices/$VF" -ef "$PCI/$VF" ]
	[ "$SYS/class/vfio-dev/$(names "$PCI/$VF/vfio-dev")/device" -ef "$PCI/$VF" ]
	[ -f "$SYS/.sim/dev/vfio/devices/$(names "$PCI/$VF/vfio-dev")" ]
	[ -f "$SYS/.sim/dev/vfio/$(basename "$(readlink "$PCI/$VF/iommu_group")")" ]
	[ ! -e "$PCI/$GPU/nvidia" ]
	same "12 12" "$(cat "$PCI/$GPU"/sriov_{total,num}vfs | paste -sd' ')"
	run ! sh -c "echo 0 >'$PCI/$GPU/sriov_numvfs'"
	[[ $(tail -n 1 "$SYS/.sim/log") == *ENOENT ]]
}

@test "who has a node open uses the function" {
	node=$SYS/.sim/dev/vfio/devices/$(names "$PCI/$VF/vfio-dev")
	run ! cat "$node"
	[[ $output == *"No such device" ]]
	sim assign $VF 901
	exec 5<"$node"
	same "$VF 901 0 - 1 " "$(<"$SYS/.sim/vgpus")"
	same " EPERM" "$(put 0 current_vgpu_type)"
	run ! sim sriov -d $GPU
	exec 5<&-
	same " ok" "$(put 0 current_vgpu_type)"
	run ! sim close $VF
	sim sriov -d $GPU
	[ ! -e "$node" ]
}

@test "virtual functions go with sriov-manage, a reload and a reboot, and come back empty" {
	for away in "sriov -d $GPU" "reload $GPU" reboot; do
		fresh
		sim assign $VF 901
		sim "$away"
		[ ! -e "$PCI/$VF" ]
		[ ! -e "$PCI/$GPU/virtfn0" ]
		same 0 "$(<"$PCI/$GPU/sriov_numvfs")"
		sim sriov -e $GPU
		same 0 "$(get current_vgpu_type)"
		# Again: nothing changes.
		sim assign $VF 901
		sim sriov -e $GPU
		same 901 "$(get current_vgpu_type)"
	done
}

@test "sriov-manage says that it has worked, or that somebody holds the GPU, and does nothing" {
	sim sriov -d $GPU
	sim gpu-set $GPU sriov=silent
	sim sriov -e $GPU
	same 0 "$(<"$PCI/$GPU/sriov_numvfs")"
	sim gpu-set $GPU sriov=busy
	run ! sim sriov -e $GPU
	run ! sim sriov -d $GPU
	sim gpu-set $GPU sriov=works
	sim sriov -e $GPU
	[ -e "$PCI/$VF/nvidia" ]
}

@test "a function that was unbound works again only when it is a new one" {
	sim assign $VF 901
	echo $VF >"$SYS/bus/pci/drivers/nvidia/unbind"
	[ ! -e "$PCI/$VF/nvidia" ]
	[ ! -e "$PCI/$VF/driver" ]
	run ! sh -c "echo $VF >'$SYS/bus/pci/drivers/nvidia/unbind'"
	echo $VF >"$SYS/bus/pci/drivers/nvidia/bind"
	run ! sh -c "echo $VF >'$SYS/bus/pci/drivers/nvidia/bind'"
	same 0 "$(get current_vgpu_type)"
	same " EINVAL" "$(put 901 current_vgpu_type)"
	fresh
	same " ok" "$(put 901 current_vgpu_type)"
}

@test "a write that fails sets the type to 0 where that was ordered" {
	sim gpu-set $GPU failed=resets
	sim assign $VF 901
	same " EPERM" "$(put 902 current_vgpu_type)"
	same 0 "$(get current_vgpu_type)"
}

@test "who waits for a function does not hold up the others" {
	sim slow $VF 100000
	echo 901 >"$PCI/$VF/nvidia/current_vgpu_type" &
	writer=$!
	same 0 "$(get current_vgpu_type)"
	same " ok" "$(put 902 current_vgpu_type $OTHER)"
	kill $writer
	same 0 "$(get current_vgpu_type)"
}

@test "wrong commands about GPUs are refused with a reason" {
	while read -r command; do
		run ! sim "$command"
		[ -s "$SYS/.sim/error" ]
	done <<-END
		gpu
		gpu 0000:3c:00.0 devices/x 1 1
		gpu 0000:3c:00 devices/x 1 1 1
		gpu 0000:3c:00.0 devices/x 0 1 1
		gpu $GPU devices/pci0000:3a/0000:3a:00.0 1 1 1
		gpu 0000:3c:00.0 devices/x 1 1 1 dialect=x
		gpu-set x list=bare
		gpu-set $GPU list
		gpu-set $GPU list=bare,x
		gpu-set $GPU nonsense=1
		gpu-set $GPU failed=x
		gpu-set $GPU on-full=x
		gpu-set $GPU dialect=rfc
		gpu-type $GPU 1 1
		gpu-type $GPU 901 1 x
		gpu-type $GPU 0 1 x
		mig $GPU
		mig x on
		gi $GPU 1 1024 x
		gi $MIG 3 1024 x
		shm $GPU 2
		sriov -x $GPU
		sriov -e x
		reload x
		assign x 901
		assign $VF x
		assign $VF 9
		open $VF
		open $GPU
		close $VF
		stuck $VF
		slow $VF x
		gpu-set $GPU list=bare failed
	END
}

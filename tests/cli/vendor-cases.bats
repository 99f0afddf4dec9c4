#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The edge cases of vGPUs of NVIDIA's vendor VFIO framework, in each dialect that drivers speak, and in one
# that no driver is known to speak.

bats_require_minimum_version 1.5.0

load machine
load vendor
load dialects

setup() {
	cards_up mtty vgpu
}

# case 1 ---------------------------------------------------------------------

already_free() {
	started "$U1" nvidia-902
	sim assign "$VF" 0
	sim clear
	try mdevctl stop -u "$U1"
	says "*$U1*" || return
	same "" "$(type_writes)"
}

@test "what is free already is not written to" {
	in_dialects already_free
}

# case 2 ---------------------------------------------------------------------

occupied() {
	sim assign "$VF" 902
	try mdevctl start -u "$U1" -t nvidia-902 -p "$VF"
	says "*No available instances of nvidia-902 on $VF*" || return
	same "" "$(type_writes)" || return
	same "$VF 902" "$(vgpus)" || return
	# Any function of the card: the next one.
	started "$U1" nvidia-902 || return
	same "$OTHER=902" "$(type_writes)" || return
	same "$VF 902, $OTHER 902" "$(vgpus)"
}

@test "a function that has a type is not written to, not even the same type" {
	in_dialects occupied
}

# case 3 ---------------------------------------------------------------------

full() {
	sim assign "$VF" 12034
	try mdevctl start -u "$U1" -t nvidia-12034 -p "$GPU"
	says "*No available instances of nvidia-12034 on $GPU*" || return
	same "" "$(type_writes)" || return
	try mdevctl types -p "$GPU"
	status_is 0
}

@test "a list without types means that there is no room now" {
	in_dialects full
}

unreadable() {
	sim before read "*/$VF/nvidia/creatable_vgpu_types" fail EINVAL
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	status_is 0 || return
	same "$OTHER 902" "$(vgpus)" || return
	try mdevctl list
	status_is 0 && grep -q "$U1" "$T/out"
}

@test "a function that cannot be read does not hide the others" {
	in_dialects unreadable
}

# case 4 ---------------------------------------------------------------------

odd_names() {
	# Types stay where a driver goes.
	[ "$DIALECT" != "${DIALECTS[0]}" ] || {
		sim gpu-type "$GPU" 9019 2048 '"NVIDIA X20: odd-1-18C"'
		sim gpu-type "$GPU" 1234567 2048 '"NVIDIA X20-9 9"'
	}
	started "$U1" "NVIDIA X20: odd-1-18C" || return
	same "$VF 9019" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	started "$U1" nvidia-1234567 || return
	same "$VF 1234567" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	# Neither the beginning of an id nor that of a name is the type.
	for type in nvidia-90 nvidia-9 nvidia-12345 "NVIDIA X20" nvidia- 901; do
		try mdevctl start -u "$U1" -t "$type" -p "$GPU"
		says "*" || return
	done
	same "" "$(vgpus)"
}

@test "ids and names are taken whole" {
	in_dialects odd_names
}

# case 5 ---------------------------------------------------------------------

remembered() {
	started "$U1" nvidia-12034 || return
	same "" "$(grep 12034 "$PCI/$OTHER/nvidia/creatable_vgpu_types")" || return
	try mdevctl types -p "$GPU"
	status_is 0 && grep -q "X20-24C" "$T/out" || wrong "the name is not there" || return
	mdevctl define -u "$U1" || return
	grep -q '"NVIDIA X20-24C"' "$ETC/$GPU/$U1" || wrong "the definition lacks the name"
}

@test "the name of a type is known while no list has it" {
	in_dialects remembered
}

# case 6 ---------------------------------------------------------------------

one_too_many() {
	started "$U1" nvidia-906 && started "$U2" nvidia-906 || return
	sim clear
	try mdevctl start -u "$U3" -t nvidia-906 -p "$GPU"
	says "*No available instances of nvidia-906 on $GPU*" || return
	same "" "$(type_writes)" || return
	same "$VF 906, $OTHER 906" "$(vgpus)" || return
	# Of another size than those that are there.
	mdevctl stop -u "$U2" || return
	try mdevctl start -u "$U3" -t nvidia-902 -p "$GPU"
	says "*nvidia-902*" || return
	same "$VF 906" "$(vgpus)"
}

@test "each start reads the lists again" {
	in_dialects one_too_many
}

# The list said that there was room, and another process was faster.
overtaken() {
	sim before write "*/$VF/nvidia/current_vgpu_type" times=1 assign "$OTHER" 12034
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	says "*$U1*" || return
	same "$OTHER 12034" "$(vgpus)" || return
	[ ! -e "$ROOT/run/mdevctl" ] || same "" "$(grep -rl "$U1" "$ROOT/run/mdevctl")"
}

@test "a type that another process has made impossible leaves nothing behind" {
	in_dialects overtaken
}

# used_by_qemu VF: a process has it open, as far as /proc tells.
used_by_qemu() {
	mkdir -p "$ROOT/proc/77/fd"
	echo qemu >"$ROOT/proc/77/comm"
	ln -sfn "$ROOT/dev/vfio/devices/$(names "$PCI/$1/vfio-dev")" "$ROOT/proc/77/fd/5"
}

# The driver takes the type on two functions only.
kth_failure() {
	sim assign "$VF" 902
	sim before write "*/0000:3b:00.7/nvidia/current_vgpu_type" fail EIO
	sim before write "*/0000:3b:01.?/nvidia/current_vgpu_type" fail EIO
	try mdevctl start -t nvidia-902 -p "$GPU" --count 3
	says "*Input/output error*; 2 of 3 devices had been started, and were stopped again" || return
	same "$VF 902" "$(vgpus)" || return
	[ -z "$(find "$ROOT/run/mdevctl" -name "*.vgpu")" ] || return
	same "$OTHER=902 0000:3b:00.6=902" "$(type_writes | cut -d' ' -f 1-2)" || return
	# One of them cannot be taken back: a virtual machine was faster.
	sim after write "*/$OTHER/nvidia/current_vgpu_type" times=1 open "$OTHER"
	used_by_qemu "$OTHER"
	try mdevctl start -t nvidia-902 -p "$GPU" --count 3
	says "*2 of 3 devices had been started, and were stopped again, except * on $GPU could not be stopped again: *it is in use by qemu (process 77)" ||
		return
	same "$VF 902, $OTHER 902" "$(vgpus)" || return
	# It is ours, as the message says.
	uuid=$(sed 's/.*except \([^ ]*\) on .*/\1/' "$T/err")
	mdevctl list | grep -qx "$uuid $GPU nvidia-902 manual" || return
	rm -r "$ROOT/proc/77"
	sim close "$OTHER"
	try mdevctl stop -u "$uuid"
	succeeds || return
	same "$VF 902" "$(vgpus)"
}

@test "the failure of one of several takes back exactly the others, or says which are left" {
	in_dialects kth_failure
}

# A definition of one function keeps it from devices of the card, as long as there are others.
left_to_its_definition() {
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" || return
	started "$U2" nvidia-902 || return
	same "$OTHER 902" "$(vgpus)" || return
	mdevctl start -u "$U1" || return
	same "$VF 902, $OTHER 902" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	# With the list of this one only.
	sim before read "devices/*/0000:3b:0?.[5-7]/nvidia/creatable_vgpu_types" fail EINVAL
	sim before read "devices/*/0000:3b:01.?/nvidia/creatable_vgpu_types" fail EINVAL
	try mdevctl start -u "$U3" -t nvidia-902 -p "$GPU"
	status_is 0 || return
	same "$VF 902, $OTHER 902" "$(vgpus)"
}

@test "a device of a card leaves functions that have definitions to these" {
	in_dialects left_to_its_definition
}

# case 7 ---------------------------------------------------------------------

settles() {
	started "$U1" nvidia-902 || return
	sim open "$VF"
	sim close "$VF" writes=2
	try mdevctl stop -u "$U1"
	succeeds || return
	same "" "$(vgpus)"
}

@test "a stop waits for a function whose virtual machine has just ended" {
	in_dialects settles
}

held() {
	started "$U1" nvidia-902 || return
	exec 7<"$ROOT/dev/vfio/devices/$(names "$PCI/$VF/vfio-dev")"
	mkdir -p "$ROOT/proc/77/fd"
	echo qemu >"$ROOT/proc/77/comm"
	ln -sfn "$ROOT/dev/vfio/devices/$(names "$PCI/$VF/vfio-dev")" "$ROOT/proc/77/fd/5"
	sim clear
	try mdevctl stop -u "$U1"
	exec 7<&-
	says "*$U1*qemu*77*" || return
	same "$VF=0" "$(type_writes)" || return
	same "$VF 902" "$(vgpus)" || return
	rm -r "$ROOT/proc/77"
	try mdevctl stop -u "$U1"
	succeeds
}

@test "a stop does not wait for a virtual machine that runs, and names it" {
	in_dialects held
}

stuck() {
	started "$U1" nvidia-902 || return
	sim stuck "$VF" 1
	try mdevctl stop --timeout 0 -u "$U1"
	says "*$U1*busy*" || return
	same "$VF 902" "$(vgpus)" || return
	sim stuck "$VF" 0
	try mdevctl stop -u "$U1"
	succeeds
}

@test "a plugin that does not end is told, and the device stays" {
	in_dialects stuck
}

# case 8 ---------------------------------------------------------------------

in_order() {
	local i uuid

	for i in 1 2 3 4 5 6 7 8 9 a b; do
		started "${U1%1}$i" nvidia-901 || return
	done
	same "0000:3b:00.4 901, 0000:3b:00.5 901, 0000:3b:00.6 901, 0000:3b:00.7 901, \
0000:3b:01.0 901, 0000:3b:01.1 901, 0000:3b:01.2 901, 0000:3b:01.3 901, \
0000:3b:01.4 901, 0000:3b:01.5 901, 0000:3b:01.6 901" "$(vgpus)"
}

@test "functions are taken in the order of their numbers" {
	speak r580
	in_order
}

other_domain() {
	started "$U1" nvidia-1145 "$MIG" || return
	same "0001:04:00.2 1145" "$(vgpus)" || return
	# The same id is another type on another card.
	started "$U2" nvidia-902 || return
	same "$VF 902, 0001:04:00.2 1145" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	same "$VF 902" "$(vgpus)"
}

@test "a card in another domain is another card" {
	in_dialects other_domain
}

# case 9 ---------------------------------------------------------------------

away() {
	sim sriov -d "$GPU"
	sim gpu-set "$GPU" sriov=silent
	sim sriov -e "$GPU"
	sim gpu-set "$GPU" sriov=works
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	says "*$GPU*" || return
	try mdevctl types -p "$GPU"
	[ "$status" -ne 0 ] || prints "" || return
}

@test "a card without virtual functions is told as such" {
	in_dialects away
}

# One that is missing because none is enabled, or fewer than it has.
gone() {
	sim sriov -d "$GPU"
	try mdevctl start -u "$U1" -t nvidia-902 -p "$OTHER"
	says "Error: Unable to find parent device '$OTHER'; it is a virtual function of $GPU, which has 0 of 12 enabled" ||
		return
	# No function of the card has this address.
	try mdevctl start -u "$U1" -t nvidia-902 -p 0000:3b:02.0
	says "Error: Unable to find parent device '0000:3b:02.0'*" || return
	run ! grep -q "virtual function of" "$T/err"
}

@test "a function that is not enabled is told as such" {
	in_dialects gone
}

# VFIO has the functions before the driver has added its files.
comes_late() {
	try mdevctl define -u "$U1" -t nvidia-902 -p "$GPU" --auto
	status_is 0 || return
	sim hide "devices/*/0000:3b:*/nvidia" lookups=100
	try mdevctl start-parent-mdevs --timeout 60 "$GPU"
	succeeds || return
	[[ $(vgpus) == "0000:3b:0"*" 902" ]]
}

@test "an automatic start waits for files that come after their function" {
	in_dialects comes_late
}

after_reload() {
	try mdevctl define -u "$U1" -t nvidia-902 -p "$GPU"
	status_is 0 || return
	try mdevctl start -u "$U1"
	succeeds || return
	sim reload "$GPU"
	sim sriov -e "$GPU"
	try mdevctl list
	succeeds "" || return
	try mdevctl start -u "$U1"
	succeeds || return
	same "$VF 902" "$(vgpus)"
}

@test "what a reload has taken away is not active, and starts again" {
	in_dialects after_reload
}

parameters() {
	try mdevctl define -u "$U1" -t nvidia-902 -p "$GPU"
	status_is 0 || return
	try mdevctl modify -u "$U1" --addattr vgpu_params --value "frl=0, enable_uvm=1"
	status_is 0 || return
	for _ in 1 2; do
		try mdevctl start --timeout 0 -u "$U1"
		if [ "$DIALECT" = r525 ]; then
			# The driver has no such file: the type is taken back.
			says "*vgpu_params*" || return
			same "" "$(vgpus)" || return
		else
			succeeds || return
			same "frl=0, enable_uvm=1" "$(<"$PCI/$VF/nvidia/vgpu_params")" || return
			mdevctl stop -u "$U1" || return
		fi
	done
}

@test "parameters are written at each start, and a start that cannot leaves nothing" {
	in_dialects parameters
}

# case 10 --------------------------------------------------------------------

not_ours() {
	started "$U1" nvidia-902 || return
	sim assign "$VF" 0
	sim assign "$VF" 904
	sim clear
	try mdevctl stop -u "$U1"
	says "*$U1*" || return
	same "" "$(type_writes)" || return
	same "$VF 904" "$(vgpus)"
}

@test "a stop does not clear a function that somebody else has set" {
	in_dialects not_ours
}

# The kernel knows no UUIDs, so that both cards would do it.
two_cards() {
	local tries=600 first

	sim slow "$VF" 2000
	"$MDEVCTL" start -u "$U1" -t nvidia-902 -p "$GPU" 2>"$T/first" &
	first=$!
	# It has looked for the device and has found none; the driver is at it.
	until [ -e "$ROOT/run/mdevctl/$U1.vgpu" ]; do
		[ $((tries--)) -gt 0 ] && sleep 0.02 || return
	done
	try mdevctl start -u "$U1" -t nvidia-1145 -p "$MIG"
	# In other words if the first one has ended meanwhile.
	says "Error: *$U1*is active on $GPU, type nvidia-902" || return
	wait $first || return
	sim slow "$VF" 0
	same "$VF 902" "$(vgpus)" || return
	try mdevctl list
	succeeds "$U1 $GPU nvidia-902 manual
" || return
	same "" "$(notes | grep -v "^$U1.vgpu$")"
}

@test "of two starts of one UUID on two cards one succeeds" {
	speak r580
	two_cards
}

# notes: what is about the UUID in run/mdevctl.
notes() {
	names "$ROOT/run/mdevctl" | tr ' ' '\n' | grep "^$U1" || true
}

# begun GLOB: the write to that file is ordered to take long; reached() waits until it has begun.
begun() {
	sim before write "$1" times=1 file begun yes
	sim before write "$1" times=1 delay 2000
}

reached() {
	local tries=600

	until [ -e "$SYS/begun" ]; do
		[ $((tries--)) -gt 0 ] && sleep 0.02 || return
	done
}

@test "of an mdev and a vGPU of one UUID only one starts" {
	begun "*/mtty-1/create"
	"$MDEVCTL" start -u "$U1" -t mtty-1 -p mtty &
	reached
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	says "Error: Device exists under different parent: $U1 is active on mtty, type mtty-1"
	wait $!
	same "" "$(vgpus)"
	same "" "$(notes)"
}

@test "of a vGPU and an mdev of one UUID only one starts" {
	begun "*/$VF/nvidia/current_vgpu_type"
	"$MDEVCTL" start -u "$U1" -t nvidia-902 -p "$GPU" &
	reached
	try mdevctl start -u "$U1" -t mtty-1 -p mtty
	says "Error: Device exists under different parent: $U1 is active on $GPU, type nvidia-902"
	wait $!
	same "" "$(cat "$SYS/.sim/devices")"
	same "$U1.vgpu" "$(notes)"
}

# defined_twice: as an mdev and as a vGPU.
defined_twice() {
	mdevctl define -u "$U1" -p mtty -t mtty-1 --auto
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902 --auto
}

mixed() {
	defined_twice || return
	try mdevctl start -u "$U1"
	says "Error: Multiple definitions found for device $U1*" || return
	try mdevctl start-parent-mdevs "$GPU"
	succeeds || return
	try mdevctl start-parent-mdevs mtty
	status_is 1 && grep -q "Device exists under different parent: $U1 is active on $GPU, type nvidia-902" "$T/err" || return
	try mdevctl list
	succeeds "$U1 $GPU nvidia-902 auto (defined)
" || return
	try mdevctl status
	grep -q "^$U1 $GPU nvidia-902 running" "$T/out" && grep -q "^$U1 mtty mtty-1 uuid-in-use" "$T/out" || return
	# What is for the one is not done to the other.
	try mdevctl stop -u "$U1" -p mtty
	says "Error: Mediated device mtty/$U1 is not active; $U1 is active on $GPU" || return
	try mdevctl modify -u "$U1" -p mtty --live --addattr vgpu_params --value x
	says "Error: Mediated device mtty/$U1 is not active; $U1 is active on $GPU" || return
	same "vfio-pci,host=$VF" "$(mdevctl show -u "$U1" --qemu)" || return
	same "$VF 902" "$(vgpus)" || return
	try mdevctl stop -u "$U1"
	succeeds || return
	try mdevctl start -u "$U1" -p mtty
	succeeds || return
	same "" "$(vgpus)" || return
	mdevctl show -u "$U1" --libvirt | grep -q "uuid='$U1'" || return
	try mdevctl undefine -u "$U1" -p "$GPU"
	succeeds || return
	same "$U1 mtty mtty-1 auto (active)" "$(mdevctl list -d)" || return
	mdevctl stop -u "$U1" || return
	same "" "$(cat "$SYS/.sim/devices")"
}

@test "a UUID that is defined as mdev and as vGPU is one device at a time" {
	in_dialects mixed
}

# What the UUID is now is no vGPU any more, whatever another program makes of the function.
other_kind() {
	started "$U1" nvidia-902 || return
	sim assign "$VF" 0
	started "$U1" mtty-1 mtty || return
	sim assign "$VF" 902
	same "2" "$(mdevctl list | wc -l)" || return
	same "$U1 mtty mtty-1 manual" "$(mdevctl list | grep "^$U1")" || return
	mdevctl stop -u "$U1" || return
	try mdevctl stop -u "$U1"
	says "Error: Device $U1 is not an active mdev*" || return
	same "$VF 902" "$(vgpus)"
}

@test "a device that is an mdev now is no vGPU any more" {
	in_dialects other_kind
}

@test "of starts of one UUID on all parents at once one succeeds, and the others say that it exists" {
	local parent

	for _ in 1 2 3 4 5 6; do
		rm -f "$T"/won "$T"/lost.*
		for parent in "mtty mtty-1" "$GPU nvidia-902" "$MIG nvidia-1145" "$OTHER nvidia-902"; do
			# shellcheck disable=SC2086 # two words
			set -- $parent
			"$MDEVCTL" start -u "$U1" -p "$1" -t "$2" 2>"$T/lost.$1" && echo "$1" >>"$T/won" &
		done
		wait
		same 1 "$(wc -l <"$T/won")"
		same 3 "$(cat "$T"/lost.* | grep -c "^Error: Device exists under different parent: $U1 is active on $(<"$T/won"),")"
		same 1 "$(mdevctl list | wc -l)"
		same 1 "$(cat "$SYS"/.sim/{devices,vgpus} | wc -l)"
		mdevctl stop -u "$U1"
		same "" "$(cat "$SYS"/.sim/{devices,vgpus})"
		same "" "$(notes)"
	done
}

race() {
	local i uuid pids=() failed=0

	for i in 1 2 3 4 5 6; do
		mdevctl start -u "${U1%1}$i" -t nvidia-904 -p "$GPU" 2>>"$T/race" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || failed=$((failed + 1))
	done
	same 0 "$failed" || return
	same 6 "$(wc -l <"$SYS/.sim/vgpus")" || return
	# No write was in vain.
	same "" "$(grep 'current_vgpu_type.* E' "$SYS/.sim/log")"
}

@test "processes that start at once take a function each" {
	in_dialects race
}

# status ---------------------------------------------------------------------

other_size() {
	mdevctl define -u "$U1" -t nvidia-902 -p "$OTHER" --auto || return
	sim assign "$VF" 904
	try mdevctl start -u "$U1"
	says "*No available instances of nvidia-902 on $OTHER; its GPU has 1 of type nvidia-904; beside these its driver offers only nvidia-904; without MIG, other sizes need mixed sizes to be enabled before the first vGPU: nvidia-smi vgpu -shm 1" || return
	verdict no-instance "*beside these its driver offers only nvidia-904; without MIG, other sizes need mixed sizes*" || return
	sim assign "$VF" 0
	sim shm "$GPU" 1
	sim assign "$VF" 904
	try mdevctl start -u "$U1"
	succeeds || return
	# What is too large is not of a wrong size.
	try mdevctl start -u "$U2" -t nvidia-12034 -p "$GPU"
	says "*No available instances of nvidia-12034 on $GPU*" || return
	run ! grep -q "need mixed sizes" "$T/err"
}

@test "a type of another size is told as such, and starts with mixed sizes" {
	speak r580
	other_size
	speak r525
	other_size
}

# What the driver said when the device was to start by itself: ERRNO PATTERN.
refused() {
	speak r580
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" --auto || return
	sim before write "*/$VF/nvidia/current_vgpu_type" fail "$1"
	try mdevctl start-parent-mdevs --timeout 0 "$VF"
	status_is 1 || return
	verdict not-started "The last automatic start failed*Failed to create mdev $U1, type nvidia-902 on $VF: *$2"
}

@test "the reason of a driver that refuses a type is in the status" {
	refused EIO "the driver has no room for it beside the other vGPUs, these have another size, or MIG mode has no GPU instance for it: the kernel's log has a line of NVRM"
	refused EPERM "the virtual function has a type already"
	refused EINVAL "as after the function was bound again: sriov-manage -d and -e make new ones"
}

@test "a function that was bound again says how it works again" {
	echo "$VF" >"$SYS/bus/pci/drivers/nvidia/unbind"
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" --auto
	verdict no-parent "Unable to find parent device '$VF'; *but no driver is bound to it*"
	echo "$VF" >"$SYS/bus/pci/drivers/nvidia/bind"
	try mdevctl start -u "$U1"
	says "*Invalid argument*; the driver does not take a type there*sriov-manage -d and -e make new ones*"
}

# ENXIO where there is no vGPU, and where it has no value.
no_value() {
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" || return
	mdevctl modify -u "$U1" --addattr vgpu_params --value frl=0 || return
	sim before write "*/nvidia/vgpu_params" fail ENXIO
	try mdevctl start -u "$U1"
	says "Error: Failed to write frl=0 to attribute vgpu_params of device $U1: No such device or address (os error 6); the virtual function has lost its type" ||
		return
	same "" "$(vgpus)" || return
	sim clear
	mdevctl modify -u "$U1" --delattr --index 0 || return
	mdevctl modify -u "$U1" --addattr placement_id --value 2 || return
	try mdevctl start -u "$U1"
	says "*attribute placement_id*Invalid argument (os error 22); the driver does not take this value, or chooses it by itself" ||
		return
	same "" "$(vgpus)" || return
	# One that has no value is no difference that could be told.
	mdevctl modify -u "$U1" --delattr --index 0 || return
	mdevctl start -u "$U1" || return
	mdevctl modify -u "$U1" --addattr gpu_instance_id --value 3 || return
	verdict running
}

@test "an attribute without a value is told as such" {
	speak r580
	no_value
	speak rfc
	no_value
}

@test "a definition of a card without virtual functions is told to enable them" {
	sim sriov -d "$GPU"
	mdevctl define -u "$U1" -t nvidia-902 -p "$VF" --auto
	verdict no-parent "*it is a virtual function of $GPU, which has 0 of 12 enabled" \
		"enable the virtual functions, as by sriov-manage -e or sriov_numvfs, load or bind the driver of $VF,*"
	mdevctl move -u "$U1" -p "$VF" -P "$GPU" 2>/dev/null || mdevctl undefine -u "$U1"
	mdevctl define -u "$U1" -t nvidia-902 -p "$GPU" --auto 2>/dev/null || true
	verdict no-parent "*it has 0 of 12 virtual functions enabled*" "enable the virtual functions*"
}

# Handing over ------------------------------------------------------------------

hostdev() {
	echo "<hostdev mode='subsystem' type='pci' managed='no'>
  <source>
    <address domain='0x$1' bus='0x$2' slot='0x$3' function='0x$4'/>
  </source>
</hostdev>"
}

handed_over() {
	local other

	mdevctl define -u "$U1" -p "$MIG" -t nvidia-1145 || return
	mdevctl define -u "$U2" -p 0001:04:00.3 -t nvidia-1145 || return
	mdevctl start -u "$U1" || return
	same "vfio-pci,host=0001:04:00.2" "$(mdevctl show -u "$U1" --qemu)" || return
	same "$(hostdev 0001 04 00 2)" "$(mdevctl show -u "$U1" --libvirt)" || return
	# Which function it will be is known, although there is no room for the type now.
	same "$(hostdev 0001 04 00 3)" "$(mdevctl show -u "$U2" --libvirt)" || return
	try mdevctl show -u "$U2" --qemu
	says "Error: Device $U2 is not active: QEMU can use it once it is started" || return
	# A function that is somebody else's now is not handed over.
	sim assign 0001:04:00.2 0
	sim assign 0001:04:00.2 1146
	try mdevctl show -u "$U1" --qemu
	says "Error: Device $U1 is not active: QEMU can use it once it is started" || return
	try mdevctl show -u "$U1" --libvirt
	says "Error: Device $U1 is not active: it gets a virtual function of $MIG when it is started" || return
	# That is a device of its own.
	sim assign "$VF" 902
	other=$(mdevctl list | sed -n "s/ $VF .*//p")
	same "vfio-pci,host=$VF" "$(mdevctl show -u "$other" --qemu)" || return
	same "$(hostdev 0000 3b 00 4)" "$(mdevctl show -u "$other" --libvirt)" || return
	# Without the node of the group QEMU uses that of the function.
	same "vfio-pci,host=$VF,iommufd=iommufd0" "$(mdevctl show -u "$other" --qemu --iommufd)" || return
	try mdevctl list -u "$other" -o TYPENAME,API,DEVNODE
	grep -q "^NVIDIA X20-2Q *vfio-pci .*/vfio/devices/vfio" "$T/out" || wrong "no name"
}

@test "a virtual machine gets the function that the device is, and no other" {
	in_dialects handed_over
}

@test "virtual functions on another bus than their card are its functions" {
	sim gpu 0000:e1:00.0 devices/pci0000:e0/0000:e0:01.0 4 256 8192
	sim gpu-type 0000:e1:00.0 902 2048 '"NVIDIA X20-2Q"'
	sim sriov -e 0000:e1:00.0
	started "$U1" nvidia-902 0000:e1:00.0
	same "0000:e2:00.0 902" "$(vgpus)"
	started "$U2" "NVIDIA X20-2Q" 0000:e2:00.3
	same "0000:e2:00.0 902, 0000:e2:00.3 902" "$(vgpus)"
	mdevctl stop -u "$U1"
	same "0000:e2:00.3 902" "$(vgpus)"
}

@test "a card whose driver takes its time holds up no other" {
	local first tries=600

	sim slow "$VF" 100000
	"$MDEVCTL" start -u "$U1" -t nvidia-902 -p "$GPU" 2>"$T/first" &
	first=$!
	until [ -e "$ROOT/run/mdevctl/$U1.vgpu" ]; do
		[ $((tries--)) -gt 0 ] && sleep 0.02
	done
	started "$U2" nvidia-1145 "$MIG"
	same "0001:04:00.2 1145" "$(vgpus)"
	kill $first
}

in_use() {
	started "$U1" nvidia-902 || return
	mdevctl define -u "$U1" || return
	sim open "$VF"
	try mdevctl modify -u "$U1" --live --addattr vgpu_params --value frl=0
	says "*Failed to write frl=0 to attribute vgpu_params of device $U1: Operation not permitted (os error 1); a virtual machine has it open: stop that first*" ||
		return
	sim close "$VF"
	try mdevctl modify -u "$U1" --live --addattr vgpu_params --value frl=0
	status_is 0 || return
	same frl=0 "$(<"$PCI/$VF/nvidia/vgpu_params")"
}

@test "parameters are not changed under a virtual machine, and the reason is told" {
	speak r580
	in_use
	speak rfc
	in_use
}

# no parents ---------------------------------------------------------------------

@test "GPUs without virtual functions are named as the reason why there is no parent" {
	sim unregister mtty
	sim reload ALL
	none="*; $GPU (driver nvidia) has 0 of 12 virtual functions enabled, and its driver may offer types on these only; $MIG (driver nvidia) has 0 of 8 virtual functions enabled*"
	for core in "show class/mdev_bus" "hide class/mdev_bus"; do
		sim "$core"
		try mdevctl types
		status_is 0
		complains "$none"
		try mdevctl start --any -t nvidia-902
		says "Error: $none"
		try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
		says "Error: Unable to find parent device '$GPU'; it is on bus pci, but its driver nvidia has not registered it; it has 0 of 12 virtual functions enabled*"
		rm -rf "${ETC:?}/$GPU"
		mdevctl define -u "$U1" -t nvidia-902 -p "$GPU" --auto 2>/dev/null
		verdict no-parent "enable the virtual functions*"
	done
}

@test "a parent that is unknown is not all that there is" {
	machine_down
	machine_up xe
	sim hide "class/mdev_bus*"
	try mdevctl start -u "$U1" -t xe-vf -p nothing
	says "Error: Unable to find parent device 'nothing'; the mdev core is not loaded"
	sim show "class/mdev_bus*"
	try mdevctl start -u "$U1" -t xe-vf -p nothing
	says "Error: Unable to find parent device 'nothing'"
}

# Events come more than once, and before the files.
late_and_twice() {
	local parent pid pids=()

	mdevctl define --auto -p "$GPU" -t nvidia-902 --count 3 >"$T/uuids" || return
	mdevctl define --auto -u "$U1" -p "$OTHER" -t nvidia-902 || return
	sim reload "$GPU"
	sim hide "devices/*/0000:3b:*/nvidia" lookups=60
	for parent in "$GPU" "$GPU" "$OTHER" "$OTHER" "$VF" "$VF"; do
		"$MDEVCTL" start-parent-mdevs --timeout 60 "$parent" 2>>"$T/late" &
		pids+=($!)
	done
	sim sriov -e "$GPU"
	for pid in "${pids[@]}"; do
		wait "$pid" || wrong "$(cat "$T/late")" || return
	done
	same "$OTHER 902" "$(vgpus | tr , '\n' | sed 's/^ //' | grep "^$OTHER")" || return
	same "4 $OTHER" "$(wc -l <"$SYS/.sim/vgpus") $(mdevctl list | sed -n "s/^$U1 \([^ ]*\) .*/\1/p")" || return
	# Once more changes nothing.
	sim clear
	for parent in "$GPU" "$OTHER" --all; do
		try mdevctl start-parent-mdevs "$parent"
		succeeds || return
	done
	same "" "$(type_writes)"
}

@test "functions that come late, and events that come twice, start each device once" {
	in_dialects late_and_twice
}

# What has just got its type may be busy, too.
taken_back_late() {
	mdevctl define -u "$U1" -t nvidia-902 -p "$GPU" || return
	mdevctl modify -u "$U1" --addattr vgpu_params --value x || return
	sim before write "*/nvidia/vgpu_params" fail EINVAL
	sim before write "*/$VF/nvidia/current_vgpu_type" skip=1 times=2 fail EBUSY
	try mdevctl start --timeout 1 -u "$U1"
	says "*vgpu_params*" || return
	run ! grep -q "then: Error removing" "$T/err" || wrong "$(cat "$T/err")" || return
	same "" "$(vgpus)" || return
	same "" "$(notes)" || return
}

@test "a type that cannot be taken back at once is taken back a little later" {
	in_dialects taken_back_late
}

# Numbers are those of one card, names are those of all.
moved() {
	[ "$DIALECT" != "${DIALECTS[0]}" ] || sim gpu-type "$MIG" 777 10240 '"NVIDIA X20-4Q"' 2g.10gb
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-904 || return
	mdevctl define -u "$U2" -p "$GPU" -t nvidia-902 || return
	try mdevctl move -u "$U1" --to "$MIG"
	succeeds || return
	try mdevctl start -u "$U1"
	succeeds || return
	same "0001:04:00.2 777" "$(vgpus)" || return
	mdevctl stop -u "$U1" || return
	sim gi "$MIG" 7 5120 1g.5gb
	# There the number is that of another type.
	try mdevctl move -u "$U2" --to "$MIG"
	says "Error: Parent $MIG does not support mdev type NVIDIA X20-2Q; it has *" || return
	try mdevctl clone -u "$U2" --to "$MIG"
	says "Error: Parent $MIG does not support mdev type NVIDIA X20-2Q; it has *" || return
	same "$U2 $GPU nvidia-902 manual" "$(mdevctl list -d -u "$U2")" || return
	try mdevctl move -f -u "$U2" --to "$MIG"
	status_is 0
	complains "*WARN*Parent $MIG does not support mdev type NVIDIA X20-2Q; it has *"
}

@test "a definition moves to another card with the name of its type" {
	in_dialects moved
}

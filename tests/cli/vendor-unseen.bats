#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# GPUs without mdev whose driver is none that was known when the library was written, and functions that come and
# go, or change hands, while definitions of them exist.

bats_require_minimum_version 1.5.0

load machine
load vendor
load watched

setup() {
	gpu_up vgpu
	GPU=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5 VF3=0000:3b:00.6
}

# verdict UUID WORD [REASON]: what "status" says of the device; the reason is a pattern.
verdict() {
	try mdevctl status --json
	conforms "$T/out" status
	same "$2" "$(jq -r --arg uuid "$1" '.[] | select(.uuid == $uuid).verdict' "$T/out")"
	reason=$(jq -r --arg uuid "$1" '.[] | select(.uuid == $uuid).reason' "$T/out")
	# shellcheck disable=SC2053 # a pattern
	[[ $reason == ${3-null} ]] || wrong "the reason is: $reason"
}

# Lists ------------------------------------------------------------------------

# listed HEADER LINE: with such a list, types have the right names, and start by name and by number.
listed() {
	sim gpu-set "$GPU" header="\"$1\"" line="\"$2\""
	try mdevctl types -p "$GPU"
	complains
	same "NVIDIA  X20  (two)  [brackets],NVIDIA X20-1B,NVIDIA X20-2A,NVIDIA X20-2Q" \
		"$(sed -n 's/^ *Name: //p' "$T/out" | grep -v -e -4Q -e -12C -e -24C | sort | paste -sd,)"
	started "$U1" "NVIDIA X20-2Q"
	started "$U2" "NVIDIA  X20  (two)  [brackets]"
	started "$U3" nvidia-903
	same "$VF 902, $VF2 910, $VF3 903" "$(vgpus)"
	mdevctl stop -u "$U1"
	mdevctl stop -u "$U2"
	mdevctl stop -u "$U3"
}

started() {
	try mdevctl start -u "$1" -t "$2" -p "$GPU"
	succeeds || wrong "list: $(head -2 "$PCI/$VF/nvidia/creatable_vgpu_types")"
}

# leaves_out LINE COMMAND...: the command succeeds, with a note of that line of the list.
leaves_out() {
	try mdevctl "${@:2}"
	status_is 0
	complains "*WARN*Ignoring what is not understood in the list of types of $GPU: '$1'"
}

@test "lists are read with other headers, separators, brackets and columns" {
	sim gpu-type "$GPU" 910 2048 '"NVIDIA  X20  (two)  [brackets]"'
	listed "id,name" "%i,%n"
	listed "Type - Name" "%i - %n"
	listed $'===\\n\\nID\\tName\r' $'\\n %i\\t%n \r'
	listed "Name (number)" "%n (%i)"
	listed "Name : number" "%n : %i"
	listed "" "nvidia-%i=%n"
	listed "| number | name |" "| %i | %n |"
	listed "number | name | size | left" '%i | %n | 2048 | 12'
	listed "number : name" '[%i] \"%n\"'
}

@test "a list in a form that is not understood is told as such" {
	sim gpu-set "$GPU" header='""' line='"type%i/%n"'
	leaves_out 'type901/NVIDIA X20-1B' types -p "$GPU"
	try mdevctl start -u "$U1" -t nvidia-902 -p "$GPU"
	status_is 1
	same "Error: Parent $GPU does not support mdev type nvidia-902; its driver lists types in a form that is not understood, such as 'type901/NVIDIA X20-1B'" \
		"$(tail -1 "$T/err")"
	# What is certain of other lines is had.
	sim gpu-set "$GPU" line='"%i : %n\n12x"'
	leaves_out '12x' start -u "$U1" -t "NVIDIA X20-2Q" -p "$GPU"
	same "$VF 902" "$(vgpus)"
}

@test "of columns after the name the one that differs in all lines has the ids" {
	sim gpu-set "$GPU" header='""' line='"%n %i 2048"'
	try mdevctl types -p "$GPU"
	complains
	grep -q "Name: NVIDIA X20-2Q" "$T/out"
	started "$U1" "NVIDIA X20-2Q"
	started "$U2" nvidia-903
	same "$VF 902, $VF2 903" "$(vgpus)"
	mdevctl stop -u "$U1"
	mdevctl stop -u "$U2"
	# The one type that has room beside another: which number is the id?
	mdevctl start -u "$U1" -p "$GPU" -t nvidia-901
	leaves_out 'NVIDIA X20-1B 901 2048' types -p "$GPU"
	try mdevctl start -u "$U2" -p "$GPU" -t nvidia-901
	status_is 1
	# With a header it is told.
	sim gpu-set "$GPU" header='"Name ID Size"'
	started "$U2" "NVIDIA X20-1B"
	same "$VF 901, $VF2 901" "$(vgpus)"
}

@test "types without names start by their numbers, and one note says so" {
	sim gpu-set "$GPU" header='""' line='"%i"'
	try mdevctl types -p "$GPU"
	status_is 0
	complains "*WARN*The driver of $GPU lists types without a name that is certain: they are known by their numbers only"
	same 6 "$(grep -c "nvidia-" "$T/out")"
	run ! grep -q "Name:" "$T/out"
	started "$U1" nvidia-902
	try mdevctl define -u "$U2" -p "$GPU" -t nvidia-902
	status_is 0
	complains "*WARN*The name of type nvidia-902 of $GPU cannot be read now*"
	try mdevctl start -u "$U3" -p "$GPU" -t "NVIDIA X20-2Q"
	status_is 1
	same 1 "$(grep -c "WARN.*lists types without a name" "$T/err")"
	grep -q "^Error: Parent $GPU does not support mdev type NVIDIA X20-2Q" "$T/err"
	mdevctl stop -u "$U1"
	# The name that was known does not keep the device from starting.
	sed -i 's/"mdev_type": "nvidia-902"/&, "type_name": "NVIDIA X20-2Q"/' "$ETC/$GPU/$U2"
	try mdevctl start -u "$U2"
	status_is 0
	same "$VF 902" "$(vgpus)"
}

@test "a definition of a type that is not listed now says that it lacks the name" {
	sim assign "$VF2" 901
	try mdevctl define -u "$U1" -p "$GPU" -t nvidia-12034
	status_is 0
	complains "*WARN*The name of type nvidia-12034 of $GPU cannot be read now: the device will start by the number*"
	sim before read "*/$VF/nvidia/creatable_vgpu_types" fail EINVAL
	try mdevctl define -u "$U2" -p "$VF" -t nvidia-901
	status_is 0
	complains "*WARN*The name of type nvidia-901 of $VF cannot be read now*"
}

# Files that cannot be read or written ---------------------------------------------

@test "a link that cannot be read hides no other function" {
	mdevctl define -u "$U1" -p "$VF2" -t nvidia-902
	mdevctl start -u "$U1"
	sim before readlink "*/$GPU/virtfn0" fail EIO
	try mdevctl list
	status_is 0
	same "$U1 $VF2 nvidia-902 manual (defined)" "$(cat "$T/out")"
	complains "*WARN*Ignoring a virtual function of $GPU: its link virtfn0 cannot be read: *"
	try mdevctl start -u "$U2" -p "$GPU" -t nvidia-902
	status_is 0
	same "$VF2 902, $VF3 902" "$(vgpus)"
	try mdevctl status
	status_is 0
}

@test "a function whose files are closed to everybody leaves the device to the next one" {
	sim before open "*/$VF/nvidia/current_vgpu_type" fail EACCES
	try mdevctl start -u "$U1" -p "$GPU" -t nvidia-902
	status_is 0
	same "$VF2 902" "$(vgpus)"
	sim clear
	sim before write "*/$VF/nvidia/current_vgpu_type" fail EACCES
	try mdevctl start -u "$U2" -p "$GPU" -t nvidia-902
	succeeds
	same "$VF2 902, $VF3 902" "$(vgpus)"
}

@test "a type that nobody may write is told as such" {
	sim before write "*/nvidia/current_vgpu_type" fail EACCES
	try mdevctl start -u "$U1" -p "$GPU" -t nvidia-902
	fails "Error: Failed to create mdev $U1, type nvidia-902 on $GPU: Permission denied (os error 13); its driver gives no right to set the type, not even to root"
}

@test "a list that is missing is no function without types" {
	for fault in "hide */$VF/nvidia/creatable_vgpu_types" \
		"before read */$VF/nvidia/creatable_vgpu_types fail ENODEV"; do
		sim "$fault"
		try mdevctl types -p "$VF"
		status_is 0
		grep -q "WARN.*Ignoring virtual function $VF: its types cannot be read: No data available" "$T/err"
		try mdevctl start -u "$U1" -p "$VF" -t nvidia-902
		status_is 1
		[[ $(tail -1 "$T/err") == "Error: Failed to read "*" of $VF: No data available (os error 61)" ]]
		try mdevctl start -u "$U1" -p "$GPU" -t nvidia-902
		status_is 0
		same "$VF2 902" "$(vgpus)"
		mdevctl stop -u "$U1"
		sim show "*/$VF/nvidia/creatable_vgpu_types" || true
	done
}

@test "lists that cannot be read are the reason why there is no room" {
	sim assign "$VF2" 902
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902 --auto
	sim before read "*/nvidia/creatable_vgpu_types" fail EINVAL
	try mdevctl start -u "$U1"
	status_is 1
	same 1 "$(grep -c WARN "$T/err")"
	grep -q "WARN.*Ignoring 11 virtual functions of $GPU: the types of $VF cannot be read: Invalid argument (os error 22)" "$T/err"
	same "Error: No available instances of nvidia-902 on $GPU; active on it: 1 of type nvidia-902; the files of 11 of its virtual functions, such as $VF, cannot be read: Invalid argument (os error 22)" \
		"$(tail -1 "$T/err")"
	verdict "$U1" no-instance "*the files of 11 of its virtual functions, such as $VF, cannot be read*"
}

@test "a driver that says try again is asked again" {
	mdevctl start -u "$U1" -p "$VF" -t nvidia-902
	sim before write "*/$VF/nvidia/current_vgpu_type" times=2 fail EAGAIN
	try mdevctl stop -u "$U1"
	succeeds
	same "" "$(vgpus)"
}

@test "a parent that cannot be opened is not suggested instead of itself" {
	sim before lookup "*/$GPU/virtfn*" fail EIO
	try mdevctl start -u "$U1" -p "$GPU" -t nvidia-902
	status_is 1
	run ! grep -q "Did you mean '$GPU'" "$T/err"
}

# A type goes from the list, or the function gets another one, between look and write.
@test "a type that goes before it is written is not had" {
	sim before write "*/$VF/nvidia/current_vgpu_type" times=1 assign "$VF2" 12034
	try mdevctl start -u "$U1" -p "$VF" -t nvidia-902
	fails "Error: Failed to create mdev $U1, type nvidia-902 on $VF: Input/output error*"
	same "$VF2 12034" "$(vgpus)"
	sim assign "$VF2" 0
	sim before write "*/$VF/nvidia/current_vgpu_type" times=1 assign "$VF" 902
	try mdevctl start -u "$U1" -p "$VF" -t nvidia-902
	status_is 1
	same "$VF 902" "$(vgpus)"
	try mdevctl list
	[[ $(cat "$T/out") == ????????-????-8* ]]
}

# Functions that virtual machines cannot use -----------------------------------------

@test "an active function without a driver or a node is told as such" {
	mdevctl define -u "$U1" -p "$VF" -t nvidia-902
	mdevctl start -u "$U1"
	mdevctl start -u "$U2" -p "$VF2" -t nvidia-902
	verdict "$U1" running
	verdict "$U2" transient
	sim hide "*/$VF/driver"
	sim hide "*/$VF2/vfio-dev*"
	verdict "$U1" unusable "No driver is bound to $VF: no virtual machine can use it"
	verdict "$U2" unusable "$VF2 is not registered with VFIO by its driver nvidia: no virtual machine can use it"
	try mdevctl status
	status_is 3
	try mdevctl show -u "$U1" --qemu
	fails "Error: Device $U1 cannot be used: no driver is bound to $VF"
	sim show "*/$VF/driver"
	sim show "*/$VF2/vfio-dev*"
	rm "$ROOT/dev"
	mkdir -p "$ROOT/dev/vfio"
	verdict "$U1" unusable "The node $ROOT/dev/vfio/* of $VF is missing: no virtual machine can use it"
	rmdir "$ROOT/dev/vfio"
	verdict "$U1" running
	# It can be stopped.
	try mdevctl stop -u "$U1"
	succeeds
}

# Functions that go, come and change hands ---------------------------------------------

@test "what has become of a device that was started is told" {
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902 --auto
	mdevctl define -u "$U2" -p "$VF2" -t nvidia-902
	mdevctl start -u "$U1"
	mdevctl start -u "$U2"
	sim assign "$VF" 0
	verdict "$U1" not-started "*; it was started on $VF, which has no type now (driver nvidia)"
	sim assign "$VF" 903
	verdict "$U1" not-started "*; it was started on $VF, which has type nvidia-903 now"
	echo "$VF" >"$SYS/bus/pci/drivers/nvidia/unbind"
	verdict "$U1" not-started "*; it was started on $VF, which offers no types now (no driver)"
	sim reload "$GPU"
	verdict "$U1" no-parent "*; it was started on $VF, which is not on the bus now"
	verdict "$U2" stopped "*; it was started on $VF2, which is not on the bus now"
	sim sriov -e "$GPU"
	sim assign "$VF" 902
	verdict "$U1" not-started "*; it was started on $VF, which has gone and come since, and has got type nvidia-902 from another program"
	try mdevctl stop -u "$U1"
	fails "Error: Device $U1 is not an active mdev; it was started on $VF, which has gone and come since*"
	same "$VF 902" "$(vgpus)"
	try mdevctl start-parent-mdevs "$GPU"
	status_is 0
	verdict "$U1" running
	# Not on the one that a definition names.
	same "$VF 902, $VF3 902" "$(vgpus)"
	sim assign "$VF2" 902
	try mdevctl start -u "$U2"
	fails "Error: No available instances of nvidia-902 on $VF2; active on it: *"
	mdevctl stop -u "$U1"
	# What was stopped is not lost.
	verdict "$U1" not-started "Nothing that can be seen prevents its start; instances of nvidia-902 left: 10*"
	run ! grep -q "$VF3" <<<"$reason"
}

@test "an active device is not lost where it is also defined for another parent" {
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902 --auto
	mdevctl start -u "$U1"
	mdevctl move -u "$U1" --to "$VF3" 2>/dev/null
	verdict "$U1" "different
uuid-in-use" "*"
	run ! grep -q "it was started on" "$T/out"
}

@test "a type that is not listed beside others is not unknown" {
	sim assign "$VF" 902
	try mdevctl start --any -t nvidia-904
	fails "Error: No type has the id, name or device API 'nvidia-904'; these list only types that they have room for now: $GPU"
	try mdevctl start --any -t mtty-7
	fails "Error: No type has the id, name or device API 'mtty-7'"
}

@test "no device is to be stopped where none is the reason" {
	mdevctl define -u "$U1" -p "$VF2" -t nvidia-902 --auto
	sim assign "$VF" 12034
	verdict "$U1" no-instance "*its GPU has 1 of type nvidia-12034*"
	same null "$(jq -r '.[0].advice' "$T/out")"
}

@test "devices that start and stop while they are listed are nobody else's" {
	: >"$T/watched"
	"$MDEVCTL" monitor --initial >"$T/watched" 2>"$T/watch.err" 3>&- &
	watcher=$!
	told "*watching*"
	for _ in 1 2; do
		try mdevctl start -p "$GPU" -t nvidia-902 --count 20
		status_is 1
	done
	kill $watcher
	grep -q "added device" "$T/watched"
	run ! grep -E "device [0-9a-f]{8}-[0-9a-f]{4}-8" "$T/watched"
}

# Hand-over and lists --------------------------------------------------------------------

@test "a device that is not active is not handed over as an mdev" {
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902
	mdevctl define -u "$U2" -p "$VF2" -t nvidia-902
	try mdevctl show -u "$U1" --libvirt
	fails "Error: Device $U1 is not active: it gets a virtual function of $GPU when it is started"
	try mdevctl show -u "$U2" --libvirt
	complains
	[[ $(cat "$T/out") == *"type='pci' managed='no'"*"bus='0x3b' slot='0x00' function='0x5'"* ]]
	try mdevctl show -u "$U2" --qemu
	fails "Error: Device $U2 is not active: QEMU can use it once it is started"
	sim reload "$GPU"
	try mdevctl show -u "$U2" --libvirt
	fails "Error: Device $U2 is not active, and its type, nvidia-902, cannot be read on $VF2"
}

@test "a device of a virtual function is listed with the name of its type" {
	mdevctl start -u "$U1" -p "$VF2" -t nvidia-902
	mdevctl start -u "$U2" -p "$GPU" -t nvidia-903
	try mdevctl list -o UUID,TYPENAME,API
	status_is 0
	grep -qx "$U1 *NVIDIA X20-2Q *vfio-pci" "$T/out"
	grep -qx "$U2 *NVIDIA X20-2A *vfio-pci" "$T/out"
	try mdevctl graph
	status_is 0
	same 1 "$(grep -c "$U1" "$T/out")"
}

# columns UUID: TYPE, TYPENAME and API of the device, with "-" for what it has not.
columns() {
	"$MDEVCTL" list "${@:2}" --json -o uuid,type,typename,api |
		jq -r --arg uuid "$1" '.[] | select(.uuid == $uuid) | [.type, .typename, .api] | map(. // "-") | join(",")'
}

@test "the name of the type of a definition is shown while its parent is away" {
	mdevctl define -u "$U1" -p "$GPU" -t nvidia-902
	sim reload "$GPU"
	mdevctl define -u "$U2" -p "$VF2" -t "NVIDIA X20-2A"
	same "nvidia-902,NVIDIA X20-2Q,-" "$(columns "$U1" -d)"
	same "NVIDIA X20-2A,NVIDIA X20-2A,-" "$(columns "$U2" -d)"
	try mdevctl list -d -o UUID,TYPENAME
	grep -qx "$U1 *NVIDIA X20-2Q" "$T/out"
	sim sriov -e "$GPU"
	# What has the number here is not what is meant.
	sed -i 's/NVIDIA X20-2Q/NVIDIA X20-4Q/' "$ETC/$GPU/$U1"
	same "nvidia-902,NVIDIA X20-4Q,vfio-pci" "$(columns "$U1" -d)"
	same "NVIDIA X20-2A,NVIDIA X20-2A,vfio-pci" "$(columns "$U2" -d)"
	mdevctl start -u "$U2"
	try mdevctl start -u "$U3" -p "$GPU" -t "nvidia x20-2q"
	same "NVIDIA X20-2A,NVIDIA X20-2A,vfio-pci" "$(columns "$U2")"
	same "nvidia-902,NVIDIA X20-2Q,vfio-pci" "$(columns "$U3")"
	try mdevctl show -u "$U3"
	grep -q "^TYPENAME: *NVIDIA X20-2Q" "$T/out"
}

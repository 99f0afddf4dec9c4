#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The trouble a real machine makes too rarely. All of it is ordered of the simulator.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up mtty zoo
	MTTY=devices/virtual/mtty/mtty
	MATRIX=devices/vfio_ap/matrix
}

# A definition for "matrix" with attributes, given as NAME=VALUE.
define_matrix() {
	local attr attrs=

	for attr in "${@:2}"; do
		attrs+="${attrs:+,}{\"${attr%%=*}\":\"${attr#*=}\"}"
	done
	mkdir -p "$ETC/matrix"
	echo "{\"mdev_type\":\"vfio_ap-passthrough\",\"start\":\"manual\",\"attrs\":[$attrs]}" \
		>"$ETC/matrix/$1"
}

# created: the line of the log for creating U1 on matrix.
created() {
	echo "write $MATRIX/mdev_supported_types/vfio_ap-passthrough/create \"$U1\""
}

# Creating -------------------------------------------------------------------

@test "each error of the kernel's create is told with device, type and parent" {
	while read -r name text; do
		sim clear
		sim before write '*/create' fail "$name"
		try mdevctl start -u $U1 -p mtty -t mtty-2
		fails "Error: Failed to create mdev $U1, type mtty-2 on mtty: $text*"
	done <<-'END'
		EINVAL Invalid argument (os error 22)
		EUSERS Too many users (os error 87)
		ENOSPC No space left on device (os error 28)
		EEXIST File exists (os error 17)
		EBUSY Device or resource busy (os error 16)
		ENODEV No such device (os error 19)
		EPERM Operation not permitted (os error 1)
		EACCES Permission denied (os error 13)
		EROFS Read-only file system (os error 30)
		EIO Input/output error (os error 5)
		ENOMEM Cannot allocate memory (os error 12)
	END
}

@test "a create that may not be opened is told the same way" {
	sim before open '*/create' fail EACCES
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: *mtty*: Permission denied (os error 13)*"
}

@test "a parent that unregisters during a create is told and leaves nothing" {
	sim before write '*/mtty-2/create' unregister mtty
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: Failed to create mdev $U1, type mtty-2 on mtty: No such device (os error 19)*"
}

@test "a parent that unregisters after the look at its instances is told" {
	sim after read '*/mtty-2/available_instances' unregister mtty
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: *mtty*"
}

@test "a parent that unregisters right after the create took the device with it" {
	define_matrix $U1 assign_adapter=5
	sim after write '*/create' unregister matrix
	try mdevctl start -u $U1 --timeout 0
	status_is 1
	same 1 "$(grep -c '^Error: ' "$T/err")"
	same "" "$(active)"
}

@test "somebody else who creates the device first is told" {
	sim before write '*/create' create mtty mtty-1 $U1
	try mdevctl start -u $U1 -p mtty -t mtty-2
	status_is 1
	complains "Error: *$U1*"
	same "$U1 mtty mtty-1" "$(active)"
}

@test "a parent without types is not registered" {
	sim hide "$MTTY/mdev_supported_types"
	try mdevctl start -u $U1 -p mtty -t mtty-2 --timeout 0
	fails "Error: Parent mtty is not currently registered for mdev support*"
}

@test "no instances left on a core that counts them itself" {
	sim create-many 0000:00:02.0 i915-GVTg_V5_8 8
	try mdevctl start -u $U1 -p 0000:00:02.0 -t i915-GVTg_V5_8
	fails "Error: No available instances of i915-GVTg_V5_8 on 0000:00:02.0*"
}

@test "the last instance lost to somebody else is told as the kernel tells it" {
	sim before write '*/i915-GVTg_V5_4/create' create-many 0000:00:02.0 i915-GVTg_V5_8 8
	try mdevctl start -u $U1 -p 0000:00:02.0 -t i915-GVTg_V5_4
	status_is 1
	complains "Error: Failed to create mdev $U1, type i915-GVTg_V5_4 on 0000:00:02.0: Too many users (os error 87)*"
}

@test "a number of instances that is none is told and nothing is created" {
	for text in '""' '"\n"' '"many\n"' '"1 2\n"' '"99999999999999999999\n"' '"0x10\n"'; do
		sim set "$MTTY/mdev_supported_types/mtty-1/available_instances" "$text"
		try mdevctl start -u $U1 -p mtty -t mtty-1
		fails "Error: *available_instances*"
	done
}

@test "a number of instances that cannot be read is told" {
	sim before read '*/mtty-1/available_instances' fail EIO
	try mdevctl start -u $U1 -p mtty -t mtty-1
	fails "Error: *available_instances*: Input/output error (os error 5)*"
}

@test "start needs nothing of a type but its instances" {
	sim before read '*/device_api' fail EIO
	sim before read '*/name' fail EIO
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

@test "trouble of another type or parent does not matter to start" {
	sim before read '*/mtty-2/*' fail EIO
	sim before lookup "$MATRIX/*" fail EIO
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

# Attributes -------------------------------------------------------------------

@test "attributes are written in their order, each in one write without a newline, an empty one as a line" {
	define_matrix $U1 assign_adapter=5 assign_domain=0xab mdev/aggregation=2 assign_adapter=6 assign_domain=
	try mdevctl start -u $U1
	succeeds
	same "$(created)
write $MATRIX/$U1/assign_adapter \"5\"
write $MATRIX/$U1/assign_domain \"0xab\"
write $MATRIX/$U1/mdev/aggregation \"2\"
write $MATRIX/$U1/assign_adapter \"6\"
write $MATRIX/$U1/assign_domain \"\\n\"" "$(writes)"
}

@test "values reach the kernel byte for byte" {
	mkdir -p "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"ap_config":"a\nb \"\\ \u00e9"}]}' \
		>"$ETC/matrix/$U1"
	try mdevctl start -u $U1
	succeeds
	same "$(created)
write $MATRIX/$U1/ap_config \"a\\nb \\\"\\\\ \\xc3\\xa9\"" "$(writes)"
}

@test "an attribute that fails is named and the device removed" {
	define_matrix $U1 assign_adapter=5 assign_domain=0xab mdev/aggregation=2
	sim before write '*/assign_domain' fail EINVAL
	try mdevctl start -u $U1
	fails "Error: Failed to write 0xab to attribute assign_domain*: Invalid argument (os error 22)*"
	same "$(created)
write $MATRIX/$U1/assign_adapter \"5\"
write $MATRIX/$U1/assign_domain \"0xab\" EINVAL
write $MATRIX/$U1/remove \"1\"" "$(writes)"
}

@test "when the removal fails too, both errors are told in one line" {
	define_matrix $U1 assign_adapter=5
	sim before write '*/assign_adapter' fail EINVAL
	sim before write '*/remove' fail EBUSY
	try mdevctl start -u $U1
	status_is 1
	prints
	complains "Error: Failed to write 5 to attribute assign_adapter*: Invalid argument (os error 22)*Device or resource busy (os error 16)*"
	same "$U1 matrix vfio_ap-passthrough" "$(active)"
}

@test "a removal that changes nothing although it succeeds does not hide the error" {
	define_matrix $U1 assign_adapter=5
	sim before write '*/assign_adapter' fail EINVAL
	sim before write '*/remove' ignore
	try mdevctl start -u $U1
	status_is 1
	grep -q "^Error: Failed to write 5 to attribute assign_adapter.*Invalid argument (os error 22)" "$T/err"
}

@test "an attribute name that leaves the device is refused before anything is created" {
	for name in ../remove /sys/x mdev_type/create .. . mdev/../../remove '' mdev//aggregation; do
		define_matrix $U1 "$name=1"
		try mdevctl start -u $U1
		fails "Error: *"
		same "" "$(writes | grep -v "/create \"$U1\"\$" | grep -v "/$U1/remove \"1\"\$")"
		sim clear
	done
}

@test "an attribute may not lead through a link to another directory" {
	define_matrix $U1 subsystem/drivers_probe=1
	try mdevctl start -u $U1 --timeout 0
	fails "Error: *subsystem/drivers_probe*"
}

@test "start waits for an attribute that appears late" {
	define_matrix $U1 assign_adapter=5
	sim hide "$MATRIX/*/assign_adapter" lookups=4
	try mdevctl start -u $U1
	succeeds
	same "$(created)
write $MATRIX/$U1/assign_adapter \"5\"" "$(writes)"
}

@test "start waits for a directory of attributes that appears late" {
	define_matrix $U1 mdev/aggregation=5
	sim hide "$MATRIX/*/mdev" lookups=4
	try mdevctl start -u $U1
	succeeds
	same "$(created)
write $MATRIX/$U1/mdev/aggregation \"5\"" "$(writes)"
}

@test "start does not wait for ever for an attribute and takes the device back" {
	define_matrix $U1 assign_adapter=5
	sim hide "$MATRIX/*/assign_adapter"
	try timeout 20 "$MDEVCTL" start -u $U1 --timeout 1
	fails "Error: *assign_adapter*"
	try timeout 20 "$MDEVCTL" start -u $U1 --timeout 0
	fails "Error: *assign_adapter*"
}

# swap_device OP GLOB: somebody else removes the device and makes another one of its UUID then.
swap_device() {
	sim before "$1" "$2" times=1 remove $U1
	sim before "$1" "$2" times=1 create matrix vfio_ap-passthrough $U1
}

@test "start takes back its own device only, not another one of the same UUID" {
	define_matrix $U1 assign_adapter=5
	for op in lookup write; do
		sim clear
		[ $op = write ] || sim hide "$MATRIX/*/assign_adapter"
		swap_device $op "$MATRIX/$U1/assign_adapter"
		try mdevctl start -u $U1
		status_is 1
		complains "Error: Mediated device $U1 is no longer active on matrix"
		same "$U1 matrix vfio_ap-passthrough" "$(active)"
		run ! grep /remove "$SYS/.sim/log"
		sim remove $U1
	done
}

@test "a live change writes to its own device only, not to another one of the same UUID" {
	activate $U1 vfio_ap-passthrough matrix
	swap_device write "$MATRIX/$U1/ap_config"
	try mdevctl modify -u $U1 --live --setattr ap_config=7
	status_is 1
	complains "Error: Mediated device $U1 is no longer active on matrix"
	same "" "$(<"$SYS/$MATRIX/$U1/ap_config")"
}

@test "a time limit that is no number is a usage error" {
	for limit in x -1 1x 99999999999999999999; do
		try mdevctl start -u $U1 -p mtty -t mtty-1 "--timeout=$limit"
		misused "error: invalid value '$limit' for '--timeout *"
	done
}

# Listing ------------------------------------------------------------------------

@test "a device that vanishes while the list is made is left out" {
	activate $U1
	activate $U2
	sim after readdir bus/mdev/devices remove $U1
	try mdevctl list
	succeeds "$U2 mtty mtty-1 manual
"
	activate $U1
	sim clear
	sim after readdir bus/mdev/devices times=1 remove $U1
	try mdevctl list --dumpjson
	status_is 0
	complains
	same "$U2" "$(jq -r '.[0].mtty[] | keys[0]' "$T/out")"
}

@test "a device that vanishes between its links is left out" {
	activate $U1
	activate $U2
	# So that the links are used, and not the directories of the types.
	sim before readdir '*/mdev_supported_types/*/devices' fail EIO
	sim after readlink "bus/mdev/devices/$U1" remove $U1
	try mdevctl list
	succeeds "$U2 mtty mtty-1 manual
"
}

@test "a device that vanishes while it is looked up is not there" {
	activate $U1
	sim after readlink "bus/mdev/devices/$U1" remove $U1
	try mdevctl list -u $U1
	succeeds
}

@test "all devices may vanish while the list is made" {
	activate $U1
	activate $U2
	sim after readdir bus/mdev/devices unregister mtty
	try mdevctl list
	succeeds
}

@test "a device whose type cannot be read is named and the others are listed" {
	activate $U1
	activate $U2
	sim before readdir '*/mdev_supported_types/*/devices' fail EIO
	sim before readlink "$MTTY/$U1/mdev_type" fail EIO
	try mdevctl list
	status_is 0
	prints "$U2 mtty mtty-1 manual
"
	complains "*$U1*Input/output error (os error 5)*"
}

@test "a directory of devices that cannot be read is an error, not an empty list" {
	activate $U1
	sim before readdir bus/mdev/devices fail EIO
	try mdevctl list
	fails "Error: *Input/output error (os error 5)*"
}

@test "a name among the devices that is no UUID is a warning" {
	sim before lookup bus/mdev/devices create mtty mtty-1 not-a-uuid
	activate $U1
	try mdevctl list
	status_is 0
	prints "$U1 mtty mtty-1 manual
"
	complains "*Can't determine uuid for file 'not-a-uuid'*"
}

@test "a thousand active devices are listed in order" {
	sim create-many matrix vfio_ap-passthrough 1000
	"$MDEVCTL" list >"$T/out"
	same 1000 "$(wc -l <"$T/out")"
	LC_ALL=C sort -c "$T/out"
}

@test "types leaves out, and names, a type that cannot be read" {
	for file in available_instances device_api; do
		sim clear
		sim before read "*/mtty-1/$file" fail EIO
		try mdevctl types -p mtty
		status_is 0
		prints "mtty
  mtty-2
    Available instances: 12
    Device API: vfio-pci
    Name: Dual port serial
"
		complains "*mtty-1*Input/output error (os error 5)*"
	done
}

@test "types shows a type whose name or description cannot be read without it" {
	sim before read '*/mtty-1/name' fail EIO
	try mdevctl types -p mtty
	status_is 0
	grep -qx '  mtty-1' "$T/out"
	same 1 "$(grep -c Name "$T/out")"
}

@test "types survives a parent that vanishes while it is read" {
	sim after readdir class/mdev_bus unregister mtty
	try mdevctl types
	status_is 0
	complains
	same "0.0.0052 0000:00:02.0 matrix" "$(grep -v '^ ' "$T/out" | xargs)"
}

@test "types survives a parent that vanishes between its types" {
	sim after readdir "$MTTY/mdev_supported_types" unregister mtty
	try mdevctl types
	status_is 0
	same "0.0.0052 0000:00:02.0 matrix" "$(grep -v '^ ' "$T/out" | grep -v mtty | xargs)"
}

@test "types survives a parent without types" {
	sim hide "$MTTY/mdev_supported_types"
	try mdevctl types
	status_is 0
	grep -qx matrix "$T/out"
}

@test "types names a type whose number of instances is none" {
	for text in '""' '"\n"' '"many\n"' '"-1\n"' '"1 2\n"'; do
		sim set "$MTTY/mdev_supported_types/mtty-1/available_instances" "$text"
		try mdevctl types -p mtty
		status_is 0
		grep -qx '  mtty-2' "$T/out"
		same 1 "$(grep -c 'Available instances' "$T/out")"
		complains "*mtty-1*"
	done
}

@test "files without a newline at their end are read as well" {
	sim set "$MTTY/mdev_supported_types/mtty-1/available_instances" 7
	sim set "$MTTY/mdev_supported_types/mtty-1/name" Seven
	try mdevctl types -p mtty
	status_is 0
	grep -qx '    Available instances: 7' "$T/out"
	grep -qx '    Name: Seven' "$T/out"
}

@test "an empty name and description are left out" {
	sim set "$MTTY/mdev_supported_types/mtty-1/name" '"\n"'
	sim set devices/pci0000:00/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_8/description '"\n"'
	try mdevctl types
	succeeds "$(sed '/Single port/d; /resolution: 1024/d' <("$MDEVCTL" types))
"
	run ! grep -e 'Name: $' -e 'Description: $' "$T/out"
}

# Others -----------------------------------------------------------------------

@test "define of an active device of which sysfs fails is an error, with --force a warning" {
	activate $U1
	sim before readlink "*/mdev_type" fail EIO
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: *$U1*Input/output error (os error 5)*"
	try mdevctl define -u $U1 -p mtty -t mtty-1 --force
	status_is 0
	complains "*$U1*Input/output error (os error 5)*"
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "stop removes a device of which nothing else can be read" {
	activate $U1
	sim before readlink "*/mdev_type" fail EIO
	try mdevctl stop -u $U1
	[ "$status" -le 1 ]
	[ "$status" -eq 0 ] || complains "Error: *$U1*Input/output error (os error 5)*"
}

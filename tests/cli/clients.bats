#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command as libvirt, OpenStack and scripts in the field call it.

bats_require_minimum_version 1.5.0

load machine

# Exact arguments and input of libvirt 11.3; the JSON is one line without a newline.
libvirt_json='{"mdev_type":"mtty-2","start":"manual"}'

@test "libvirt creates a transient device and gets its UUID" {
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' start --parent=mtty --jsonfile=/dev/stdin"
	status_is 0
	complains
	same "$(cat "$T/out") mtty mtty-2" "$(active)"
}

@test "libvirt creates a transient device with its own UUID" {
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' start --parent=mtty --jsonfile=/dev/stdin --uuid=$U1"
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
}

@test "libvirt defines a device and gets its UUID" {
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' define --parent=mtty --jsonfile=/dev/stdin"
	status_is 0
	complains
	holds "$ETC/mtty/$(cat "$T/out")" "$(plain_json mtty-2 manual)"
}

@test "libvirt defines a device with its own UUID and attributes" {
	json='{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"5"},{"assign_domain":"0xab"}]}'
	try sh -c "printf %s '$json' | '$MDEVCTL' define --parent=matrix --jsonfile=/dev/stdin --uuid=$U1"
	succeeds
	same "$json" "$(jq -c . "$ETC/matrix/$U1")"
}

@test "libvirt starts, destroys and undefines by UUID alone" {
	define_file $U1
	try mdevctl start --uuid=$U1
	succeeds
	try mdevctl stop --uuid=$U1
	succeeds
	try mdevctl undefine --uuid=$U1
	succeeds
	same "" "$(active)$(ls "$ETC")"
}

@test "libvirt refreshes from both lists" {
	define_file $U1 mtty-1 mtty auto
	activate $U2
	try mdevctl list --dumpjson --defined
	status_is 0
	same "[{\"mtty\":[{\"$U1\":{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[]}}]}]" "$(jq -c . "$T/out")"
	try mdevctl list --dumpjson
	status_is 0
	same "[{\"mtty\":[{\"$U2\":{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[]}}]}]" "$(jq -c . "$T/out")"
}

@test "libvirt gets its lists although one file is broken" {
	define_file $U1
	echo broken >"$ETC/mtty/$U2"
	try mdevctl list --dumpjson --defined
	status_is 0
	same $U1 "$(jq -r '.[0].mtty[] | keys[0]' "$T/out")"
	try mdevctl list --dumpjson
	status_is 0
	prints "[]"
}

@test "old libvirt uses the short forms" {
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' start -p mtty --jsonfile /dev/stdin"
	status_is 0
	same "$(cat "$T/out") mtty mtty-2" "$(active)"
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' define -p mtty --jsonfile /dev/stdin -u $U1"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
	try mdevctl undefine -u $U1
	succeeds
}

@test "nova defines the device that it has started" {
	mdevctl start --parent=mtty --jsonfile=/dev/stdin --uuid=$U1 <<<"$libvirt_json"
	try sh -c "printf %s '$libvirt_json' | '$MDEVCTL' define --parent=mtty --jsonfile=/dev/stdin --uuid=$U1"
	succeeds
	try mdevctl list
	succeeds "$U1 mtty mtty-2 manual (defined)
"
}

@test "scripts start a device and define it from there" {
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
	try mdevctl define -a -u $U1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
}

@test "scripts take the UUID from stdout" {
	uuid=$("$MDEVCTL" define --parent mtty --type mtty-1)
	try mdevctl start -u "$uuid"
	succeeds
	same "$uuid mtty mtty-1" "$(active)"
	try mdevctl stop -u "$uuid"
	succeeds
}

@test "scripts define a channel device for later" {
	try mdevctl define -u $U1 -p 0.0.0313 -t vfio_ccw-io -a
	succeeds
	try mdevctl list -d
	succeeds "$U1 0.0.0313 vfio_ccw-io auto
"
}

@test "scripts take the columns of list and types" {
	activate $U1
	same "$U1" "$("$MDEVCTL" list | awk '$2 == "mtty" { print $1 }')"
	same "23" "$("$MDEVCTL" types | awk '/mtty-1/ { found = 1 } found && /Available/ { print $3; exit }')"
}

@test "attributes in a directory of the device are written" {
	machine_down
	machine_up mtty zoo
	json='{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"mdev/aggregation":"2"}]}'
	try mdevctl start -u $U1 -p matrix --jsonfile /dev/stdin <<<"$json"
	succeeds
	same 2 "$(cat "$SYS/bus/mdev/devices/$U1/mdev/aggregation")"
}

@test "GPU, crypto and channel devices start by their parents' addresses" {
	machine_down
	machine_up mtty zoo
	try mdevctl start -u $U1 -p 0000:00:02.0 -t i915-GVTg_V5_4
	succeeds
	try mdevctl start -u $U2 -p matrix -t vfio_ap-passthrough
	succeeds
	try mdevctl start -u $U3 -p 0.0.0052 -t vfio_ccw-io
	succeeds
	try mdevctl list
	succeeds "$U3 0.0.0052 vfio_ccw-io manual
$U1 0000:00:02.0 i915-GVTg_V5_4 manual
$U2 matrix vfio_ap-passthrough manual
"
}

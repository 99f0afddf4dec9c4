#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who may open the nodes of a device: what a definition says of it, what udev is told, and the wait for it.
# tests/vm/access.bats has udev itself.

bats_require_minimum_version 1.5.0
load machine

# m ARGUMENT...: the command must succeed; $output is what it prints.
m() {
	run "$MDEVCTL" "$@"
	[ "$status" -eq 0 ] || {
		echo "mdevctl $*: $output" >&2
		return 1
	}
}

# nodes OWNER MODE: there are the nodes of the first groups; each new device has another group.
nodes() {
	mkdir -p "$ROOT/dev/vfio"
	for number in {0..9}; do
		: >"$ROOT/dev/vfio/$number"
		chown "$1" "$ROOT/dev/vfio/$number"
		chmod "$2" "$ROOT/dev/vfio/$number"
	done
}

# node UUID: the node of the device's group.
node() {
	echo "$ROOT/dev/vfio/$(basename "$(readlink "$SYS/bus/mdev/devices/$1/iommu_group")")"
}

# access UUID: the access in the definition's file.
access() {
	jq -r .access "$ETC/mtty/$1"
}

@test "a definition keeps who may open the device, through all that changes it" {
	m define -u $U1 -p mtty -t mtty-1 --access :kvm
	[ "$(access $U1)" = :kvm ]
	m modify -u $U1 --auto
	[ "$(access $U1)" = :kvm ]
	m modify -u $U1 --access root:kvm:0640 --setattr a=1
	[ "$(access $U1)" = root:kvm:0640 ]
	m show -u $U1
	[[ $output == *"ACCESS: "*"root:kvm:0640"* ]]
	[ "$("$MDEVCTL" list -d -o access -n --json | jq -c .)" = '[{"access":"root:kvm:0640"}]' ]
	m clone -u $U1
	[ "$(access "$output")" = root:kvm:0640 ]
	m modify -u $U1 --access ''
	[ "$(access $U1)" = null ]
}

@test "an access of another form is refused, and named" {
	local text
	for text in : :: ::9999 ::0a a:b:c:d 'a b' a/b ::01000 -x .; do
		run "$MDEVCTL" define -u $U1 -p mtty -t mtty-1 "--access=$text"
		[ "$status" -eq 1 ]
		[[ $output == "Error: Invalid access '$text': it is not USER:GROUP:MODE" ]]
	done
	[ ! -e "$ETC/mtty/$U1" ]
}

@test "documents have the access, and apply makes it so" {
	m define -u $U1 -p mtty -t mtty-1 --access root
	"$MDEVCTL" export >"$T/all"
	conforms "$T/all" document
	[ "$(jq -r '.devices[0].access' "$T/all")" = root ]
	m plan "$T/all"
	[[ $output != *ccess* ]]
	sed 's/"root"/":7:640"/' "$T/all" >"$T/other"
	run "$MDEVCTL" plan "$T/other"
	[[ $output == *"Access is root, wanted is :7:640"* ]]
	m apply "$T/other"
	[ "$(access $U1)" = :7:640 ]
	echo '{"devices":[{"uuid":"'$U2'","parent":"mtty","type":"mtty-1","access":"a:b:c:d"}]}' >"$T/bad"
	run "$MDEVCTL" apply "$T/bad"
	[ "$status" -eq 1 ]
	[[ $output == *"'a:b:c:d' is not USER:GROUP:MODE"* ]]
}

@test "udev is told of the node's device, its user, its group and its mode" {
	local answer
	m define -u $U1 -p mtty -t mtty-1
	m start -u $U1
	node=$(node $U1)
	m node-access "$node"
	[ "$output" = "MDEVCTL_UUID=$U1" ]
	while read -r access answer; do
		m modify -u $U1 --access "$access"
		m node-access "$node"
		[ "$(echo "$output" | tail -n +2 | tr '\n' ' ')" = "$answer " ]
	done <<-END
		root MDEVCTL_USER=root MDEVCTL_GROUP=root MDEVCTL_MODE=0600
		root: MDEVCTL_USER=root MDEVCTL_GROUP=root MDEVCTL_MODE=0600
		:kvm MDEVCTL_USER=root MDEVCTL_GROUP=kvm MDEVCTL_MODE=0660
		a:b MDEVCTL_USER=a MDEVCTL_GROUP=b MDEVCTL_MODE=0660
		a:b:640 MDEVCTL_USER=a MDEVCTL_GROUP=b MDEVCTL_MODE=640
		::0666 MDEVCTL_USER=root MDEVCTL_GROUP=root MDEVCTL_MODE=0666
	END
}

@test "udev is told nothing of other nodes" {
	m start -u $U1 -p mtty -t mtty-1
	for node in "$ROOT"/dev/vfio/{999,vfio,devices/vfio9} "$ROOT/dev/null" /dev/null ''; do
		[ -n "$node" ] || continue
		m node-access "$node"
		[ -z "$output" ]
	done
}

@test "start waits until the user can open the node" {
	be_nobody
	nodes root:root 600
	m define -u $U1 -p mtty -t mtty-1
	(
		until [ -e "$SYS/bus/mdev/devices/$U1/iommu_group" ]; do sleep 0.01; done
		chown 65534 "$(node $U1)"
	) &
	m start -u $U1 --wait 65534 --timeout 60
	wait
	[ -e "$SYS/bus/mdev/devices/$U1" ]
}

@test "a node counts as usable by its group, and by nobody else" {
	be_nobody
	nodes 65532:65533 660
	for who in 65532 :65533 65531:65533 root; do
		m start -u $U1 -p mtty -t mtty-1 --timeout 0 --wait "$who"
		m stop -u $U1
	done
	for who in 65531 :65531 :65532; do
		run "$MDEVCTL" start -u $U1 -p mtty -t mtty-1 --timeout 0 --wait "$who"
		[ "$status" -eq 1 ]
		[[ $output == "Error: $who cannot use device $U1 on mtty yet: $(node $U1) cannot be opened (65532:65533, mode 0660); "* ]]
		m stop -u $U1
	done
}

@test "when the time is over, the error says what is missing" {
	be_nobody
	mkdir -p "$ROOT/dev/vfio"
	m define -u $U1 -p mtty -t mtty-1
	run "$MDEVCTL" start -u $U1 --timeout 0 --wait nobody
	[ "$status" -eq 1 ]
	[[ $output == "Error: nobody cannot use device $U1 on mtty yet: "*" does not exist "* ]]
	[[ $output == *"; udev, which sets permissions, is not running; "* ]]
	[[ $output == *"; its definition gives access to nobody; the device was started" ]]
	[ -e "$SYS/bus/mdev/devices/$U1" ]
	m stop -u $U1
	m modify -u $U1 --access :kvm
	mkdir -p "$ROOT/run/udev"
	: >"$ROOT/run/udev/control"
	run "$MDEVCTL" start -u $U1 --timeout 0 --wait nobody
	[[ $output != *"not running"* ]]
	[[ $output == *"; its definition gives access to :kvm; the device was started" ]]
}

@test "an unknown user or group is named before anything is started" {
	m define -u $U1 -p mtty -t mtty-1
	run "$MDEVCTL" start -u $U1 --wait no-such-user
	[ "$status" -eq 1 ]
	[ "$output" = "Error: There is no user 'no-such-user'" ]
	run "$MDEVCTL" start -u $U1 --wait root:no-such-group
	[ "$output" = "Error: There is no group 'no-such-group'" ]
	run "$MDEVCTL" start -u $U1 --wait a:b:0660
	[ "$output" = "Error: 'a:b:0660' is neither USER nor USER:GROUP nor :GROUP" ]
	[ -z "$(active)" ]
}

@test "a device that goes while it is waited for is named" {
	needs_root "to ask for another user"
	m define -u $U1 -p mtty -t mtty-1
	(
		until [ -e "$SYS/bus/mdev/devices/$U1/iommu_group" ]; do sleep 0.01; done
		sim remove $U1
	) &
	run "$MDEVCTL" start -u $U1 --wait nobody --timeout 60
	wait
	[ "$status" -eq 1 ]
	[[ $output == *"$U1"*"no longer active"* ]]
}

@test "several devices are waited for, and their names are printed all the same" {
	run --separate-stderr "$MDEVCTL" start -p mtty -t mtty-1 --count 2 --timeout 0 --wait root
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == "Error: root cannot use device "* ]]
}

@test "access to an active device changes only with its definition" {
	m define -u $U1 -p mtty -t mtty-1
	m start -u $U1
	run "$MDEVCTL" modify -u $U1 --live --access :kvm
	[ "$status" -eq 1 ]
	[ "$output" = "Error: The access to device $U1 is part of its definition: give --defined, too" ]
	m modify -u $U1 --live --defined --access :kvm
	[ "$(access $U1)" = :kvm ]
}

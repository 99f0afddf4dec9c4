#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# The programs of examples/ on real modules: what applications written with libmdev see of
# the kernel. Runs as root in a guest, on our core or the kernel's own.
#
# vm:
# vm: --stock

EXAMPLES=build/examples
MDEVCTL=build/mdevctl
DEVICES=/sys/bus/mdev/devices
U1=11111111-1111-1111-1111-111111111111
U2=22222222-2222-2222-2222-222222222222

setup() {
	[ -d /sys/class/mdev_bus/mtty ] || modprobe mtty
	[ -d /sys/module/vfio_iommu_type1 ] || modprobe vfio_iommu_type1
	T=$BATS_TEST_TMPDIR
}

teardown() {
	local device

	[ -z "${watcher:-}" ] || kill "$watcher" || true
	for device in "$DEVICES"/*; do
		[ ! -e "$device" ] || echo 1 >"$device/remove"
	done
	rm -rf /etc/mdevctl.d
}

teardown_file() {
	modprobe -r mtty
}

# Waits for a line of what "watch" prints.
told() {
	local tries=0

	until grep -qx "$1" "$T/watched"; do
		[ $((++tries)) -lt 600 ] || { echo "not told: $1" && cat "$T/watched" && return 1; }
		sleep 0.1
	done
}

@test "start prints a node that is there" {
	run $EXAMPLES/start mtty mtty-1 $U1
	[ "$status" -eq 0 ]
	[ "${output%% *}" = $U1 ]
	[ -c "${output#* }" ]
	if [ -e "$(echo $DEVICES/$U1/vfio-dev/*/dev)" ]; then
		[[ $output == "$U1 /dev/vfio/devices/vfio"* ]]
	else
		[ "${output#* }" = "/dev/vfio/$(basename "$(readlink $DEVICES/$U1/iommu_group)")" ]
	fi
}

@test "inspect tells the driver, the nodes and who has one open" {
	local node

	node=$($EXAMPLES/start mtty mtty-1 $U1)
	node=${node#* }
	run $EXAMPLES/inspect $U1
	[ "$status" -eq 0 ]
	[[ $output == *"path: /sys/devices/virtual/mtty/mtty/$U1"* ]]
	[[ $output == *"driver: $(basename "$(readlink $DEVICES/$U1/driver)")"* ]]
	[[ $output == *" node: $node"* ]]
	[[ $output != *user:* ]]
	exec 8<>"$node"
	run $EXAMPLES/inspect $U1
	exec 8>&-
	[[ $output == *"user: $$ bash"* || $output == *"user: $BASHPID bash"* ]]
}

@test "watch tells of devices, parents and definitions" {
	$EXAMPLES/watch >"$T/watched" 3>&- &
	watcher=$!
	told watching
	$MDEVCTL start -u $U1 -p mtty -t mtty-1
	told "device added mtty $U1"
	told "device changed mtty $U1"
	$MDEVCTL define -u $U2 -p mtty -t mtty-2
	told "definition added mtty $U2"
	$MDEVCTL undefine -u $U2
	told "definition removed mtty $U2"
	$MDEVCTL stop -u $U1
	told "device removed mtty $U1"
	modprobe -r mtty
	told "parent removed mtty"
	modprobe mtty
	told "parent added mtty"
	kill "$watcher"
	wait "$watcher"
	watcher=
	! grep -q 'lost' "$T/watched"
}

@test "provision brings the host to a list and leaves it alone then" {
	$MDEVCTL start -u $U1 -p mtty -t mtty-2
	$MDEVCTL define -u $U2 -p elsewhere -t mtty-2
	echo "[{\"mtty\":[{\"$U1\":{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}},
		{\"$U2\":{\"mdev_type\":\"mtty-2\",\"start\":\"manual\"}}]}]" >"$T/wanted"
	$EXAMPLES/provision <"$T/wanted"
	[ "$($MDEVCTL list)" = "$U1 mtty mtty-1 auto (defined)
$U2 mtty mtty-2 manual (defined)" ]
	[ "$($MDEVCTL list --defined)" = "$U1 mtty mtty-1 auto (active)
$U2 mtty mtty-2 manual (active)" ]
	[ -z "$($EXAMPLES/provision <"$T/wanted")" ]
}

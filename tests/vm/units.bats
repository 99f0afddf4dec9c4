#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The units of autostart and the events that start them, where things come late, fail or have
# odd names. Each test has devices of its own, for the journal remembers.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load units

@test "the units and the rule are well-formed, and the unit of the boot is enabled" {
	# It may speak of other packages' units, too.
	run -0 systemd-analyze verify --man=no mdevctl.service mdevctl-parent@mtty.service
	same "" "$(grep mdevctl <<<"$output")"
	# systemd 254 was the first to have it.
	! udevadm verify --version || udevadm verify /usr/lib/udev/rules.d/60-mdevctl.rules
	[[ $(systemctl show -P Wants multi-user.target) == *mdevctl.service* ]]
}

@test "a parent without definitions starts no unit" {
	rmdir /etc/mdevctl.d/mtty
	mtty_comes
	unit_is mdevctl-parent@mtty.service inactive
	same "" "$(systemctl show -P InactiveExitTimestamp mdevctl-parent@mtty.service)"
}

@test "a device whose instance comes late is waited for, and keeps no other waiting" {
	mdevctl start -u "$(uuid 10)" -p mtty --type mtty-2
	define 11 mtty-2
	define 12 mtty-1
	mtty_comes
	eventually has_started 12
	unit_is mdevctl-parent@mtty.service activating
	mdevctl stop -u "$(uuid 10)"
	eventually has_started 11
	eventually is_settled mtty
	unit_is mdevctl-parent@mtty.service inactive
	same "$(uuid 11) mtty mtty-2"$'\n'"$(uuid 12) mtty mtty-1" "$(active)"
}

@test "a parent that comes while its unit waits is found" {
	modprobe -r mtty
	define 21 mtty-1
	systemctl start --no-block mdevctl-parent@mtty.service
	# Its module is loaded by the run itself: the parent is there before the event.
	eventually has_started 21
	eventually is_settled mtty
	same 1 "$(started 21)"
}

@test "a device that cannot be started fails its unit in bounded time, the others run" {
	less_than_a_minute
	define 31 nonsense
	define 32 mtty-1
	mtty_comes
	eventually unit_is mdevctl-parent@mtty.service failed
	same "$(uuid 32) mtty mtty-1" "$(active)"
	journal | grep "^Failed to start $(uuid 31), type nonsense on mtty: .*does not support"
	same 1 "$(started 32)"
	# It is no obstacle to the next event.
	modprobe -r mtty
	modprobe mtty
	eventually has_started_twice 32
}

has_started_twice() {
	[ "$(started "$1")" = 2 ]
}

@test "a script that refuses does not keep the boot service from starting the others" {
	define 41 mtty-2
	define 42 mtty-1
	script <<-'END'
		[ "$2$4" = mtty-2pre ] || exit 2
		echo no such luck >&2; exit 1
	END
	run ! systemctl start mdevctl.service
	unit_is mdevctl.service failed
	same "$(uuid 42) mtty mtty-1" "$(active)"
	journal | grep "refuses: no such luck"
}

@test "names that unit names escape reach the command as they are" {
	modprobe -a loop vhost_net || true
	local device name found=''
	for device in /sys/devices/virtual/misc/loop-control /sys/devices/virtual/misc/vhost-net; do
		[ -e $device ] || continue
		name=$(basename $device)
		define 51 some-type "$name"
		comes $device
		eventually unit_is "mdevctl-parent@${name/-/\\x2d}.service" activating
		grep -azx "$name" /proc/"$(systemctl show -P MainPID "mdevctl-parent@${name/-/\\x2d}.service")"/cmdline
		found=yes
	done
	[ -n "$found" ]
}

@test "the units are exposed to little" {
	for unit in mdevctl.service mdevctl-parent@.service; do
		systemd-analyze security --offline=yes --threshold=30 --no-pager \
			/usr/lib/systemd/system/$unit
	done
}

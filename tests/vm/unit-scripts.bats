#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Callout scripts in the sandbox of the units that need a machine of their own: tests/cli/units.bats
# has the others.
#
# vm-by-name
# vm: --root trixie --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load units

@test "scripts that set up a parent work in the sandbox" {
	script <<-'END'
		[ "$4-$6" = pre-start ] || exit 2
		set -ex
		touch /var/lib/vendor /run/notes/run /tmp/vendor /dev/shm/vendor
		echo auto >/sys/class/mdev_bus/mtty/power/control
		cd /sys/bus/pci/devices/0000:00:00.0
		# All of it, for which the kernel asks for an administrator.
		[ $(wc -c <config) = $(stat -c %s config) ]
		modprobe dummy numdummies=0
		grep -q '^dummy ' /proc/modules
		: <>/dev/vfio/vfio
		stat -c %a $(mktemp -p /run/notes) | grep 600
		stat -c %a /run/notes/run | grep 644
	END
	modprobe -r dummy
	modprobe vfio
	starts_with_script 62
	[ -e /var/lib/vendor ] && [ -e $NOTES/run ] && [ ! -e /tmp/vendor ]
	same auto "$(cat /sys/class/mdev_bus/mtty/power/control)"
}

@test "scripts that talk to udev, systemd and the journal work in the sandbox" {
	script <<-'END'
		[ "$4-$6" = pre-start ] || exit 2
		set -ex
		udevadm info /sys/class/mdev_bus/mtty >/dev/null
		udevadm trigger --settle --action=change /sys/devices/virtual/tty/tty1
		udevadm settle
		systemctl is-active systemd-udevd.service
		systemctl start vendor.service
		logger -t vendor "the script's own line"
	END
	printf '[Service]\nType=oneshot\nExecStart=touch %s/unit\n' $NOTES >/run/systemd/system/vendor.service
	systemctl daemon-reload
	starts_with_script 63
	[ -e $NOTES/unit ]
	journalctl --sync
	journalctl -b -o cat -t vendor | grep "the script's own line"
	rm /run/systemd/system/vendor.service
}

@test "a device that was left half started is not taken from another user's process" {
	local group holder
	less_than_a_minute
	define 66 mtty-1
	uuid 66 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
	group=/dev/vfio/$(basename "$(readlink /sys/bus/mdev/devices/"$(uuid 66)"/iommu_group)")
	eventually test -c "$group"
	# The note of a start that was killed.
	mkdir -p /run/mdevctl
	printf 'mtty\nmtty-1\n0\n' >/run/mdevctl/"$(uuid 66)".start
	setpriv --reuid=65534 --clear-groups sleep infinity 5<>"$group" 3>&- &
	holder=$!
	eventually grep -q ^sleep /proc/$holder/comm
	run ! systemctl start mdevctl-parent@mtty.service
	journal | grep "$(uuid 66).* in use by sleep (process $holder)"
	[ -e /sys/bus/mdev/devices/"$(uuid 66)" ]
	kill $holder
	wait $holder || true
	systemctl start mdevctl-parent@mtty.service
	has_started 66
}

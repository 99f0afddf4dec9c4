#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The units of autostart and the events that start them, where things come late, fail or have
# odd names. Each test has devices of its own, for the journal remembers.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load autostart

DROPIN=/run/systemd/system/mdevctl-parent@mtty.service.d
SCRIPT=/usr/lib/mdevctl/scripts.d/callouts/refuses
# What scripts note.
NOTES=/run/notes

# The event of a parent may come late: not before there are definitions, nor after they have gone,
# so that what it starts is of no other test.
setup() {
	modprobe mtty ports=3
	udevadm settle
	mkdir -p /etc/mdevctl.d/mtty
}

teardown() {
	rm -rf /etc/mdevctl.d/* $DROPIN $SCRIPT $NOTES
	udevadm settle
	systemctl daemon-reload
	systemctl stop 'mdevctl-parent@*.service'
	systemctl reset-failed
	modprobe -r mtty
}

# define NUMBER TYPE [PARENT]: to be started automatically
define() {
	mkdir -p "/etc/mdevctl.d/${3:-mtty}"
	printf '{"mdev_type":"%s","start":"auto"}' "$2" >"/etc/mdevctl.d/${3:-mtty}/$(uuid "$1")"
}

# What udev does when a device is added.
comes() {
	udevadm trigger --action=add --settle "$(realpath "$1")"
}

mtty_comes() {
	comes /sys/class/mdev_bus/mtty
}

unit_is() {
	[ "$(systemctl is-active "$1")" = "$2" ]
}

# less_than_a_minute: how long the unit of a parent waits.
less_than_a_minute() {
	mkdir -p $DROPIN
	printf '[Service]\nExecStart=\nExecStart=mdevctl start-parent-mdevs --timeout 2 %%I\n' \
		>$DROPIN/time.conf
	systemctl daemon-reload
}

# script: a callout script, of the commands on standard input.
script() {
	mkdir -p "$(dirname $SCRIPT)" $NOTES
	{ echo '#!/bin/bash'; cat; } >$SCRIPT
	chmod +x $SCRIPT
}

# starts_with_script UUID-NUMBER: in the unit, and the script fails at nothing.
starts_with_script() {
	define "$1" mtty-1
	systemctl start mdevctl-parent@mtty.service || { journal | tail -n 5 >&2; return 1; }
	has_started "$1"
}

@test "the units and the rule are well-formed, and the unit of the boot is enabled" {
	# It may speak of other packages' units, too.
	run -0 systemd-analyze verify --man=no mdevctl.service mdevctl-parent@mtty.service
	same "" "$(grep mdevctl <<<"$output")"
	udevadm verify /usr/lib/udev/rules.d/60-mdevctl.rules
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

# The sandbox -----------------------------------------------------------------------------

@test "the units are exposed to little" {
	for unit in mdevctl.service mdevctl-parent@.service; do
		systemd-analyze security --offline=yes --threshold=30 --no-pager \
			/usr/lib/systemd/system/$unit
	done
}

@test "a script that locks in the name of its caller, as s390-tools' does, works in the sandbox" {
	script <<-'END'
		lock=/run/lock/vendor.lock
		case $4-$6 in
		pre-start)
			echo $PPID >$lock.$$ && ln $lock.$$ $lock && rm $lock.$$ || exit 1
			cat /etc/mdevctl.d/mtty/* /etc/udev/udev.conf >/dev/null || exit 1
			cat /sys/class/mdev_bus/mtty/mdev_supported_types/*/available_instances >/dev/null
			;;
		post-start)
			[ "$(cat $lock)" = $PPID ] && kill -0 $PPID && rm $lock && touch /run/notes/post
			;;
		*) exit 2 ;;
		esac
	END
	starts_with_script 61
	[ -e $NOTES/post ]
}

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

# Commands that change the machine in ways that no script needs to, and change it back.
FORBIDDEN=(
	'touch /etc/mdevctl.d/x && rm /etc/mdevctl.d/x'
	'touch /usr/bin/x && rm /usr/bin/x'
	'touch /root/x && rm /root/x'
	'mount -t tmpfs none /mnt && umount /mnt'
	'unshare --net true'
	'chroot / true'
	'hostname vm'
	'touch /run/x && chmod u+s /run/x && rm /run/x'
	'touch /run/y && chown 1 /run/y && rm /run/y'
	'setpriv --reuid=1 --clear-groups true'
	': </dev/loop0'
	': <>/dev/udp/127.0.0.1/9'
	'dmesg'
)

# permitted: prints those that can be done.
permitted() {
	for command in "${FORBIDDEN[@]}"; do
		! bash -c "$command" &>/dev/null || echo "$command"
	done
}

@test "what no script needs is kept from them" {
	modprobe loop
	eventually test -b /dev/loop0
	ip link set lo up
	same "$(printf '%s\n' "${FORBIDDEN[@]}")" "$(permitted)"
	script <<-END
		[ "\$4-\$6" = pre-start ] || exit 2
		$(declare -p FORBIDDEN)
		$(declare -f permitted)
		permitted >/run/notes/permitted
	END
	starts_with_script 64
	same "" "$(cat $NOTES/permitted)"
}

@test "a drop-in allows a script more, as the man page says" {
	script <<-'END'
		[ "$4-$6" = pre-start ] || exit 2
		touch /etc/vendor/file && chown 1 /etc/vendor/file && : <>/dev/udp/127.0.0.1/9
	END
	mkdir -p /etc/vendor $DROPIN
	ip link set lo up
	define 65 mtty-1
	run ! systemctl start mdevctl-parent@mtty.service
	journal | grep "refuses: .*Read-only file system"
	# Both examples of the section.
	sed -n '/^\.SS Sandbox/,/^\.SH/{/^\[Service\]/,/^\.EE/{/^\./!p}}' man/mdevctl.8 >$DROPIN/script.conf
	grep -q CAP_CHOWN $DROPIN/script.conf
	systemctl daemon-reload
	starts_with_script 65
	same 1 "$(stat -c %u /etc/vendor/file)"
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

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034 # variables are for the tests
#
# Words that the tests of autostart are written in.

# uuid NUMBER; 0 to 4 are what tests/vm/boot defines
uuid() {
	printf 'b007ed00-0000-4000-8000-%012d' "$1"
}

BOOT_DEVICES="$(uuid 1) mtty mtty-2
$(uuid 2) mtty mtty-1
$(uuid 3) mtty mtty-2"

# What is active: "UUID PARENT TYPE" lines, sorted; of the kernel, not of our command.
active() {
	local device
	for device in /sys/bus/mdev/devices/*; do
		[ -e "$device" ] || continue
		echo "${device##*/}" "$(basename "$(realpath "$device/..")")" \
			"$(basename "$(realpath "$device/mdev_type")")"
	done
}

active_is() {
	[ "$(active)" = "$1" ]
}

same() {
	[ "$1" = "$2" ] || { printf 'expected: %s\nis:       %s\n' "$1" "$2" >&2; return 1; }
}

# eventually COMMAND...: it succeeds sooner or later.
eventually() {
	local end=$((SECONDS + 120))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "never: $*" >&2; return 1; }
		sleep 0.2
	done
}

# What our units have said since the boot.
journal() {
	journalctl --sync
	journalctl -b -o cat -u mdevctl.service -u 'mdevctl-parent@*.service'
}

# started NUMBER: how often it was, as our units tell.
started() {
	journal | grep -c "^Started $(uuid "$1"), type"
}

has_started() {
	[ "$(started "$1")" != 0 ]
}

# is_settled PARENT: its unit neither runs nor is about to.
is_settled() {
	local unit
	unit=$(systemd-escape --template=mdevctl-parent@.service "$1")
	[[ $(systemctl show -P ActiveState -P Job "$unit") =~ ^(inactive|failed)$ ]]
}

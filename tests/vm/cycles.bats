#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the kernel keeps of devices that have come and gone: nothing. Runs as root in the virtual
# machine.
#
# vm-debug: kmemleak counts what this cannot

TYPE=/sys/devices/virtual/mdevtest/mdevtest0/mdev_supported_types/mdevtest-plain
DEVICES=/sys/bus/mdev/devices
UUID=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

setup_file() {
	modprobe mdevtest
}

teardown_file() {
	rmmod mdevtest
}

cycle() {
	build/tests/kmod/mdev-cycle $TYPE $UUID "$1"
}

# Prints how many kB the kernel has allocated in slabs and cannot reclaim.
unreclaimable() {
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}

# KASAN keeps what has been freed, to see who still uses it.
has_quarantine() {
	zgrep -qs '^CONFIG_KASAN=y' /proc/config.gz
}

@test "creating and removing a device ten thousand times takes no memory" {
	local before after tries=0
	cycle 1000
	before=$(unreclaimable)
	cycle 10000
	[ -z "$(ls $DEVICES)" ]
	[ "$(<$TYPE/available_instances)" = 8 ]
	! has_quarantine || skip "with KASAN memory is not constant: the devices have gone, though"
	# Freeing waits for others. One name a cycle would be 640 kB by now, one device some MB.
	until after=$(unreclaimable) && [ $((after - before)) -lt 400 ]; do
		[ $((++tries)) -lt 100 ] || { echo "from $before to $after kB" && false; }
		sleep 0.1
	done
}

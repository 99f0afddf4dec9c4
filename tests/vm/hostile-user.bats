#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A million operations of a user who wants to do harm with devices that it may use: see
# tests/vfio/user. Runs as root in a guest.
#
# vm-by-name: make check-hostile-user
# vm-debug: the kernel is the judge
# vm-limit: 7000

load hostile-user

OPERATIONS=1000000

setup_file() {
	dmesg --clear
	modprobe vfio_iommu_type1
	modprobe -q iommufd || true
	modprobe -a mtty vfio_mdev_testdev mdma
}

@test "nobody feels a million operations of a hostile user" {
	hostile_user -n $OPERATIONS
}

@test "its devices can be removed" {
	remove_devices
}

@test "nobody uses the modules any more" {
	local module
	for module in mtty vfio_mdev_testdev mdma; do
		[ "$(cat /sys/module/$module/refcnt)" = 0 ]
	done
	modprobe -r mtty vfio_mdev_testdev mdma
	# Unused now, the core stays loaded until it is named.
	modprobe -r mdev
	[ ! -e /sys/module/mdev ]
}

@test "the kernel has found no fault" {
	run grep -E 'WARNING|BUG|refcount|Oops|possible recursive|circular|ODEBUG' <(dmesg)
	[ "$output" = "" ]
}

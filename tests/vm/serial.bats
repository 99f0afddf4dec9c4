#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What serial programs ask of a host terminal beyond termios: counters, changes of modem lines,
# the settings of setserial(8), flow control by the host, hangups.
#
# vm-by-name: it has stood still twice, in machines that had run core.bats before; why is not known
# vm:

UUID=e0000000-0000-4000-8000-000000000001

@test "the terminal answers what serial programs ask" {
	modprobe -a vfio_iommu_type1 mtty
	echo $UUID >/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create
	echo host >/sys/bus/mdev/devices/$UUID/mode
	timeout 600 build/tests/kmod/vfio-client serial $UUID 0
	echo 1 >/sys/bus/mdev/devices/$UUID/remove
	modprobe -r mtty
}

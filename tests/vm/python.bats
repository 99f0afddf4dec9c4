#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Python binding with real modules.

setup() {
	export PYTHONPATH=build/python LD_LIBRARY_PATH=build PYTHONDONTWRITEBYTECODE=1
	modprobe mtty
}

teardown() {
	for device in /sys/bus/mdev/devices/*; do
		[ ! -e "$device" ] || echo 1 >"$device/remove"
	done
	rm -rf /etc/mdevctl.d
	modprobe -r mtty
}

python() {
	/usr/bin/python3 -X dev -W error -
}

@test "python: a device lives through all that can be done with it" {
	python <<-'END'
		import errno, libmdev, os

		context = libmdev.Context()
		parent = context.parent_lookup("mtty")
		free = parent.type_lookup("mtty-2").get_available_instances()
		definition = context.definition_new()
		definition.set_parent("mtty")
		definition.set_type("mtty-2")
		definition.define()
		definition.start()
		device = context.device_lookup(definition.get_uuid())
		assert parent.type_lookup("mtty-2").get_available_instances() == free - 1

		info = device.get_info()
		assert info.get_driver() == "mtty"
		assert info.get_path() == os.path.realpath("/sys/bus/mdev/devices/" + device.get_uuid())
		assert info.get_group_node() == f"/dev/vfio/{info.get_iommu_group()}"
		with open(info.get_group_node()):
		    assert [user.get_pid() for user in device.list_users()[1]] == [os.getpid()]
		assert device.list_users() == (0, [])

		try:
		    definition.start()
		except libmdev.InUse as error:
		    assert error.errno == errno.EEXIST and error.uuid == device.get_uuid()
		device.stop()
		assert not os.path.exists("/sys/bus/mdev/devices/" + device.get_uuid())
		try:
		    device.stop()
		except libmdev.NotFound as error:
		    assert error.uuid == device.get_uuid()
		definition.undefine()
		assert context.definition_list() == []
	END
}

@test "python: the kernel's refusal says why" {
	python <<-'END'
		import libmdev

		context = libmdev.Context()
		started = []
		try:
		    while True:
		        definition = context.definition_new()
		        definition.set_parent("mtty")
		        definition.set_type("mtty-2")
		        definition.start()
		        started.append(definition)
		except libmdev.Exhausted as error:
		    assert error.parent == "mtty" and error.uuid == definition.get_uuid()
		assert len(started) == len(context.device_list()) > 1
	END
}

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Machines whose GPUs have virtual functions, for tests that load "machine", too.

# gpu_up MACHINE...: with nodes of VFIO and a /run; PCI is where the functions are.
gpu_up() {
	machine_up "$@"
	ln -s sys/.sim/dev "$ROOT/dev"
	mkdir "$ROOT/proc" "$ROOT/run"
	# shellcheck disable=SC2034 # for who loads this
	PCI=$SYS/bus/pci/devices
}

# vgpus: "VF TYPE" of each, in one line.
vgpus() {
	cut -d' ' -f 1,2 "$SYS/.sim/vgpus" | paste -sd, | sed 's/,/, /g'
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# types on any machine; its formats are in golden/.

bats_require_minimum_version 1.5.0

load machine

@test "types of the serial card" {
	activate $U1 mtty-2
	try mdevctl types
	succeeds "mtty
  mtty-1
    Available instances: 22
    Device API: vfio-pci
    Name: Single port serial
  mtty-2
    Available instances: 11
    Device API: vfio-pci
    Name: Dual port serial
"
}

@test "types of the serial card as JSON" {
	try mdevctl types --dumpjson
	succeeds '[
  {
    "mtty": [
      {
        "mtty-1": {
          "available_instances": 24,
          "device_api": "vfio-pci",
          "name": "Single port serial"
        }
      },
      {
        "mtty-2": {
          "available_instances": 12,
          "device_api": "vfio-pci",
          "name": "Dual port serial"
        }
      }
    ]
  }
]'
}

@test "types of one parent" {
	try mdevctl types -p mtty
	status_is 0
	same mtty "$(head -n 1 "$T/out")"
	try mdevctl types -p other
	status_is 0
	prints
	try mdevctl types --dumpjson --parent=other
	status_is 0
	prints "[]"
}

@test "types that are used up are shown" {
	for i in $(seq 10 33); do
		activate "99999999-1111-1111-1111-1111111111$i"
	done
	try mdevctl types
	status_is 0
	same 2 "$(grep -c 'Available instances: 0' "$T/out")"
}

@test "anybody may look" {
	activate $U1
	be_nobody
	try nobody "$MDEVCTL" types --dumpjson
	status_is 0
	complains
	try nobody "$MDEVCTL" list
	succeeds "$U1 mtty mtty-1 manual
"
}

@test "a machine without parents has no types, and is told why" {
	parent_goes
	try mdevctl types
	status_is 0
	prints
	[ -s "$T/err" ]
	try mdevctl types --dumpjson
	status_is 0
	prints "[]"
}

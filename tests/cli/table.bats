#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086 # UUIDs
# The tables, trees and JSON of list, types and show, with columns of one's choice, and the
# picture of graph.

bats_require_minimum_version 1.5.0

load machine

SCHEMA=$BATS_TEST_DIRNAME/list.schema.json

# Lines of a tree are those of the character set.
export LC_ALL=C.UTF-8

setup() {
	machine_up
	[ "$MACHINE" = real ] || mkdir "$ROOT/proc"
}

# gpu_machine: with a GPU that has two virtual functions.
gpu_machine() {
	machine_down
	rm -rf "$T/root"
	machine_up mtty sriov
	mkdir "$ROOT/proc"
}

# group_of UUID: the number of its IOMMU group.
group_of() {
	basename "$(readlink "$SYS/bus/mdev/devices/$1/iommu_group")"
}

# uses PID COMMAND NODE: a process of the simulated machine that has the node open.
uses() {
	mkdir -p "$ROOT/proc/$1/fd"
	echo "$2" >"$ROOT/proc/$1/comm"
	ln -s "$3" "$ROOT/proc/$1/fd/$(find "$ROOT/proc/$1/fd" -type l | wc -l)"
}

@test "the validator refuses what the schema does not allow" {
	: >"$T/err"
	for wrong in '' '{}' '[{"name":1}]' '[{"name":""}]' '[{"used":"1"}]' '[{"kind":"x"}]' '[{"extra":1}]' \
		'[{"users":[{"pid":1}]}]' '[{"name":"a","children":[{"name":2}]}]' '[] {}'; do
		echo "$wrong" >"$T/out"
		run conforms "$T/out" list
		[ "$status" -ne 0 ]
	done
	for wrong in '[]' '[{}]' '[{"commands":[],"mdevctl":[]},{}]' '[{"commands":1,"mdevctl":[{"a":{}}]}]'; do
		echo "$wrong" >"$T/out"
		run conforms "$T/out" help
		[ "$status" -ne 0 ]
	done
	echo '[{"name":"a","children":[{"uuid":null,"users":[{"pid":1,"command":"x"}]}]}]' >"$T/out"
	conforms "$T/out" list
	echo '[{"commands":[{"a":{"kind":"flag","unless":[],"needs":[],"excludes":[],"help":"b"}}],"mdevctl":[{}]}]' >"$T/out"
	run conforms "$T/out" help
	[ "$status" -ne 0 ]
	sed 's/{}/{"a":{"kind":"flag","unless":[],"needs":[{"name":"c"}],"excludes":[],"help":"b"}}/' "$T/out" >"$T/good"
	conforms "$T/good" help
}

# Columns ---------------------------------------------------------------------

@test "list -o prints the chosen columns, in that order" {
	activate $U1 mtty-2
	activate $U2 mtty-1
	define_file $U2 mtty-1 mtty auto
	try mdevctl list -o start,TYPE,uuid
	succeeds "START  TYPE   UUID
manual mtty-2 $U1
auto   mtty-1 $U2
"
	try mdevctl list -n --output uuid
	succeeds "$U1
$U2
"
	try mdevctl list -o uuid,active,defined,used,available,api,typename -u $U2
	succeeds "UUID                                 ACTIVE DEFINED USED AVAILABLE API      TYPENAME
$U2 yes    yes        1        21 vfio-pci Single port serial
"
}

@test "+ adds columns to the default ones" {
	activate $U1 mtty-2
	try mdevctl list -o +kind
	succeeds "UUID                                 PARENT TYPE   START  ACTIVE DEFINED KIND
$U1 mtty   mtty-2 manual yes    no      device
"
	try mdevctl types -o +numa -p mtty
	succeeds "PARENT TYPE   TYPENAME           API      USED AVAILABLE NUMA
mtty   mtty-1 Single port serial vfio-pci    0        22
mtty   mtty-2 Dual port serial   vfio-pci    1        11
"
}

@test "list -d -o shows definitions, and only those of the same type as active" {
	activate $U1 mtty-2
	activate $U2 mtty-2
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"},{"b":"x y"}]}' >"$ETC/mtty/$U1"
	define_file $U2 mtty-1
	define_file $U3 none elsewhere
	try mdevctl list -d -n -o uuid,type,active,group,attrs
	succeeds "$U3 none   no
$U1 mtty-2 yes        $(group_of $U1) a=1,b=x y
$U2 mtty-1 no
"
	try mdevctl list -d --json -o uuid,attrs,group -u $U1
	status_is 0
	conforms "$T/out" list
	same '[{"uuid":"'$U1'","attrs":[{"a":"1"},{"b":"x y"}],"group":'"$(group_of $U1)"'}]' "$(jq -c . "$T/out")"
}

@test "a device whose definition is broken is defined" {
	activate $U1
	mkdir -p "$ETC/mtty"
	echo broken >"$ETC/mtty/$U1"
	try mdevctl list -n -o defined
	status_is 0
	prints "yes"$'\n'
}

@test "an unknown column is a usage error that lists the columns" {
	for columns in nope uuid,nope uuid, ,uuid + +nope uuid,,type; do
		try mdevctl list -o "$columns"
		misused "error: invalid value '*' for '--output <COLUMNS>': unknown column; the columns are NAME, KIND, UUID,*, ATTRS"
	done
	try mdevctl types -o uuid
	misused "error: invalid value 'uuid' for '--output <COLUMNS>': unknown column; the columns are NAME, KIND, PHYSFN,*"
	try mdevctl list -o "$(printf 'uuid,%.0s' {1..70})uuid"
	misused "error: * too many columns*"
	try mdevctl list -o ''
	misused
}

@test "what does not go together is a usage error" {
	for options in "-o uuid --dumpjson" "-o uuid -v" "--tree -d" "--tree --dumpjson" "--json --dumpjson" -n; do
		# shellcheck disable=SC2086 # words
		try mdevctl list $options
		misused
	done
}

@test "the manual page and the schema have every column and no other" {
	try mdevctl list -o '?'
	status_is 2
	sed -n 's/.*the columns are //p' "$T/err" | sed 's/, /\n/g' >"$T/columns"
	[ "$(wc -l <"$T/columns")" -gt 20 ]
	sed -n '/^\.SH COLUMNS/,/^\.SH VERDICTS/p' "$TOP/man/mdevctl.8" | sed -n '/^\.TP/{n;s/^\.B //p}' |
		diff "$T/columns" -
	jq -r '.["$defs"].item.properties | keys_unsorted[] | select(. != "children") | ascii_upcase' "$SCHEMA" |
		diff "$T/columns" -
}

@test "JSON has every column, and null for what is not known" {
	needs_sim "its values are told"
	local all

	gpu_machine
	all=$(jq -r '.["$defs"].item.properties | keys_unsorted | map(select(. != "children")) | join(",")' "$SCHEMA")
	sim create 0000:41:00.4 nvidia-558 $U1
	sim file devices/pci0000:40/0000:41:00.4/$U1/vfio-dev/vfio3/dev '"511:3\n"'
	uses 77 "qemu-system-x86" /dev/vfio/devices/vfio3
	define_file $U2
	try mdevctl list --json -o "$all"
	status_is 0
	complains
	conforms "$T/out" list
	same '{"name":"'$U1'","kind":"device","uuid":"'$U1'","physfn":"0000:41:00.0","parent":"0000:41:00.4","numa":1,"type":"nvidia-558","typename":"GRID A16-4Q","description":"num_heads=4, frl_config=60","api":"vfio-pci","used":1,"available":0,"start":"manual","active":true,"defined":false,"driver":"nvidia_vgpu_vfio","group":0,"node":"/dev/vfio/0","devnode":"/dev/vfio/devices/vfio3","access":null,"path":"/sys/devices/pci0000:40/0000:41:00.4/'$U1'","users":[{"pid":77,"command":"qemu-system-x86"}],"attrs":[]}' \
		"$(jq -c '.[]' "$T/out" | sed "s|$ROOT/|/|g")"
	try mdevctl list -d --json -o "$all"
	status_is 0
	conforms "$T/out" list
	same '{"name":"'$U2'","kind":"device","uuid":"'$U2'","physfn":null,"parent":"mtty","numa":null,"type":"mtty-1","typename":"Single port serial","description":null,"api":"vfio-pci","used":0,"available":24,"start":"manual","active":false,"defined":true,"driver":null,"group":null,"node":null,"devnode":null,"access":null,"path":null,"users":[],"attrs":[]}' \
		"$(jq -c '.[]' "$T/out")"
	try mdevctl types --json -o name,kind,type,typename,used,available,numa,physfn
	status_is 0
	conforms "$T/out" list
	same 4 "$(jq length "$T/out")"
}

@test "a column that is chosen twice is one member" {
	activate $U1
	try mdevctl list --json -o uuid,type,uuid
	succeeds '[
  {
    "uuid": "'$U1'",
    "type": "mtty-1"
  }
]
'
}

@test "nothing to list is no line, and [] as JSON" {
	try mdevctl list -o uuid
	succeeds
	try mdevctl list --json
	succeeds "[]"$'\n'
	try mdevctl list --tree -u $U1
	succeeds
	for command in "types --json" "list --tree --json"; do
		# shellcheck disable=SC2086 # words
		try mdevctl $command -p other
		status_is 0
		prints "[]"$'\n'
		complains "*Unable to find parent device 'other'*"
	done
	parent_goes
	for command in "types -o type" "list --tree"; do
		# shellcheck disable=SC2086 # words
		try mdevctl $command
		status_is 0
		prints
		complains "*No parent device is registered*"
	done
	parent_comes
}

@test "names in a table neither end a line nor command a terminal, and are whole in JSON" {
	needs_sim "mtty has harmless ones"
	sim "type mtty mtty-9 1 vfio-pci name=\"A"$'\e[2J\xc2\x9b\xff'"\\nB \\\"q\\\"\""
	try mdevctl types -o type,typename
	status_is 0
	grep -qxF 'mtty-9 A\x1b[2J\xc2\x9b\xff, B "q"' "$T/out" || wrong "the name is not escaped"
	same 4 "$(wc -l <"$T/out")"
	try mdevctl types --json -o type,typename
	conforms "$T/out" list
	same $'A\e[2J\xc2\x9b\xef\xbf\xbd\nB "q"' "$(jq -r '.[2].typename' "$T/out")"
}

@test "a process cannot forge a line with its name" {
	needs_sim "its processes are told"
	activate $U1
	uses 77 $'a\e[2J\nb' /dev/vfio/0
	try mdevctl list -n -o users
	succeeds 'a\x1b[2J\x0ab(77)'$'\n'
	try mdevctl show -u $U1
	grep -qxF 'USERS:       a\u001b[2J\nb(77)' "$T/out"
	try mdevctl list --json -o users
	conforms "$T/out" list
	same $'a\e[2J\nb' "$(jq -r '.[0].users[0].command' "$T/out")"
}

# The tree ----------------------------------------------------------------------

@test "the tree shows functions, parents, types, devices and users" {
	needs_sim "its processes are told"
	gpu_machine
	sim create 0000:41:00.4 nvidia-558 $U1
	sim file devices/pci0000:40/0000:41:00.4/$U1/vfio-dev/vfio3/dev '"511:3\n"'
	activate $U2 mtty-2
	uses 77 qemu-system-x86 /dev/vfio/0
	uses 77 qemu-system-x86 /dev/vfio/1
	uses 9 crosvm /dev/vfio/devices/vfio3
	try mdevctl list --tree -o name,used,available,users
	succeeds "NAME                                       USED AVAILABLE USERS
0000:41:00.0
├─0000:41:00.4
│ └─nvidia-558                                1         0
│   └─$U1                crosvm(9),qemu-system-x86(77)
└─0000:41:00.5
  └─nvidia-558                                0         1
mtty
├─mtty-1                                      0        22
└─mtty-2                                      1        11
  └─$U2                  qemu-system-x86(77)
"
	LC_ALL=C try mdevctl list --tree -n -o name -p 0000:41:00.4
	succeeds "0000:41:00.0
\`-0000:41:00.4
  \`-nvidia-558
    \`-$U1
"
	try mdevctl list --tree --json
	status_is 0
	conforms "$T/out" list
	same '["/dev/vfio/0","/dev/vfio/devices/vfio3",9,77]' \
		"$(jq -c '.[0].children[0].children[0].children[0] | [.node, .devnode, .users[].pid]' "$T/out" |
			sed "s|$ROOT/|/|g")"
}

@test "each of many devices is below its type, in the order of the UUIDs" {
	local i one=${U1%?}
	for i in 1 2 3 4 5 6; do
		activate "$one$i" mtty-$((i % 2 + 1))
	done
	try mdevctl list --tree -n -o name
	succeeds "mtty
├─mtty-1
│ ├─${one}2
│ ├─${one}4
│ └─${one}6
└─mtty-2
  ├─${one}1
  ├─${one}3
  └─${one}5
"
	try mdevctl graph
	status_is 0
	same "n0>n1 n1>n2 n1>n3 n1>n4 n0>n5 n5>n6 n5>n7 n5>n8" \
		"$(grep -o 'n[0-9]* -> n[0-9]*' "$T/out" | sed 's/ -> />/' | paste -sd ' ')"
}

@test "the tree of one device is what leads to it, with the names in any place" {
	activate $U1 mtty-2
	activate $U2 mtty-1
	try mdevctl list --tree -u $U1 -o kind,name
	succeeds "KIND   NAME
parent mtty
type   └─mtty-2
device   └─$U1
"
	try mdevctl list --tree -u $U1 -n -o type
	succeeds "mtty
└─mtty-2                                 mtty-2
  └─$U1 mtty-2
"
}

@test "a physical function that is a parent, too, stands below itself" {
	needs_sim "another machine"
	sim parent 0000:81:00.0 devices/pci0000:80/0000:81:00.0 1 EUSERS bus=pci
	sim parent 0000:81:00.1 devices/pci0000:80/0000:81:00.1 1 EUSERS bus=pci
	sim link devices/pci0000:80/0000:81:00.1/physfn devices/pci0000:80/0000:81:00.0
	try mdevctl list --tree -n -o name,kind,physfn
	succeeds "0000:81:00.0   function 0000:81:00.0
├─0000:81:00.0 parent   0000:81:00.0
└─0000:81:00.1 parent   0000:81:00.0
mtty           parent
├─mtty-1       type
└─mtty-2       type
"
}

@test "a device whose type cannot be read is below its parent" {
	needs_sim "it hides a file"
	activate $U1 mtty-2
	sim hide */mtty-2/device_api
	try mdevctl list --tree -n -o name
	status_is 0
	prints "mtty
├─mtty-1
└─$U1
"
	complains "*device_api of type mtty-2*"
}

@test "a device that goes away meanwhile keeps nobody from the others" {
	needs_sim "it removes a device"
	activate $U1
	activate $U2
	sim after readdir "*/mtty-1/devices" times=1 remove $U1
	try mdevctl list --tree -o name,node,users
	status_is 0
	grep -q "$U2 *$ROOT/dev/vfio/1\$" "$T/out"
}

@test "without /proc, or without the rights to look, there is a warning and the list" {
	needs_sim "its processes are told"
	activate $U1
	uses 77 qemu /dev/vfio/0
	chmod 700 "$ROOT/proc/77/fd"
	be_nobody
	try nobody "$MDEVCTL" list -n -o uuid,users
	status_is 0
	prints "$U1"$'\n'
	complains "*There may be more users: some processes can be inspected by root only"
	rm -r "$ROOT/proc"
	try mdevctl list -n -o uuid,users
	status_is 0
	prints "$U1"$'\n'
	complains "*Failed to look for users of devices: No such file or directory (os error 2)"
	try mdevctl list -n -o uuid
	succeeds "$U1"$'\n'
}

@test "a process that has a node open is named, with its number" {
	needs_root "nodes"
	activate $U1
	if [ "$MACHINE" = real ]; then
		modprobe vfio_iommu_type1
		node=/dev/vfio/$(group_of $U1)
		exec 8<>"$node"
	else
		needs_sim "a node"
		uses $$ bats "/dev/vfio/$(group_of $U1)"
	fi
	try mdevctl list --json -o node,users
	exec 8<&-
	status_is 0
	conforms "$T/out" list
	jq -e --argjson pid $$ 'any(.[].users[]; .pid == $pid)' "$T/out"
	same "${ROOT}/dev/vfio/$(group_of $U1)" "$(jq -r '.[0].node' "$T/out")"
}

@test "a table of many devices looks into each process once" {
	needs_sim "a machine with many"
	sim parent big devices/virtual/big 500 ENOSPC
	sim type big many 1 vfio-pci
	sim create-many big many 300
	uses 77 qemu /dev/vfio/299
	command -v strace >/dev/null || skip "strace is not installed"
	strace -o "$T/trace" -e trace=readlinkat "$MDEVCTL" list -n -o uuid,users >"$T/out"
	same 300 "$(wc -l <"$T/out")"
	same "00000000-0000-4000-8000-00000000012b qemu(77)" "$(grep qemu "$T/out")"
	same 1 "$(grep -c '"/dev/vfio/299"' "$T/trace")"
}

# Bars ----------------------------------------------------------------------------

# bars OPTION...: the lines of types that may have bars.
bars() {
	try "$MDEVCTL" types -p mtty "$@"
	status_is 0
	complains
	grep Available "$T/out" >"$T/bars"
}

@test "types draws how much is used, in the width there is, when asked to" {
	local uuid

	export COLUMNS=60
	activate $U1 mtty-2
	LC_ALL=C bars --bars=always
	holds "$T/bars" "    Available instances: 22  ----------------  0 of 22 used
    Available instances: 11  #---------------  1 of 12 used
"
	COLUMNS=46 bars --bars=always
	holds "$T/bars" "    Available instances: 22
    Available instances: 11
"
	COLUMNS=48 bars --bars=always
	holds "$T/bars" "    Available instances: 22  ░░░░  0 of 22 used
    Available instances: 11  █░░░  1 of 12 used
"
	COLUMNS=1000 bars --bars=always
	same 40 "$(sed -n '1s/[^░]//gp' "$T/bars" | tr -d '\n' | wc -m)"
	bars
	holds "$T/bars" "    Available instances: 22
    Available instances: 11
"
	for uuid in {10..20}; do activate "99999999-1111-1111-1111-1111111111$uuid" mtty-2; done
	LC_ALL=C bars --bars=always
	holds "$T/bars" "    Available instances: 0  ------------------  0 of 0 used
    Available instances: 0  ################  12 of 12 used
"
}

@test "bars are colored when asked to, and say what is nearly used up" {
	local number green=$'\e[32m' yellow=$'\e[33m' red=$'\e[31m' plain=$'\e[0m'

	export COLUMNS=49 LC_ALL=C
	for number in {10..17}; do activate "99999999-1111-1111-1111-1111111111$number" mtty-2; done
	bars --bars=always --color=always
	same "    Available instances: 4  ${green}####--${plain}  8 of 12 used" "$(tail -n 1 "$T/bars")"
	activate $U1 mtty-2
	bars --bars=always --color=always
	same "    Available instances: 3  ${yellow}####--${plain}  9 of 12 used" "$(tail -n 1 "$T/bars")"
	for number in {20..22}; do activate "99999999-1111-1111-1111-1111111111$number" mtty-2; done
	NO_COLOR=1 bars --bars=always --color always
	same "    Available instances: 0  ${red}#####${plain}  12 of 12 used" "$(tail -n 1 "$T/bars")"
	bars --bars=always
	same "    Available instances: 0  #####  12 of 12 used" "$(tail -n 1 "$T/bars")"
}

# on_terminal COMMAND [COLUMNS]: what it prints on a terminal of 60 columns, or of so many.
on_terminal() {
	SHELL=$BASH TERM=xterm script -qefc "stty cols ${2:-60}; $1" /dev/null </dev/null | tr -d '\r' >"$T/shown"
}

@test "a terminal gets bars, with colors unless NO_COLOR says otherwise; a pipe gets none" {
	command -v script >/dev/null || skip "script is not installed"
	export LC_ALL=C
	unset NO_COLOR
	activate $U1 mtty-2
	on_terminal "$MDEVCTL types"
	grep -q $'instances: 11  \e\\[32m#---------------\e\\[0m  1 of 12 used$' "$T/shown"
	NO_COLOR=1 on_terminal "$MDEVCTL types"
	grep -q 'instances: 11  #---------------  1 of 12 used$' "$T/shown"
	NO_COLOR='' on_terminal "TERM=dumb $MDEVCTL types"
	grep -q 'instances: 11  #---------------  1 of 12 used$' "$T/shown"
	on_terminal "$MDEVCTL types --color never"
	grep -q 'instances: 11  #---------------  1 of 12 used$' "$T/shown"
	on_terminal "$MDEVCTL types --bars never"
	grep -q 'instances: 11$' "$T/shown"
	on_terminal "$MDEVCTL types | cat"
	grep -q 'instances: 11$' "$T/shown"
	try mdevctl types --bars=sometimes
	misused "error: invalid value 'sometimes' for '--bars <WHEN>': not auto, always or never"
	try mdevctl types --bars=always --dumpjson
	misused
}

@test "a table wraps long cells on a terminal, but not in the middle of every name" {
	needs_sim "a process that uses the device is simulated"
	command -v script >/dev/null || skip "script is not installed"
	activate $U1 mtty-2
	uses 77 qemu-system-x86 /dev/vfio/0
	on_terminal "$MDEVCTL list --tree" 70
	grep -q "$U1.* qemu-system-x86(77)\$" "$T/shown"
	define_file $U2 mtty-1
	mdevctl modify -u $U2 --addattr note --value "$(printf 'word %.0s' {1..30})"
	on_terminal "$MDEVCTL list -d -o uuid,attrs" 80
	[ "$(awk '{ print length }' "$T/shown" | sort -n | tail -n 1)" -le 80 ]
	[ "$(wc -l <"$T/shown")" -gt 3 ]
	mdevctl list -d -o uuid,attrs >"$T/piped"
	same 2 "$(wc -l <"$T/piped")"
}

@test "terminals of odd widths get a whole table, and bars where there is room" {
	command -v script >/dev/null || skip "script is not installed"
	export LC_ALL=C # awk counts bytes
	activate $U1 mtty-2
	for width in 1 20 50 60 80 400; do
		on_terminal "$MDEVCTL types --color never" $width
		same 1 "$(grep -c '^    Available instances: 11' "$T/shown")"
		[ $width -ge 50 ] || run ! grep -q used "$T/shown"
		[ $width -lt 60 ] || grep -q 'instances: 11  .*  1 of 12 used$' "$T/shown"
		[ $width -lt 50 ] || [ "$(awk '{ print length }' "$T/shown" | sort -n | tail -n 1)" -lt $width ]
		on_terminal "$MDEVCTL list --tree -o name,used" $width
		grep -q "$U1" "$T/shown"
	done
}

# Show ----------------------------------------------------------------------------

@test "show describes an active device" {
	needs_sim "its paths are told"
	activate $U1 mtty-2
	define_file $U1 mtty-2 mtty auto
	uses 77 qemu-system-x86 /dev/vfio/0
	try mdevctl show -u $U1
	succeeds "UUID:        $U1
PARENT:      mtty
TYPE:        mtty-2
TYPENAME:    Dual port serial
API:         vfio-pci
START:       auto
ACTIVE:      yes
DEFINED:     yes
DRIVER:      mtty
GROUP:       0
NODE:        $ROOT/dev/vfio/0
PATH:        $SYS/devices/virtual/mtty/mtty/$U1
USERS:       qemu-system-x86(77)
"
	try mdevctl show -u $U1 --json
	status_is 0
	conforms "$T/out" list '$defs/item'
	same "$U1" "$(jq -r .uuid "$T/out")"
}

@test "show describes a device that is only defined" {
	define_file $U1 mtty-2 mtty
	try mdevctl show -u $U1
	succeeds "UUID:        $U1
PARENT:      mtty
TYPE:        mtty-2
TYPENAME:    Dual port serial
API:         vfio-pci
START:       manual
ACTIVE:      no
DEFINED:     yes
"
	define_file $U1 some elsewhere
	try mdevctl show -u $U1
	fails "Error: Device $U1 is defined for several parents: give --parent"
	try mdevctl show -u $U1 -p elsewhere
	succeeds "UUID:        $U1
PARENT:      elsewhere
TYPE:        some
START:       manual
ACTIVE:      no
DEFINED:     yes
"
	try mdevctl show -u $U2
	fails "Error: Device $U2 is neither active nor defined"
	try mdevctl show -u $U1 -p other
	fails "Error: Device $U1 is neither active nor defined on other"
	try mdevctl show
	misused
}

@test "show of a device whose definition is broken says so once" {
	activate $U1
	mkdir -p "$ETC/mtty"
	echo broken >"$ETC/mtty/$U1"
	try mdevctl show -u $U1
	status_is 0
	complains "*$ETC/mtty/$U1*"
	grep -qx 'DEFINED:     yes' "$T/out"
}

@test "show --qemu prints the value of -device" {
	local path

	activate $U1 mtty-2
	path=$(realpath "$SYS/bus/mdev/devices/$U1")
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-pci,sysfsdev=$path"$'\n'
	define_file $U2
	try mdevctl show -u $U2 --qemu
	fails "Error: Device $U2 is not active: QEMU can use it once it is started"
	try mdevctl show -u $U1 --iommufd
	misused
	try mdevctl show -u $U1 --qemu --libvirt
	misused
}

@test "show --qemu uses the character device if asked to, or if the kernel has no groups" {
	needs_sim "the kernel has other nodes"
	activate $U1 mtty-2
	path=$SYS/devices/virtual/mtty/mtty/$U1
	try mdevctl show -u $U1 --qemu --iommufd
	fails "Error: Device $U1 has no VFIO character device: the kernel is older than Linux 6.6, *"
	sim file devices/virtual/mtty/mtty/$U1/vfio-dev/vfio3/dev '"511:3\n"'
	try mdevctl show -u $U1 --qemu --iommufd
	succeeds "vfio-pci,sysfsdev=$path,iommufd=iommufd0"$'\n'
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-pci,sysfsdev=$path"$'\n'
	sim hide */$U1/iommu_group
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-pci,sysfsdev=$path,iommufd=iommufd0"$'\n'
	sim hide */$U1/driver
	try mdevctl show -u $U1 --qemu
	fails "Error: Device $U1 has no driver: *"
}

@test "show --qemu doubles a comma, and refuses what is not a device API" {
	needs_sim "parents with other names"
	sim parent a,b devices/virtual/a,b 9 ENOSPC
	sim type a,b t 1 vfio-ap
	sim type a,b u 1 "vfio-pci,x=y"
	sim type a,b v 1 "other"
	activate $U1 t a,b
	activate $U2 u a,b
	activate $U3 v a,b
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-ap,sysfsdev=$SYS/devices/virtual/a,,b/$U1"$'\n'
	try mdevctl show -u $U1 --libvirt
	status_is 0
	grep -q "model='vfio-ap'" "$T/out"
	for option in --qemu --libvirt; do
		try mdevctl show -u $U2 $option
		fails "Error: Device $U2 is not for VFIO: its device API is 'vfio-pci,x=y'"
		try mdevctl show -u $U3 $option
		fails "Error: Device $U3 is not for VFIO: its device API is 'other'"
	done
}

@test "show --libvirt prints the element hostdev, of a defined device, too" {
	define_file $U1 mtty-2
	try mdevctl show -u $U1 --libvirt
	succeeds "<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
  <source>
    <address uuid='$U1'/>
  </source>
</hostdev>
"
	define_file $U2 mtty-2 elsewhere
	try mdevctl show -u $U2 --libvirt
	fails "Error: Device $U2 is not active, and its type, mtty-2, cannot be read on elsewhere"
}

# Graph ---------------------------------------------------------------------------

# drawn CLASS: how many nodes or edges the picture has.
drawn() {
	grep -c "class=\"$1\"" "$T/svg"
}

@test "Graphviz draws functions, parents, types, devices and users" {
	command -v dot >/dev/null || skip "graphviz is not installed"
	needs_sim "its processes are told"
	gpu_machine
	sim create 0000:41:00.4 nvidia-558 $U1
	activate $U2 mtty-2
	define_file $U2 mtty-2 mtty auto
	uses 77 qemu-system-x86 /dev/vfio/0
	uses 77 qemu-system-x86 /dev/vfio/1
	try mdevctl graph
	status_is 0
	complains
	dot -Tsvg "$T/out" >"$T/svg" 2>"$T/dot"
	same "" "$(cat "$T/dot")"
	# A function, three parents, four types, two devices and a process with both.
	same 11 "$(drawn node)"
	same 10 "$(drawn edge)"
	for text in 0000:41:00.0 "physical function" "NUMA node 1" "1 used, 0 free" "0 used, 1 free" \
		"Dual port serial" "1 used, 11 free" $U1 $U2 "defined, auto" "$ROOT/dev/vfio/1" "process 77"; do
		sed 's/&#45;/-/g' "$T/svg" | grep -qF ">$text</text>" || wrong "the picture has no $text"
	done
	try mdevctl graph -u $U1
	dot -Tsvg "$T/out" >"$T/svg"
	same 5 "$(drawn node)"
	try mdevctl graph -p mtty
	dot -Tsvg "$T/out" >"$T/svg"
	same 5 "$(drawn node)"
}

@test "names in the picture are what they are" {
	command -v dot >/dev/null || skip "graphviz is not installed"
	needs_sim "mtty has harmless ones"
	sim "type mtty mtty-9 1 vfio-pci name=\"A \\\"q\\\" \\\\N &amp; <b>"$'\e\xff'"\\nB\""
	sim type mtty '"x];n0[label=\"y"' 1 vfio-pci
	try mdevctl graph
	status_is 0
	dot -Tsvg "$T/out" >"$T/svg" 2>"$T/dot"
	same "" "$(cat "$T/dot")"
	same 5 "$(drawn node)"
	sed 's/&#45;/-/g; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' "$T/svg" >"$T/plain"
	grep -qF 'A "q" \N &amp; <b>\u001b\xff\nB<' "$T/plain" || wrong "the name is another one"
}

@test "an empty machine is an empty picture" {
	command -v dot >/dev/null || skip "graphviz is not installed"
	parent_goes
	try mdevctl graph
	status_is 0
	dot -Tsvg "$T/out" >"$T/svg"
	same 0 "$(drawn node || true)"
}

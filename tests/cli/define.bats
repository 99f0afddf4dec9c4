#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# define: what it stores, what it takes from an active device, what it refuses.

bats_require_minimum_version 1.5.0

load machine

@test "define stores type and mode and prints nothing when the UUID is given" {
	try mdevctl define -u $U1 -p mtty -t mtty-2
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
}

@test "define --auto stores auto" {
	try mdevctl define --auto --uuid $U1 --parent mtty --type mtty-1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
}

@test "the UUID is stored in its usual form" {
	try mdevctl define -u "{${UA^^}}" -p mtty -t mtty-1
	succeeds
	same "$UA" "$(ls "$ETC/mtty")"
}

@test "define without a UUID prints the new random one and nothing else" {
	try mdevctl define --parent mtty --type mtty-1
	status_is 0
	complains
	uuid=$(cat "$T/out")
	[[ $uuid =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	prints "$uuid"$'\n'
	holds "$ETC/mtty/$uuid" "$(plain_json mtty-1 manual)"
}

@test "parent and type need not be there" {
	try mdevctl define -u $U1 -p 0000:81:00.4 -t nvidia-286
	succeeds
	holds "$ETC/0000:81:00.4/$U1" "$(plain_json nvidia-286 manual)"
}

@test "the same UUID can be defined for two parents" {
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	try mdevctl define -u $U1 -p matrix -t vfio_ap-passthrough
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
	holds "$ETC/matrix/$U1" "$(plain_json vfio_ap-passthrough manual)"
}

@test "the file's mode is what the umask leaves" {
	umask 027
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	same "640" "$(stat -c %a "$ETC/mtty/$U1")"
	same "750" "$(stat -c %a "$ETC/mtty")"
}

@test "define makes the definition directory where it is missing" {
	rm -rf "$ETC"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	[ -f "$ETC/mtty/$U1" ]
}

@test "nothing but the definition is left in its directory" {
	mdevctl define -u $U1 -p mtty -t mtty-1
	same "$U1" "$(ls -A "$ETC/mtty")"
}

@test "what is defined already is not touched" {
	define_file $U1 mtty-2 mtty auto
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Device $U1 on mtty already defined*"
}

@test "a definition under the UUID in capitals counts as defined" {
	define_file ${UA^^}
	try mdevctl define -u $UA -p mtty -t mtty-1
	fails "Error: Device $UA on mtty already defined*"
}

@test "a symlinked, even a dangling, definition counts as defined" {
	mkdir -p "$ETC/mtty"
	ln -s "$T/nowhere" "$ETC/mtty/$U1"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Device $U1 on mtty already defined*"
	[ ! -e "$T/nowhere" ]
}

@test "an active device is promoted with its parent and type" {
	activate $U1 mtty-2
	try mdevctl define -u $U1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
	try mdevctl define --auto --uuid $U1
	fails "Error: Device $U1 on mtty already defined*"
}

@test "an active device can be defined for another parent with its type" {
	activate $U1 mtty-2
	try mdevctl define -u $U1 -p other
	succeeds
	holds "$ETC/other/$U1" "$(plain_json mtty-2 manual)"
}

@test "an active device with a type needs a parent too" {
	activate $U1
	try mdevctl define -u $U1 -t mtty-2
	fails "Error: No parent specified*"
}

@test "without parent or type there is nothing to define" {
	try mdevctl define -u $U1
	fails "Error: No parent specified*"
	try mdevctl define -u $U1 -t mtty-1
	fails "Error: No parent specified*"
	try mdevctl define -u $U1 -p mtty
	fails "Error: No type specified*"
	try mdevctl define -p mtty
	fails "Error: No type specified*"
}

@test "a parent's name that leaves the definition directory is refused" {
	for parent in ../../x .. . '' a/b /etc /tmp/x mtty/ mtty/../other; do
		try mdevctl define -u $U1 "--parent=$parent" -t mtty-1
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		grep -qi '^error: .*parent' "$T/err"
		nothing_changed
	done
}

@test "the script directory is not a parent" {
	try mdevctl define -u $U1 -p scripts.d -t mtty-1
	[ "$status" -ne 0 ]
	nothing_changed
}

@test "a type that is no name is refused" {
	for type in '' ../mtty-1 a/b . ..; do
		try mdevctl define -u $U1 -p mtty "--type=$type"
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		grep -qi '^error: .*type' "$T/err"
		nothing_changed
	done
}

@test "a JSON file gives type, mode and attributes" {
	cat >"$T/x.json" <<-'END'
		{"attrs":[{"assign_adapter":"5"},{"assign_domain":"0xab"}],
		 "start":"auto","mdev_type":"vfio_ap-passthrough"}
	END
	try mdevctl define -u $U1 -p matrix --jsonfile "$T/x.json"
	succeeds
	diff - <(cat "$ETC/matrix/$U1"; echo) <<-'END'
		{
		  "mdev_type": "vfio_ap-passthrough",
		  "start": "auto",
		  "attrs": [
		    {
		      "assign_adapter": "5"
		    },
		    {
		      "assign_domain": "0xab"
		    }
		  ]
		}
	END
}

@test "a JSON file without a UUID gives a printed random one" {
	plain_json mtty-1 manual >"$T/x.json"
	try mdevctl define --parent=mtty --jsonfile="$T/x.json"
	status_is 0
	complains
	holds "$ETC/mtty/$(cat "$T/out")" "$(plain_json mtty-1 manual)"
}

@test "a JSON file may come from a pipe" {
	printf '{"mdev_type":"mtty-1","start":"manual"}' >"$T/x.json"
	try sh -c "cat '$T/x.json' | '$MDEVCTL' define --parent=mtty --jsonfile=/dev/stdin --uuid=$U1"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "members of the JSON file that are not known are stored too" {
	echo '{"mdev_type":"mtty-1","owner":{"name":"nova","big":12345678901234567890},"start":"auto"}' >"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	grep -q 12345678901234567890 "$ETC/mtty/$U1"
	same '{"name":"nova"}' "$(jq -c '.owner | del(.big)' "$ETC/mtty/$U1")"
	same mtty-1,auto "$(jq -r '.mdev_type + "," + .start' "$ETC/mtty/$U1")"
}

@test "members that are not known stay as they are written" {
	printf '%s' '{"mdev_type":"mtty-1","start":"auto","z":[-0,1E400,1.0,-12345678901234567890123456789],"k\u0000ey":"\u00e9\u0000"}' \
		>"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	try mdevctl modify -u $U1 --manual
	succeeds
	same '{
  "mdev_type": "mtty-1",
  "start": "manual",
  "attrs": [],
  "z": [
    -0,
    1E400,
    1.0,
    -12345678901234567890123456789
  ],
  "k\u0000ey": "é\u0000"
}' "$(<"$ETC/mtty/$U1")"
}

@test "all characters of a value come through" {
	printf '%s' '{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"\"\\\/\b\f\n\r\t\u0001\u00e9\ud83d\ude00 é"}]}' >"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	grep -qxF '      "a": "\"\\/\b\f\n\r\t\u0001é😀 é"' "$ETC/mtty/$U1"
}

@test "a start mode that is not exactly auto is manual" {
	local i=1

	for start in '"manual"' '"AUTO"' '"x"' 1 true '[]'; do
		echo "{\"mdev_type\":\"mtty-1\",\"start\":$start}" >"$T/x.json"
		try mdevctl define -u "$i${U1#1}" -p mtty --jsonfile "$T/x.json"
		succeeds
		holds "$ETC/mtty/$i${U1#1}" "$(plain_json mtty-1 manual)"
		i=$((i + 1))
	done
}

@test "attributes may be null, and keep their order and their repetitions" {
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":null}' >"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":[{"b":"1"},{"a":"2"},{"b":"1"}]}' >"$T/x.json"
	try mdevctl define -u $U2 -p mtty --jsonfile "$T/x.json"
	succeeds
	same '[{"b":"1"},{"a":"2"},{"b":"1"}]' "$(jq -c .attrs "$ETC/mtty/$U2")"
}

@test "of two members of one name the last one counts" {
	echo '{"mdev_type":"x","mdev_type":"mtty-1","start":"auto","start":"manual"}' >"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "a JSON file needs a parent" {
	plain_json mtty-1 manual >"$T/x.json"
	try mdevctl define -u $U1 --jsonfile "$T/x.json"
	fails "Error: Parent device required to define device via \"$T/x.json\"*"
	try mdevctl define -u $U1 --jsonfile "$T/none"
	fails "Error: Unable to read file \"$T/none\"*"
}

@test "a JSON file's name need not be UTF-8" {
	plain_json mtty-1 manual >"$T/"$'x\xff'
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/"$'x\xff'
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "a JSON file that is not there, or a directory, is named" {
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/none"
	fails "Error: Unable to read file \"$T/none\": No such file or directory (os error 2)*"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T"
	fails "Error: Unable to read *file \"$T\": Is a directory (os error 21)*"
	try mdevctl define -u $U1 -p mtty --jsonfile -
	fails "Error: Unable to read file \"-\": No such file or directory (os error 2)*"
}

@test "a JSON file does not overwrite a definition" {
	plain_json mtty-1 manual >"$T/x.json"
	define_file $U1 mtty-2
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	fails "Error: Cowardly refusing to overwrite existing config for mtty/$U1*"
}

@test "a running device can be defined from a JSON file, whose type counts" {
	activate $U1 mtty-2
	plain_json mtty-1 auto >"$T/x.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
}

# Each bad file is one line: a name, the expected part of the message, the file.
@test "every kind of bad JSON file is refused in one line that names the file" {
	local name part json

	while IFS='|' read -r name part json; do
		printf "$json" >"$T/$name.json"
		try mdevctl define -u $U1 -p mtty --jsonfile "$T/$name.json"
		fails "Error: *$T/$name.json*$part*"
	done < <(sed 's/^\t*//' <<-'END'
		empty|unexpected end of data at line 1 column 1|
		garbage|unknown word, not true, false or null at line 1 column 1|hello
		truncated|unexpected end of data at line 1 column 31|{"mdev_type":"mtty-1","start":
		trailing|trailing characters at line 1 column 39|{"mdev_type":"mtty-1","start":"auto"} x
		two|trailing characters at line 1 column 38|{"mdev_type":"mtty-1","start":"auto"}{}
		comma|trailing comma at line 1 column 38|{"mdev_type":"mtty-1","start":"auto",}
		comment|comments are not allowed at line 1 column 1|/* */{"mdev_type":"mtty-1","start":"auto"}
		nul|trailing characters at line 1 column 38|{"mdev_type":"mtty-1","start":"auto"}\0
		bom|byte order mark before the text at line 1 column 1|\xef\xbb\xbf{"mdev_type":"mtty-1","start":"auto"}
		utf8|invalid UTF-8 at line 1 column 43|{"mdev_type":"mtty-1","start":"auto","x":"\xff"}
		infinite|not numbers of JSON at line 1 column 51|{"mdev_type":"mtty-1","start":"auto","x":{"y":[1,-Infinity]}}
		nan|not numbers of JSON at line 1 column 52|{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":NaN}]}
		zeros|digit after a leading zero at line 1 column 43|{"mdev_type":"mtty-1","start":"auto","x":00}
		point|digit expected at line 1 column 44|{"mdev_type":"mtty-1","start":"auto","x":1.}
		tab|control character in a string must be escaped at line 1 column 43|{"mdev_type":"mtty-1","start":"auto","x":"\t"}
		quotes|strings must be in double quotes at line 1 column 2|{'mdev_type':"mtty-1",'start':"auto"}
		half|half of a surrogate pair at line 1 column 43|{"mdev_type":"mtty-1","start":"auto","x":"\\ud800"}
		overlong|invalid UTF-8 at line 1 column 43|{"mdev_type":"mtty-1","start":"auto","x":"\xc0\xaf"}
		nulname|has a NUL character|{"mdev_type":"mtty-1","start":"auto","attrs":[{"mode\\u0000/../x":"1"}]}
		line|Invalid attribute|{"mdev_type":"mtty-1","start":"auto","attrs":[{"a\\nb":"1"}]}
		notype|invalid json|{"start":"auto"}
		nulltype|invalid json|{"mdev_type":null,"start":"auto"}
		nostart|invalid json|{"mdev_type":"mtty-1"}
		numbertype|invalid json|{"mdev_type":7,"start":"auto"}
		array|invalid json|[]
		string|invalid json|"x"
		null|invalid json|null
		attrs|attributes field is not an array|{"mdev_type":"mtty-1","start":"auto","attrs":{}}
		attr|not an object|{"mdev_type":"mtty-1","start":"auto","attrs":["x"]}
		many||{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1","b":"2"}]}
		none||{"mdev_type":"mtty-1","start":"auto","attrs":[{}]}
		value|value must be of type str|{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":1}]}
		escape||{"mdev_type":"mtty-1","start":"auto","attrs":[{"../remove":"1"}]}
		absolute||{"mdev_type":"mtty-1","start":"auto","attrs":[{"/proc/x":"1"}]}
		typepath||{"mdev_type":"../mtty-1","start":"auto"}
	END
	)
}

@test "JSON that is nested too deeply is refused" {
	{ printf '{"mdev_type":"mtty-1","start":"auto","x":'
	  head -c 100000 /dev/zero | tr '\0' '['
	} >"$T/deep.json"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/deep.json"
	fails "Error: *$T/deep.json*"
}

@test "a JSON file has at most 1 MiB, and what does not end is none" {
	{
		printf '{"mdev_type":"mtty-1","start":"auto"}'
		head -c 1048576 /dev/zero | tr '\0' ' '
	} >"$T/big"
	for file in "$T/big" /dev/zero; do
		try mdevctl define -u $U1 -p mtty --jsonfile "$file"
		fails "Error: *\"$file\": too large (limit 1 MiB)"
		[ ! -e "$ETC/mtty/$U1" ]
	done
	truncate -s 1048576 "$T/big"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/big"
	succeeds
}

@test "a directory in the place of the definition counts as defined" {
	mkdir -p "$ETC/mtty/$U1"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Device $U1 on mtty already defined*"
}

@test "a file in the place of the parent's directory is told" {
	echo >"$ETC/mtty"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: *$ETC/mtty*: Not a directory (os error 20)*"
}

@test "somebody who may not write learns it and leaves nothing" {
	be_nobody
	try nobody "$MDEVCTL" define -u $U1 -p mtty -t mtty-1
	fails "Error: *$ETC*: Permission denied (os error 13)*"
}

@test "a full file system is told and leaves no part of a definition" {
	needs_root "to mount a file system"
	needs_sim "its directory is mounted on"
	mount -t tmpfs -o mode=755,size=4k,nr_inodes=64 none "$ETC" || skip "mounting is not permitted"
	head -c 4096 /dev/zero >"$ETC/full" || true
	try mdevctl define -u $U1 -p mtty -t mtty-1
	cp "$T/err" "$T/told"
	ls -AR "$ETC" >"$T/left"
	umount "$ETC"
	same 1 "$status"
	grep -q "^Error: .*No space left on device (os error 28)" "$T/told"
	run ! grep "$U1" "$T/left"
}

@test "nobody who reads meanwhile sees half a definition" {
	head -c 50000 /dev/zero | tr '\0' x >"$T/value"
	printf '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"%s"}]}' "$(cat "$T/value")" >"$T/x.json"
	(
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			"$MDEVCTL" define -u $U1 -p mtty --jsonfile "$T/x.json"
			"$MDEVCTL" undefine -u $U1
		done
		echo >"$T/done"
	) &
	while [ ! -e "$T/done" ]; do
		"$MDEVCTL" list -d --dumpjson >>"$T/lists" 2>>"$T/complaints"
	done
	wait
	[ -s "$T/lists" ]
	same "" "$(cat "$T/complaints")"
}

@test "of many at once exactly one defines the UUID" {
	for i in 1 2 3 4 5 6 7 8; do
		"$MDEVCTL" define -u $U1 -p mtty -t "type-$i" 2>"$T/err$i" && echo "type-$i" >>"$T/won" &
	done
	wait
	same 1 "$(wc -l <"$T/won")"
	holds "$ETC/mtty/$U1" "$(plain_json "$(cat "$T/won")" manual)"
	same 7 "$(grep -l "^Error: Device $U1 on mtty already defined" "$T"/err* | wc -l)"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The reader of the public header refuses what is not documented as everything else is, and
# says where.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	SAMPLE=$BATS_TEST_TMPDIR/sample.h
	cp tests/api/sample.h "$SAMPLE"
}

read_sample() {
	perl -Iapi -MHeader -e '
		open my $file, "<", $ARGV[0] or die;
		my $api = Header::parse("sample.h", <$file>);
		print "$_->{kind} $_->{name}\n" for Header::symbols_of($api,
			qw(struct record enum define callback function));
		print "$_->{name}: $_->{text}\n" for @{$api->{symbols}{mdev_pump_start}{params}};
		print map { "-$_->{name} $_->{text}\n" } grep { $_->{name} }
			@{$api->{symbols}{mdev_pump_start}{errors}}' "$SAMPLE"
}

# refused EDIT MESSAGE: the sample, changed by EDIT of sed, is refused with MESSAGE.
refused() {
	sed "$1" tests/api/sample.h >"$SAMPLE"
	if cmp -s tests/api/sample.h "$SAMPLE"; then
		echo "nothing was changed by $1" >&2
		return 1
	fi
	run -255 --separate-stderr read_sample
	[ "$stderr" = "Error: sample.h:$2" ] || {
		printf 'said: %s\nexpected: %s\n' "$stderr" "Error: sample.h:$2" >&2
		return 1
	}
}

@test "a well documented header is read" {
	run -0 --separate-stderr read_sample
	[ -z "$stderr" ]
	[ "$output" = "struct mdev_pump
define MDEV_PUMP_MAX
enum mdev_pump_mode
callback mdev_pump_fn
function mdev_pump_start
function mdev_pump_get_name
record mdev_tap
pump: pump
mode: how fast; MDEV_PUMP_FAST is faster, and louder
fn: called with @data
data: handed to @fn
-EINVAL for a mode that is not there
-EBUSY in use
-EAGAIN without a word, if it is late
-ENOMEM out of memory" ]
}

@test "a declaration needs a comment" {
	refused '/struct mdev_pump - /d' '14: mdev_pump: has no comment'
	refused '/How many/d' '19: MDEV_PUMP_MAX: has no comment'
	refused '/mdev_pump_get_name() - /d' '57: mdev_pump_get_name: has no comment'
	refused '/Slowly/d' '22: MDEV_PUMP_SLOW: has no comment'
}

@test "a comment needs a declaration" {
	refused '/^struct mdev_pump;/d' '14: comment: documents nothing'
	refused '/^const char/d' '57: comment: documents nothing'
}

@test "a comment begins with the name" {
	refused 's/mdev_pump_start() - /mdev_pump_begin() - /' \
		'39: mdev_pump_start: the comment does not begin with "mdev_pump_start() - "'
}

@test "a parameter needs its line, and a line its parameter" {
	refused '/@mode: how fast/d' '39: mdev_pump_start: there is no line for parameter "mode"'
	refused 's/@mode: how/@speed: how/' '39: mdev_pump_start: there is no line for parameter "mode"'
	refused 's/, mdev_pump_fn \*fn,/,/' '39: mdev_pump_start: there is no parameter "fn"'
	refused 's/@mode: how fast/@fn: x\n&/; /@fn: called/d' \
		'39: mdev_pump_start: the order of the parameters is another one'
	refused 's/@level: of/level: of/' '30: mdev_pump_fn: there is no line for parameter "level"'
}

@test "a function that can fail says what it returns" {
	refused '/Return:/d' '39: mdev_pump_start: can fail, but there is no "Return:"'
}

@test "an error must exist and be explained" {
	refused 's/-EBUSY, -E/-EBUZY, -E/' '39: mdev_pump_start: there is no error EBUZY'
	refused 's/-EBUSY, -E/-EROFS, -E/' \
		'39: mdev_pump_start: EROFS is neither explained there nor in the general table'
}

@test "a function says since when it is there" {
	refused '/^ \* Since/d' '39: mdev_pump_start: there is no "Since:"'
	refused 's/ Since: 0.2//' '57: mdev_pump_get_name: there is no "Since:"'
}

@test "what a comment mentions is there" {
	refused 's/until @mode/until @mood/' '39: mdev_pump_start: mentions @mood, which is not there'
	refused 's/mdev_pump_get_name() tells/mdev_pump_name() tells/' \
		'39: mdev_pump_start: mentions mdev_pump_name(), which is not there'
	refused 's/MDEV_PUMP_FAST is/MDEV_PUMP_QUICK is/' \
		'39: mdev_pump_start: mentions MDEV_PUMP_QUICK, which is not there'
}

@test "what cannot be understood is refused" {
	refused 's/^const char/struct x { int y; } z;\n&/' '58: struct x { int y; } z;: cannot be understood'
	refused '/Its name/d' '60: mdev_tap: has members without a comment, or that cannot be understood'
	refused 's/1 << 2/sizeof(int)/' \
		'22: MDEV_PUMP_FAST: its value is neither a number nor a shift of one'
}

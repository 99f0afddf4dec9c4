# SPDX-License-Identifier: LGPL-2.1-or-later
#
# perl -Iapi api/python.pl SONAME VERSION HEADER
#
# Prints the module libmdev._api of the Python binding: for each enum and struct of HEADER a
# class, for each function a method of the struct that is its first parameter, with what the
# header says as its documentation. How a call is made is written by hand in
# python/libmdev/_library.py; a type that is not known there is refused.
use strict;
use warnings;
use Header;

my ($soname, $version, $header) = @ARGV;
@ARGV == 3 or die "Usage: python.pl SONAME VERSION HEADER\n";
open my $file, '<', $header or die "Error: $header: $!\n";
my $api = Header::parse($header, <$file>);

my %numbers = (
	'int' => 'c_int', 'unsigned int' => 'c_uint', 'size_t' => 'c_size_t', 'bool' => 'c_bool',
	'long' => 'c_long', 'unsigned long' => 'c_ulong',
);

# Structs that are values, and what converts them.
my %records = (mdev_uuid => 'Uuid(library, UUID_STRING_SIZE)');

# What python/libmdev/__init__.py adds to, and exports itself.
my %extended = map { $_ => 1 } qw(Context Definition Event Monitor);

print "# Made from libmdev.h by api/python.pl: change that.\n",
	"\"\"\"libmdev's functions as methods, one to one.\"\"\"\n\n",
	"from __future__ import annotations\n\n",
	"from collections.abc import Callable, Iterable\n",
	"from enum import IntEnum, IntFlag\n\n",
	"# What a program gets are the classes of the whole package.\n",
	"import libmdev\n\n",
	"from ._library import *\n\n",
	"__version__ = \"$version\"\n\n",
	"library = Library(\"$soname\")\n";
constant($_) for constants();
enumeration($_) for Header::symbols_of($api, 'enum');
error_parts();
callback($_) for Header::symbols_of($api, 'callback');
class($_) for Header::symbols_of($api, 'struct');
function($_) for loose_functions();
print "\n\n__all__ = [\n", (map { "    \"$_\",\n" } (map { constant_name($_) } constants()),
	(grep { !$extended{$_} } map { class_name($_) } names('enum', 'struct')), map { method_name($_) } loose_functions()), "]\n";

# Names ---------------------------------------------------------------------------

# mdev_parent_info is ParentInfo.
sub class_name {
	my ($name) = @_;

	return 'Context' if $name eq 'mdev_ctx';
	$name =~ s/\Amdev_//;
	return join '', map { ucfirst } split /_/, $name;
}

# The struct whose method a function is.
sub owner {
	my ($function) = @_;
	return @{$function->{params}} ? Header::pointee($api, $function->{params}[0]{type}) : undef;
}

sub method_name {
	my ($function) = @_;
	my $owner = owner($function) // '';
	return $function->{name} =~ s/\A(?:${owner}_|mdev_)//r;
}

# A member's name without what all of its enum begin with: MDEV_OP_FORCE is FORCE.
sub member_name {
	my ($enum, $member) = @_;
	my $prefix = $enum->{members}[0]{name};

	for my $other (@{$enum->{members}}) {
		$prefix =~ s/[^_]*_?\z// until index("$other->{name}", $prefix) == 0;
	}
	$prefix =~ s/[^_]+\z//;
	return substr $member->{name}, length $prefix;
}

sub constant_name {
	my ($symbol) = @_;
	return $symbol->{name} =~ s/\AMDEV_//r;
}

# Macros that take something are C's alone.
sub constants {
	return grep { !$_->{takes} } Header::symbols_of($api, 'define');
}

sub names {
	return map { $_->{name} } Header::symbols_of($api, @_);
}

# Those of no object.
sub loose_functions {
	return grep { !owner($_) && is_method($_) } Header::symbols_of($api, 'function');
}

# Objects are counted and lists freed by the binding itself, which makes contexts, too.
sub is_method {
	my ($function) = @_;
	return $function->{name} !~ /(?:_ref|_unref|_list_free|\Amdev_ctx_new)\z/;
}

# Documentation -------------------------------------------------------------------

# What the header says, in Python's terms.
sub pythonic {
	my ($text) = @_;

	$text =~ s/,? to be (?:released|freed) with \w+\(\)//g;
	$text =~ s/\bNULL\b/None/g;
	$text =~ s/\@(\w+)/$1/g;
	$text =~ s/\b(mdev_\w+)\(\)/spoken_name($1) . '()'/ge;
	$text =~ s/\b(MDEV_\w+)/spoken_constant($1)/ge;
	$text =~ s/\\/\\\\/g;
	$text =~ s/"""/'''/g;
	return $text;
}

sub spoken_name {
	my ($name) = @_;
	my $function = $api->{symbols}{$name};
	my $owner = owner($function);
	return ($owner ? class_name($owner) . '.' : '') . method_name($function);
}

sub spoken_constant {
	my ($name) = @_;

	for my $enum (Header::symbols_of($api, 'enum')) {
		for my $member (grep { $_->{name} eq $name } @{$enum->{members}}) {
			return class_name($enum->{name}) . '.' . member_name($enum, $member);
		}
	}
	return $name =~ s/\AMDEV_//r;
}

sub documentation {
	my ($indent, $symbol) = @_;
	my @parts = (sentence($symbol->{summary}));
	my @params = grep { $_->{text} && is_said($_) } @{$symbol->{params}};

	push @parts, join "\n", map { fill("$_->{name}: $_->{text}", $indent) } @params if @params;
	push @parts, $symbol->{text} if $symbol->{text};
	push @parts, "Return: $symbol->{returns}" if $symbol->{returns} && !$symbol->{fails};
	push @parts, fill('Raises Error for ' . join('; ', map { join ': ', grep { defined } @$_{qw(name text)} }
		@{$symbol->{errors}}) . '.', $indent) if $symbol->{fails};
	my $text = pythonic(join "\n\n", @parts);
	$text .= "\n" if $text =~ /\n|"\z/;
	$text = "\"\"\"$text\"\"\"\n";
	$text =~ s/^(?=.)/$indent/gm;
	return $text;
}

# Words in lines that are not too long with the indentation; all but the first one hang.
sub fill {
	my ($text, $indent) = @_;
	my ($line, @lines) = ('');

	for my $word (split / /, $text) {
		if (length("$indent$line $word") > 90) {
			push @lines, $line;
			$line = '   ';
		}
		$line .= ($line eq '' ? '' : ' ') . $word;
	}
	return join "\n", @lines, $line;
}

sub sentence {
	my ($text) = @_;
	return ucfirst($text) . ($text =~ /[.?]\z/ ? '' : '.');
}

# Not what Python does not ask for.
sub is_said {
	my ($param) = @_;
	return !is_out($param) if record($param->{type});
	return $param->{type} !~ /\A(?:const )?struct \w+ \*\z|\*\*|\]/ && $param->{type} ne 'void *';
}

# Writing --------------------------------------------------------------------------

sub constant {
	my ($symbol) = @_;
	my $value = constant_value($symbol->{value}) // Header::refuse($api, $symbol->{line},
		$symbol->{name}, 'its value cannot be understood');

	print "\n# ", pythonic($symbol->{summary}), "\n", constant_name($symbol), " = $value\n";
}

# A text, or a number that may be reckoned from other constants.
sub constant_value {
	my ($text) = @_;
	my %known = map { $_->{name} => constant_name($_) } constants();

	return 'c_size_t(-1).value' if $text eq '((size_t)-1)';
	return $text if $text =~ /\A"[^"\\]*"\z/;
	$text =~ s/\\\n//g;
	$text =~ s/\s+/ /g;
	$text =~ s/\b(0[xX][[:xdigit:]]+|\d+)[uUlL]+\b/$1/g;
	$text =~ s/\b(MDEV_\w+)/$known{$1} || return/ge;
	return $text =~ /\A(?:[A-Z]\w*|0[xX][[:xdigit:]]+|0|[1-9]\d*|[ ()+*|-]|<<)+\z/ ? $text : undef;
}

sub enumeration {
	my ($enum) = @_;

	print "\n\nclass ", class_name($enum->{name}), $enum->{flags} ? "(IntFlag):\n" : "(IntEnum):\n",
		documentation('    ', $enum), "\n";
	for my $member (@{$enum->{members}}) {
		print "    # ", pythonic($member->{text}), "\n",
			"    ", member_name($enum, $member), " = $member->{value}\n";
	}
}

# What mdev_ctx_last_error_*() tell, beside the number.
sub error_parts {
	print "\nlibrary.error_parts = {\n";
	for my $function (Header::symbols_of($api, 'function')) {
		my ($part) = $function->{name} =~ /\Amdev_ctx_last_error_(\w+)\z/ or next;
		print "    \"$part\": ", result($function), ",\n" if $part ne 'number';
	}
	print "}\n";
}

# What a callback returns, and the kinds of what it is given.
sub callback {
	my ($callback) = @_;
	my $result = $callback->{result} eq 'void' ? 'None' :
		kind($callback, { type => $callback->{result}, name => 'its result' });

	print "\n\n", call('', 'library.callback', "\"$callback->{name}\"", $result,
		map { kind($callback, $_) } @{$callback->{params}}), "\n";
}

sub class {
	my ($struct) = @_;

	print "\n\nclass ", class_name($struct->{name}), "(Object):\n", documentation('    ', $struct),
		"\n    _struct = \"$struct->{name}\"\n";
	function($_) for grep { (owner($_) // '') eq $struct->{name} && is_method($_) }
		Header::symbols_of($api, 'function');
	print "\n\nlibrary.counted(", class_name($struct->{name}), ")\n";
}

sub function {
	my ($function) = @_;
	my $indent = owner($function) ? '    ' : '';
	my $variable = "_$function->{name}";
	my @kinds = map { kind($function, $_) } @{$function->{params}};
	my @names = map { $_->{name} } grep { is_given($_) } @{$function->{params}};

	$names[0] = 'self' if $indent;
	print $indent ? "\n" : "\n\n", call($indent, "$variable = library." . maker($function),
		"\"$function->{name}\"", result($function), @kinds), "\n\n",
		call($indent, 'def ' . method_name($function), arguments($function)), ' -> ',
		returned($function), ":\n", documentation("$indent    ", $function), "$indent    return ",
		$indent ? 'self.' : '', "$variable(", join(', ', @names), ")\n";
}

# What ends a call must not wait for its end.
sub maker {
	my ($function) = @_;
	return $function->{name} =~ /_cancel\z/ ? 'unlocked_function' : 'function';
}

# A call, in as many lines as it takes.
sub call {
	my ($indent, $start, @arguments) = @_;
	my $line = "$indent$start(" . join(', ', @arguments) . ')';
	return length $line <= 90 ? $line : "$indent$start(\n$indent    " .
		join(",\n$indent    ", @arguments) . ')';
}

# The parameters that a caller gives, with defaults from the end on where there is one.
sub arguments {
	my ($function) = @_;
	my @params = grep { is_given($_) } @{$function->{params}};
	my @arguments;
	my $optional = 1;

	for my $param (reverse @params) {
		$optional &&= defined default($param);
		unshift @arguments, "$param->{name}: " . annotation($param) .
			($optional ? ' = ' . default($param) : '');
	}
	$arguments[0] = 'self' if owner($function);
	return @arguments;
}

sub default {
	my ($param) = @_;

	return '0' if $param->{name} eq 'flags';
	return is_optional($param) ? 'None' : undef;
}

sub is_optional {
	my ($param) = @_;
	return ($param->{text} // '') =~ /\bNULL (?:for|if)\b/;
}

sub is_given {
	my ($param) = @_;
	return !is_out($param) && !is_length($param) && $param->{type} ne 'void *';
}

# The length of the text before it, which Python knows.
sub is_length {
	my ($param) = @_;
	return $param->{type} eq 'size_t' && ($param->{text} // '') =~ /\Abytes in \@/;
}

sub is_out {
	my ($param) = @_;
	my $type = $param->{type};

	return 1 if record($type) && $type !~ /\Aconst/;
	return $type =~ /\*\*|\]\z/ || $type =~ /\A(?!const|struct|void|char)(?:enum )?[\w ]+ \*\z/
		&& !is_callback($type);
}

# The record that a type points to.
sub record {
	my ($type) = @_;
	my ($name) = $type =~ /\A(?:const )?struct (\w+) \*\z/ or return undef;
	return ($api->{symbols}{$name}{kind} // '') eq 'record' ? $name : undef;
}

sub is_callback {
	my ($type) = @_;
	return $type =~ /\A(\w+) \*\z/ && ($api->{symbols}{$1}{kind} // '') eq 'callback';
}

sub result {
	my ($function) = @_;
	my $type = $function->{result};

	return $function->{success} =~ /[1-9]/ ? 'CheckedNumber()' : 'Checked()' if $function->{fails};
	return 'None' if $type eq 'void';
	return kind($function, { type => $type, name => 'its result' });
}

# Types, as Python's checkers know them -----------------------------------------------

# A parameter's, whether it is given or a result.
sub annotation {
	my ($param) = @_;
	my $type = plain_annotation($param->{type});
	return $type . (is_optional($param) ? ' | None' : '');
}

sub plain_annotation {
	my ($type) = @_;

	return callable($1) if $type =~ /\A(\w+) \*\z/ && is_callback($type);
	return 'bool' if $type =~ /\Abool\b/;
	return 'str' if $type =~ /\A(?:const )?char\b/ || record($type);
	# Values that are added later come as numbers.
	return class_name($1) . ' | int' if $type =~ /\Aenum (\w+)/;
	return 'int' unless $type =~ /\bstruct (\w+) (.*)\z/;
	my $class = 'libmdev.' . class_name($1);
	return $2 eq '***' ? "list[$class]" : $2 eq '*const *' ? "Iterable[$class]" : $class;
}

# Whatever a function returns that C does not look at is welcome.
sub callable {
	my ($callback) = map { $api->{symbols}{$_} } @_;
	my @types = map { annotation($_) } grep { $_->{type} ne 'void *' } @{$callback->{params}};
	return 'Callable[[' . join(', ', @types) . '], ' .
		($callback->{result} eq 'void' ? 'object' : 'int | None') . ']';
}

# What a call gives: what the function returns unless that is an error number alone, then results.
sub returned {
	my ($function) = @_;
	my @types = map { annotation($_) } grep { is_out($_) } @{$function->{params}};

	if ($function->{fails} ? result($function) eq 'CheckedNumber()' : $function->{result} ne 'void') {
		unshift @types, annotation({ type => $function->{result},
			text => join ' ', grep { defined } @$function{qw(summary returns)} });
	}
	return @types > 1 ? 'tuple[' . join(', ', @types) . ']' : $types[0] // 'None';
}

# What converts a parameter: a class in _library.py.
sub kind {
	my ($symbol, $param) = @_;
	my $type = $param->{type};

	return 'Length()' if is_length($param);
	return 'Data()' if $type eq 'void *';
	return "Number($numbers{$type})" if $numbers{$type};
	return 'Text()' if $type eq 'const char *';
	return 'BorrowedText()' if $type eq 'const char **';
	return 'OwnedText()' if $type eq 'char **';
	return 'TextBuffer(' . spoken_constant($1) . ')' if $type =~ /\Achar\[(\w+)\]\z/;
	if (my $name = record($type)) {
		my ($member) = @{$api->{symbols}{$name}{members}};
		return kind($symbol, $member) if $type !~ /\Aconst/;
		return $records{$name} if $records{$name};
	}
	return 'Callback("' . $1 . '")' if $type =~ /\A(\w+) \*\z/ && is_callback($type);
	return 'Enumeration(' . class_name($1) . ')' if $type =~ /\Aenum (\w+)\z/;
	return 'NumberOut(' . $numbers{$1} . ')' if $type =~ /\A([\w ]+) \*\z/ && $numbers{$1};
	return 'EnumerationOut(' . class_name($1) . ')' if $type =~ /\Aenum (\w+) \*\z/;
	if ($type =~ /\A(?:const )?struct (\w+) (\*{1,3})\z/) {
		return ('Handle', 'HandleOut', 'ListOut')[length($2) - 1] . '("' . class_name($1) . '")';
	}
	return 'Handles("' . class_name($1) . '")' if $type =~ /\Astruct (\w+) \*const \*\z/;
	Header::refuse($api, $symbol->{line}, $symbol->{name},
		"Python has no type for \"$type\" of $param->{name}");
}

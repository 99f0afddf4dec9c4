# SPDX-License-Identifier: LGPL-2.1-or-later
#
# perl -Iapi api/man.pl VERSION HEADER TEMPLATE DIRECTORY
#
# Writes the manual pages of section 3 from HEADER into DIRECTORY: one for each function whose
# comment is longer than a sentence, one for each struct with its short functions, one for each
# enum and callback, and libmdev.3 from TEMPLATE.
use strict;
use warnings;
use Header;

my ($version, $header, $template, $directory) = @ARGV;
@ARGV == 4 or die "Usage: man.pl VERSION HEADER TEMPLATE DIRECTORY\n";

my $api = Header::parse($header, lines($header));
my @template = lines($template);
# All pages have the date of the one that is written by hand.
my ($date) = join("", @template) =~ /^\.TH \S+ \S+ (\S+)/m or die "Error: $template: no date in .TH\n";
# What was declared with a value a function can be given: constant => its enum, or itself.
my %constants;

for my $symbol (Header::symbols_of($api, 'enum', 'define')) {
	$constants{$_->{name}} = $symbol for @{$symbol->{members} // [$symbol]};
}
write_page($_, object_page($_)) for Header::symbols_of($api, 'struct');
write_page($_, record_page($_)) for Header::symbols_of($api, 'record');
write_page($_, $_->{kind} eq 'enum' ? enum_page($_) : function_page($_))
	for grep { !home($_) } Header::symbols_of($api, 'enum', 'callback', 'function');
write_link($_, home($_)) for grep { home($_) } Header::symbols_of($api, 'function');
write_file('libmdev', overview());

sub lines {
	my ($path) = @_;
	open my $file, '<', $path or die "Error: $path: $!\n";
	return <$file>;
}

sub write_file {
	my ($name, $text) = @_;
	open my $file, '>', "$directory/$name.3" or die "Error: $directory/$name.3: $!\n";
	print $file $text;
	close $file or die "Error: $directory/$name.3: $!\n";
}

# Text ----------------------------------------------------------------------------

sub escape {
	my ($text) = @_;
	$text =~ s/\\/\\e/g;
	$text =~ s/-/\\-/g;
	return $text;
}

# Names in their fonts: @parameter, function(), CONSTANT, -ERRNO, page(8).
sub marked {
	my ($text) = @_;
	my $names = qr/\@\w+|\*?_?\bmdev_\w+\(\)|\bMDEV\w*_\w+|-E[A-Z0-9]+\b|\b[a-z.]+\([1-9]\)/;
	my $done = '';

	while ($text =~ /\G(.*?)($names|\z)/gs) {
		my ($plain, $name) = ($1, $2);
		$plain =~ s/\\/\\e/g;
		$plain =~ s/(?<![[:alnum:]])-/\\-/g;
		$done .= $plain;
		last if $name eq '';
		if ($name =~ /\A\@(\w+)/) {
			$done .= "\\fI$1\\fR";
		} elsif ($name =~ /\A(\w+)\(\)\z/) {
			$done .= "\\fB$1\\fR(3)";
		} elsif ($name =~ /\A([a-z.]+)\((\d)\)\z/) {
			$done .= "\\fB$1\\fR($2)";
		} else {
			$done .= '\\fB' . escape($name) . '\\fR';
		}
	}
	return $done;
}

# Words in lines of at most 78 characters, a new one for each sentence.
sub fill {
	my ($text) = @_;
	my ($line, @lines) = ('');

	$text =~ s/\A\s+|\s+\z//g;
	for my $word (split /\s+/, marked($text)) {
		if ($line ne '' && (length("$line $word") > 78 || $line =~ /[a-z)"R][.:]\z/)) {
			push @lines, $line;
			$line = '';
		}
		$line .= ($line eq '' ? '' : ' ') . $word;
	}
	return join '', map { (/\A[.']/ ? '\\&' : '') . "$_\n" } @lines, $line;
}

# Paragraphs of a comment, in which lines that begin with "- " are a list and indented ones
# are kept as they are.
sub prose {
	my ($text) = @_;
	my @paragraphs = map { paragraph($_) } grep { /\S/ } split /\n\s*\n/, $text // '';
	return join ".PP\n", @paragraphs;
}

sub paragraph {
	my ($text) = @_;

	if ($text !~ /^(?!\t| {4})/m) {
		$text =~ s/^(?:\t| {4})//gm;
		return ".RS 4\n.nf\n" . join('', map { (/\A[.']/ ? '\\&' : '') . escape($_) . "\n" }
			split /\n/, $text) . ".fi\n.RE\n";
	}
	return fill($text) unless $text =~ /^- /m;
	my ($before, @items) = split /^- /m, $text;
	return ($before =~ /\S/ ? fill($before) : '') . join '', map { ".IP \\(bu 2\n" . fill($_) } @items;
}

sub sentence {
	my ($text) = @_;

	$text = ucfirst $text unless $text =~ /\A\w*[_(]/;
	return $text =~ /[.:?]\z/ ? $text : "$text.";
}

# A declaration as the header has it, with the parameters in italics.
sub synopsis {
	my ($symbol) = @_;
	my $names = join '|', map { $_->{name} } @{$symbol->{params}};
	my @lines = split /\n/, $symbol->{declaration};

	return join '', map { synopsis_line($_, $names) } @lines;
}

sub synopsis_line {
	my ($line, $names) = @_;

	1 while $line =~ s/^(.*?)\t/$1 . ' ' x (8 - length($1) % 8)/e;
	$line = escape($line);
	return ".B \"$line\"\n" unless $names && $line =~ /\b(?:$names)(?=[,)\[])/;
	$line =~ s/\b($names)(?=[,)\[])/" $1 "/g;
	return ".BI \"$line\"\n";
}

# Parts that pages share --------------------------------------------------------------

sub heading {
	my ($symbol, $names, $summary) = @_;
	my $title = uc $symbol->{name};

	return ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n" .
		".\\\" Made from libmdev.h by api/man.pl: change that.\n" .
		".TH $title 3 $date \"libmdev $version\" \"Library Functions\"\n" .
		".SH NAME\n" . join(",\n", @$names) . "\n\\- " . marked($summary) . "\n" .
		".SH LIBRARY\nMediated devices library\n.RI ( libmdev \", \" \\-lmdev )\n" .
		".SH SYNOPSIS\n.nf\n.B #include <libmdev.h>\n.PP\n";
}

sub versions {
	my ($symbol) = @_;
	return '' unless $symbol->{since};
	return ".SH VERSIONS\nlibmdev $symbol->{since} and later.\n";
}

# Constants that are mentioned, or all of an enum that is a parameter's type.
sub mentioned_constants {
	my ($symbol) = @_;
	my $text = Header::all_text($symbol) . " $symbol->{declaration}";
	my %wanted = map { $_ => 1 } grep { $text =~ /\b$_\b/ ||
		$text =~ /\benum $constants{$_}{name}\b/ } keys %constants;
	my @found;

	for my $owner (Header::symbols_of($api, 'enum', 'define')) {
		for my $constant (@{$owner->{members} // [$owner]}) {
			push @found, $constant if $wanted{$constant->{name}};
		}
	}
	return @found;
}

sub constant_list {
	my ($title, @constants) = @_;
	my $list = '';

	return '' unless @constants;
	for my $constant (@constants) {
		my $text = $constant->{summary} // $constant->{text};
		$list .= ".TP\n.B " . escape($constant->{name}) . "\n" . fill(sentence($text));
	}
	return ".SS $title\n$list";
}

# References: what the text mentions, the page of the object, the overview.
sub see_also {
	my ($symbol) = @_;
	my $text = Header::all_text($symbol) . " $symbol->{declaration}";
	my %seen = ($symbol->{name} => 1);
	my @names;

	push @names, $1 while $text =~ /\b(mdev_\w+)/g;
	push @names, $_ for map { $_->{name} } grep { $_->{kind} eq 'enum' }
		map { $constants{$_} } grep { $text =~ /\b$_\b/ } sort keys %constants;
	push @names, Header::object_of($api, $symbol) // () if $symbol->{kind} eq 'function';
	@names = sort grep { $api->{symbols}{$_} && !$seen{$_}++ } @names;
	return ".SH SEE ALSO\n" . join(",\n", map { ".BR $_ (3)" } @names, 'libmdev') . "\n";
}

# Pages -------------------------------------------------------------------------------

# The page that a function with a short comment is on: that of its object.
sub home {
	my ($symbol) = @_;
	my $object = $symbol->{kind} eq 'function' && $symbol->{brief} && Header::object_of($api, $symbol);
	return $object ? $api->{symbols}{$object} : undef;
}

sub write_page {
	my ($symbol, $text) = @_;
	write_file($symbol->{name}, $text);
}

sub write_link {
	my ($symbol, $page) = @_;
	write_file($symbol->{name}, ".so man3/$page->{name}.3\n");
}

sub object_page {
	my ($struct) = @_;
	my @own = grep { (Header::object_of($api, $_) // '') eq $struct->{name} }
		Header::symbols_of($api, 'function');
	my @short = grep { $_->{brief} } @own;
	my @long = grep { !$_->{brief} } @own;

	return heading($struct, [$struct->{name}, map { $_->{name} } @short], $struct->{summary}) .
		".B \"struct $struct->{name};\"\n.PP\n" . join('', map { synopsis($_) } @short) .
		".fi\n.SH DESCRIPTION\n" . fill(sentence("A struct $struct->{name} stands for $struct->{summary}")) .
		prose_after($struct->{text}) . origin($struct) .
		join('', map { ".TP\n.BR $_->{name} ()\n" . fill(sentence($_->{summary})) } @short) .
		(@long ? ".PP\nThese have pages of their own:\n" : '') .
		join('', map { ".TP\n.BR $_->{name} (3)\n" . fill(sentence($_->{summary})) } @long) .
		".SH RETURN VALUE\n" .
		fill('The descriptions above say what each function returns. A string belongs to the ' .
			'object and is valid as long as the object exists.') .
		".SH ERRORS\n" . fill('The functions on this page cannot fail.') .
		versions({ since => $short[0] ? $short[0]{since} : undef }) .
		".SH SEE ALSO\n" . join(",\n", map { ".BR $_ (3)" } (map { $_->{name} } @long),
			related($struct, @own), 'libmdev') . "\n";
}

# Functions that give an object.
sub makers {
	my ($struct) = @_;
	return grep { $_->{fails} && grep { $_->{type} =~ /\Astruct $struct->{name} \*{2,3}\z/ } @{$_->{params}} }
		Header::symbols_of($api, 'function');
}

sub origin {
	my ($struct) = @_;
	my @names = map { "$_->{name}()" } makers($struct);
	my $last = pop @names;

	return ".PP\n" . fill('Returned by ' . (@names ? join(', ', @names) . ' and ' : '') . "$last.");
}

# Of other pages: what gives an object, and the enums that its functions have.
sub related {
	my ($struct, @own) = @_;
	my %own = map { $_->{name} => 1 } @own;
	my $text = join ' ', map { $_->{declaration} } @own;

	return (grep { !$own{$_} } map { $_->{name} } makers($struct)),
		grep { $text =~ /\benum $_\b/ } map { $_->{name} } Header::symbols_of($api, 'enum');
}

sub prose_after {
	my ($text) = @_;
	return $text ? ".PP\n" . prose($text) : '';
}

sub record_page {
	my ($record) = @_;
	my $declaration = join '', map { synopsis_line($_, '') } "struct $record->{name} {",
		(map { member_line($_) } @{$record->{members}}), '};';

	return heading($record, [$record->{name}], $record->{summary}) . $declaration . ".fi\n" .
		".SH DESCRIPTION\n" . fill(sentence("A struct $record->{name} is $record->{summary}")) .
		prose_after($record->{text}) . constant_list('Members', @{$record->{members}}) .
		used_by($record);
}

sub member_line {
	my ($member) = @_;
	my ($type, $size) = $member->{type} =~ /\A(.*?)(\[\w+\])?\z/;
	return "    $type $member->{name}" . ($size // '') . ';';
}

sub enum_page {
	my ($enum) = @_;
	my $declaration = join '', map { synopsis_line($_, '') } "enum $enum->{name} {",
		(map { "    $_->{name}," } @{$enum->{members}}), '};';

	return heading($enum, [$enum->{name}], $enum->{summary}) . $declaration . ".fi\n" .
		".SH DESCRIPTION\n" . fill(sentence($enum->{summary})) . prose_after($enum->{text}) .
		constant_list('Constants', @{$enum->{members}}) . used_by($enum);
}

# The functions that take an enum or its constants.
sub used_by {
	my ($enum) = @_;
	my @constants = map { $_->{name} } @{$enum->{members}};
	my $names = join '|', $enum->{kind} eq 'record' ? "struct $enum->{name}" :
		("enum $enum->{name}", @constants);
	my @users = grep { (Header::all_text($_) . $_->{declaration}) =~ /\b(?:$names)\b/ }
		Header::symbols_of($api, 'callback', 'function');

	return ".SH SEE ALSO\n" . join(",\n", map { ".BR $_ (3)" } sort(map { $_->{name} } @users),
		'libmdev') . "\n";
}

sub function_page {
	my ($function) = @_;
	my $is_callback = $function->{kind} eq 'callback';

	return heading($function, [$function->{name}], $function->{summary}) .
		needed_types($function) . synopsis($function) . ".fi\n.SH DESCRIPTION\n" .
		fill(sentence($function->{summary})) . parameters($function) . prose_after($function->{text}) .
		constant_list('Constants', mentioned_constants($function)) . section_text($function) .
		($is_callback ? '' : return_value($function) . error_section($function)) .
		versions($function) . see_also($function);
}

# A callback that a function takes is declared on its page, too.
sub needed_types {
	my ($function) = @_;
	my @types = grep { $function->{declaration} =~ /\b$_->{name}\b/ && $_ != $function }
		Header::symbols_of($api, 'callback');
	return join '', map { synopsis($_) . ".PP\n" } @types;
}

sub parameters {
	my ($function) = @_;
	return join '', map { ".TP\n.I $_->{name}\n" . fill(sentence($_->{text})) }
		grep { $_->{text} } @{$function->{params}};
}

# What a section of the header says of all its functions.
sub section_text {
	my ($function) = @_;
	my $section = $function->{section};

	return '' unless $section->{text} && $function->{kind} eq 'function';
	return ".SS $section->{title}\n" . prose($section->{text});
}

sub return_value {
	my ($function) = @_;
	my $text = ".SH RETURN VALUE\n";

	return $text . "None.\n" if $function->{result} eq 'void';
	return $text . fill(sentence($function->{returns} // $function->{summary})) unless $function->{fails};
	my ($success, $rest) = @$function{qw(success rest)};
	return $text . fill("On success, $success. On failure, the negative value of an error below" .
		(gives_result($function) ? "; the result parameter is not changed." : ".")) .
		($rest ? ".PP\n" . fill(sentence($rest)) : '');
}

sub gives_result {
	my ($function) = @_;
	return grep { ($_->{text} // "") =~ /\Agets / } @{$function->{params}};
}

sub error_section {
	my ($function) = @_;
	my $list = '';

	return ".SH ERRORS\nThis function cannot fail.\n" unless $function->{fails};
	for my $error (@{$function->{errors}}) {
		$list .= $error->{name} ? ".TP\n.B $error->{name}\n" . fill(sentence($error->{text})) :
			".PP\n" . fill("Also $error->{text}.");
	}
	return ".SH ERRORS\n$list";
}

# The overview -----------------------------------------------------------------------

sub overview {
	my %parts = (
		DESCRIPTION => prose(join "\n\n", intro_until("Conventions", $api->{intro}[0])),
		CONVENTIONS => prose(join "\n\n", intro_until('Errors that mean the same everywhere', 'Conventions')),
		ERRORS => general_errors(),
		FUNCTIONS => function_lists(),
	);
	my $text = join '', @template;

	$text =~ s/\@VERSION\@/$version/g;
	$text =~ s/^\@([A-Z]+)\@\n/$parts{$1} \/\/ die "Error: $template: unknown part $1\n"/gem;
	$text =~ s/^\@(\S+\.c)\@\n/program($1)/gem;
	return $text;
}

# Paragraphs of the first comment up to one heading, from behind the other.
sub intro_until {
	my ($end, $start) = @_;
	my @found;
	my $inside = !$start;

	for my $paragraph (@{$api->{intro}}) {
		return @found if $paragraph eq $end;
		push @found, $paragraph if $inside;
		$inside ||= $paragraph eq $start;
	}
	die "Error: $header: no heading \"$end\" in the first comment\n";
}

sub general_errors {
	my (%names, @meanings);

	for my $name (sort keys %{$api->{errors}}) {
		my $meaning = $api->{errors}{$name};
		push @meanings, $meaning unless $names{$meaning};
		push @{$names{$meaning}}, $name;
	}
	return join '', map { ".TP\n.BR " . join(' ", " ', @{$names{$_}}) . "\n" . fill(sentence($_)) }
		@meanings;
}

sub function_lists {
	my $text = '';

	for my $section (@{$api->{sections}}) {
		$text .= ".SS $section->{title}\n" . ($section->{text} ? prose($section->{text}) : '');
		for my $symbol (map { $api->{symbols}{$_} } @{$section->{symbols}}) {
			next if $symbol->{kind} eq 'struct';
			$text .= ".TP\n" . ($symbol->{kind} eq 'define' ? ".B $symbol->{name}\n" :
				".BR $symbol->{name} (3)\n") . fill(sentence($symbol->{summary}));
		}
	}
	return $text;
}

# A program, without its first comment.
sub program {
	my ($path) = @_;
	my $text = join '', lines($path);

	$text =~ s{\A(?://[^\n]*\n|/\*.*?\*/\n)+}{}s;
	$text =~ s/\t/    /g;
	$text = escape($text);
	$text =~ s/^([.'])/\\&$1/gm;
	return ".nf\n$text.fi\n";
}

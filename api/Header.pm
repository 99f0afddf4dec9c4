# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Reads include/libmdev.h strictly: what is declared, and what its comments promise. The
# manual pages and the Python binding are made from what it gives, so that neither can say
# anything else than the header. Whatever is not documented as the others are is refused with
# the line and the name.
package Header;

use strict;
use warnings;
use Errno ();

my %take = (
	comment => \&take_comment, doc => \&take_doc,
	define => \&take_define, declaration => \&take_declaration,
);

# parse(FILE, LINE...): a hash of
#
#   sections  in order: { title, text, symbols => [NAME...] }, from "/* Title --- */"
#   symbols   by name, see below
#   intro     paragraphs of the first comment
#   errors    ERRNO => its general meaning, from the table in that comment
#
# A symbol is { kind, name, line, summary, text, section, declaration } with kind one of
# "struct", "record", "enum", "define", "callback" and "function"; a record, a struct whose members
# are declared, has members => [{ name, text, type }], an enum members => [{ name, text, value }]
# and flags, whether they are combined; a define has value and, like a function, takes, the text of
# its parameters; the last two params => [{ name, type, text }], result (a
# type), returns (text), since, fails (whether it gives -errno) and then success (text), errors =>
# [{ name, text }], rest (text); and brief, whether its comment is one sentence and no more.
sub parse {
	my ($file, @lines) = @_;
	my $self = { file => $file, sections => [], symbols => {}, errors => {} };

	for my $item (items($self, join '', @lines)) {
		$take{$item->{kind}}->($self, $item);
	}
	check_mentions($self);
	return $self;
}

sub refuse {
	my ($self, $line, $name, $reason) = @_;
	die "Error: $self->{file}:$line: $name: $reason\n";
}

# Cutting the text into pieces ---------------------------------------------------

my $comment = qr{/\*.*?\*/}s;

# In order: { kind => doc|comment|define|declaration, text, line }.
sub items {
	my ($self, $text) = @_;
	my ($line, @items) = (1);

	$text =~ s/^#ifdef __cplusplus\n.*?^#endif\n/"\n" x ($& =~ tr:\n::)/gems;
	while (length $text) {
		my $kind;
		if ($text =~ /\A\s+/) {
			$kind = 'space';
		} elsif ($text =~ m{\A/\*\*\s.*?\*/}s) {
			$kind = 'doc';
		} elsif ($text =~ /\A$comment/) {
			$kind = 'comment';
		} elsif ($text =~ /\A#define MDEV_(?:\\\n|\N)+/) {
			$kind = 'define';
		} elsif ($text =~ /\A#\N*/) {
			$kind = 'space';
		} elsif ($text =~ /\A(?: $comment | [^;{] | \{ (?: $comment | [^{}] )* \} )* ;/xs) {
			$kind = 'declaration';
		} else {
			refuse($self, $line, substr($text, 0, 20), 'cannot be understood');
		}
		my $piece = $&;
		push @items, { kind => $kind, text => $piece, line => $line } if $kind ne 'space';
		$line += ($piece =~ tr/\n//);
		$text = substr $text, length $piece;
	}
	return @items;
}

# The text of a comment without its frame; tabs in it are kept.
sub comment_text {
	my ($text) = @_;

	$text =~ s{\A/\*\*?[ \t]*\n?}{};
	$text =~ s{\s*\*/\z}{};
	$text =~ s/^[ \t]*\*(?: |(?=\t)|$)//gm;
	return $text;
}

sub paragraphs {
	my ($text) = @_;
	return grep { /\S/ } split /\n(?:[ \t]*\n)+/, $text;
}

# Comments --------------------------------------------------------------------------

sub take_comment {
	my ($self, $item) = @_;
	my $text = comment_text($item->{text});

	return if $text =~ /\ASPDX-License-Identifier/;
	if ($text =~ /\A(\N*?) ?-{5,}\z/) {
		push @{$self->{sections}}, { title => $1, text => '', symbols => [] };
	} elsif (!@{$self->{sections}}) {
		take_intro($self, $text);
	} else {
		my $section = $self->{sections}[-1];
		$section->{text} .= ($section->{text} ? "\n\n" : '') . $text;
	}
}

# The first comment, with a table "-ERRNO[, -ERRNO...]  meaning".
sub take_intro {
	my ($self, $text) = @_;

	$self->{intro} = [paragraphs($text)];
	while ($text =~ /^  (-E[A-Z0-9]+(?:, -E[A-Z0-9]+)*) +(\N+(?:\n {14}\N+)*)/gm) {
		my ($names, $meaning) = ($1, $2);
		$meaning =~ s/\s+/ /g;
		$self->{errors}{$_} = $meaning for $names =~ /E[A-Z0-9]+/g;
	}
}

sub take_doc {
	my ($self, $item) = @_;

	refuse($self, $self->{doc}{line}, 'comment', 'documents nothing') if $self->{doc};
	$self->{doc} = $item;
}

# The comment before a declaration: "name - summary", "@param: text" lines, paragraphs,
# "Return: text" and "Since: version".
sub documented {
	my ($self, $symbol, $title) = @_;
	my $item = delete $self->{doc} or refuse($self, $symbol->{line}, $symbol->{name}, 'has no comment');
	my ($head, @rest) = paragraphs(comment_text($item->{text}));
	my %params;

	my $last = @rest ? \$rest[-1] : \$head;

	$symbol->{line} = $item->{line};
	$symbol->{since} = $1 if $$last =~ s/\s*\bSince: (\d\S*)\s*\z//;
	pop @rest if @rest && $rest[-1] !~ /\S/;
	$symbol->{returns} = $1 if @rest && $rest[-1] =~ s/(?:\A|\n)Return: (.*)\z//s;
	pop @rest if @rest && $rest[-1] !~ /\S/;
	$head =~ s/\n@(\w+): (\N*(?:\n\s\N*)*)/ $params{$1} = $2; push @{$symbol->{described}}, $1; ''/ge;
	$title ne '' && $head !~ s/\A\Q$title\E - //
		and refuse($self, $symbol->{line}, $symbol->{name}, "the comment does not begin with \"$title - \"");
	$head =~ /^@/m and refuse($self, $symbol->{line}, $symbol->{name}, 'a parameter\'s line is malformed');
	$head =~ s/\s+/ /g;
	@$symbol{qw(summary text brief)} = ($head, join("\n\n", @rest), !@rest && !%params && !$symbol->{returns});
	s/\s+/ /g for values %params;
	return \%params;
}

# Declarations -----------------------------------------------------------------------

sub add {
	my ($self, $symbol) = @_;
	my $name = $symbol->{name};

	refuse($self, $symbol->{line}, $name, 'is declared twice') if $self->{symbols}{$name};
	refuse($self, $symbol->{line}, $name, 'is in no section') 
		unless @{$self->{sections}} || $symbol->{kind} eq 'struct';
	$symbol->{section} = $self->{sections}[-1];
	push @{$symbol->{section}{symbols}}, $name if $symbol->{section};
	$self->{symbols}{$name} = $symbol;
}

sub take_define {
	my ($self, $item) = @_;
	my ($name, $params, $value) = $item->{text} =~ /\A#define (MDEV_\w+)(\([\w, ]*\))?[\s\\]+(.+)\z/s
		or refuse($self, $item->{line}, $item->{text}, 'is no constant');
	my $symbol = { kind => 'define', name => $name, line => $item->{line}, value => $value,
		takes => $params, declaration => $item->{text} };

	documented($self, $symbol, '');
	add($self, $symbol);
}

sub take_declaration {
	my ($self, $item) = @_;
	my $text = $item->{text};
	my $symbol = { line => $item->{line}, declaration => $text };

	if ($text =~ /\Astruct (\w+);\z/) {
		take_struct($self, $symbol, $1);
	} elsif ($text =~ /\Astruct (\w+) \{(.*)\};\z/s) {
		take_record($self, $symbol, $1, $2);
	} elsif ($text =~ /\Aenum (\w+) \{(.*)\};\z/s) {
		take_enum($self, $symbol, $1, $2);
	} elsif ($text =~ /\Atypedef (.*?)(\w+)\((.*)\);\z/s) {
		take_function($self, $symbol, 'callback', $1, $2, $3);
	} elsif ($text =~ /\A([^(]*?)(mdev_\w+)\((.*)\);\z/s) {
		take_function($self, $symbol, 'function', $1, $2, $3);
	} else {
		refuse($self, $item->{line}, (split /\n/, $text)[0], 'cannot be understood');
	}
}

sub take_struct {
	my ($self, $symbol, $name) = @_;

	@$symbol{qw(kind name)} = ('struct', $name);
	documented($self, $symbol, "struct $name");
	add($self, $symbol);
}

sub take_record {
	my ($self, $symbol, $name, $body) = @_;

	@$symbol{qw(kind name)} = ('record', $name);
	documented($self, $symbol, "struct $name");
	while ($body =~ m{\G\s*(/\*\*.*?\*/)\s*([^;]+?)(\w+)(\[\w+\])?;}gcxs) {
		my ($text, $type, $member, $size) = (comment_text($1), $2, $3, $4 // '');
		$text =~ s/\s+/ /g;
		$type =~ s/\s+\z//;
		push @{$symbol->{members}}, { name => $member, text => $text, type => "$type$size" };
	}
	$body =~ /\G\s*\z/ or refuse($self, $symbol->{line}, $name,
		'has members without a comment, or that cannot be understood');
	add($self, $symbol);
}

sub take_enum {
	my ($self, $symbol, $name, $body) = @_;
	my $text = '';
	my $value = -1;

	@$symbol{qw(kind name flags)} = ('enum', $name, scalar $body =~ /<</);
	documented($self, $symbol, "enum $name");
	while ($body =~ m{\G\s*(?: (/\*\*.*?\*/) | (\w+)(?:\s*=\s*([^,]*))?\s*(?:,|\z) )}gcxs) {
		if (defined $1) {
			($text = comment_text($1)) =~ s/\s+/ /g;
			next;
		}
		$value = defined $3 ? constant($3) : $value + 1;
		$text ne "" or refuse($self, $symbol->{line}, $2, "has no comment");
		defined $value or refuse($self, $symbol->{line}, $2, 'its value is neither a number nor a shift of one');
		push @{$symbol->{members}}, { name => $2, text => $text, value => $value };
		$text = '';
	}
	$body =~ /\G\s*\z/ or refuse($self, $symbol->{line}, $name, 'its members cannot be understood');
	add($self, $symbol);
}

sub constant {
	my ($text) = @_;

	return $1 << $2 if $text =~ /\A(\d+) << (\d+)\s*\z/;
	return $text =~ /\A(-?\d+)\s*\z/ ? $1 : undef;
}

sub take_function {
	my ($self, $symbol, $kind, $result, $name, $list) = @_;
	my $texts;

	$result =~ s/\s+\z//;
	@$symbol{qw(kind name result)} = ($kind, $name, $result);
	$texts = documented($self, $symbol, $kind eq 'function' ? "$name()" : $name);
	$symbol->{params} = [map { parameter($self, $symbol, $_) } $list eq "void" ? () : split /,\s*/, $list];
	match_params($self, $symbol, $texts);
	check_result($self, $symbol);
	add($self, $symbol);
}

sub parameter {
	my ($self, $symbol, $text) = @_;
	my ($type, $name, $size) = $text =~ /\A(.*?)(\w+)(\[\w*\])?\z/s
		or refuse($self, $symbol->{line}, $symbol->{name}, "parameter \"$text\" cannot be understood");

	$type =~ s/\s+\z//;
	$type =~ s/\s+/ /g;
	return { name => $name, type => $type . ($size // '') };
}

# A comment of one sentence can leave a single parameter, the object itself, unsaid.
sub match_params {
	my ($self, $symbol, $texts) = @_;
	my @names = map { $_->{name} } @{$symbol->{params}};
	my $wrong = sub { refuse($self, $symbol->{line}, $symbol->{name}, @_) };

	return if $symbol->{brief} && @names == 1;
	for my $param (@{$symbol->{params}}) {
		$param->{text} = delete $texts->{$param->{name}}
			// $wrong->("there is no line for parameter \"$param->{name}\"");
	}
	$wrong->("there is no parameter \"$_\"") for sort keys %$texts;
	"@names" eq "@{$symbol->{described} // []}" or $wrong->('the order of the parameters is another one');
}

sub check_result {
	my ($self, $symbol) = @_;
	my $wrong = sub { refuse($self, $symbol->{line}, $symbol->{name}, @_) };
	my $returns = $symbol->{returns} // '';

	$symbol->{fails} = $symbol->{result} eq 'int' && take_errors($self, $symbol, $returns);
	return if $symbol->{kind} eq 'callback';
	$wrong->('there is no "Since:"') unless $symbol->{since};
	return if $symbol->{result} eq 'void';
	$wrong->('can fail, but there is no "Return:"')
		if $symbol->{result} eq 'int' && !$returns && $symbol->{name} !~ /_(?:get|count|is|has)_/;
	$wrong->('there is no "Return:"') unless $returns || $symbol->{brief};
	for my $error (@{$symbol->{errors}}) {
		my $name = $error->{name} or next;
		exists $!{$name} or $wrong->("there is no error $name");
		$error->{text} or $wrong->("$name is neither explained there nor in the general table");
	}
}

# "0, -EINVAL if so, -ENOMEM, errors of scripts; more" says in order what is returned of
# success, the errors, without a name what is no error number of its own, and the rest.
sub take_errors {
	my ($self, $symbol, $returns) = @_;
	my ($success, $list, $rest) = $returns =~
		/\A(\d.*?)[,;]\s+(-E[A-Z].*?)(?:;\s+|\.\s+|\.?\z)(.*)\z/s or return 0;

	$list =~ s/\s+/ /g;
	@$symbol{qw(success rest)} = ($success, $rest);
	for my $part (split /(?:, and |, | and )(?=-E|errors of )/, $list) {
		my ($first, $second, $text) = $part =~ /\A-(E[A-Z0-9]+)(?: or -(E[A-Z0-9]+))?(?:,? (.*))?\z/;
		push @{$symbol->{errors}}, $first ?
			map { { name => $_, text => $text || $self->{errors}{$_} } } grep { defined } $first, $second :
			{ text => $part };
	}
	return 1;
}

# What texts mention must be there.
sub check_mentions {
	my ($self) = @_;
	my %constants = map { $_ => 1 } map {
		$_->{kind} eq 'enum' ? map { $_->{name} } @{$_->{members}} : $_->{name}
	} values %{$self->{symbols}};

	refuse($self, $self->{doc}{line}, 'comment', 'documents nothing') if $self->{doc};
	for my $symbol (sort { $a->{line} <=> $b->{line} } values %{$self->{symbols}}) {
		my $wrong = sub { refuse($self, $symbol->{line}, $symbol->{name}, "mentions $_[0], which is not there") };
		my %params = map { $_->{name} => 1 } @{$symbol->{params}};
		my $text = all_text($symbol);
		while ($text =~ /\@(\w+)|\b(mdev_\w+)\(\)|\b(MDEV_\w+)/g) {
			$wrong->("\@$1") if defined $1 && !$params{$1};
			$wrong->("$2()") if defined $2 && !$self->{symbols}{$2};
			$wrong->($3) if defined $3 && !$constants{$3};
		}
	}
}

# Everything that is said of a symbol.
sub all_text {
	my ($symbol) = @_;
	return join "\n\n", grep { defined } @$symbol{qw(summary text returns)},
		map { $_->{text} } @{$symbol->{params}}, @{$symbol->{members}};
}

# What the rest asks -----------------------------------------------------------------

sub symbols_of {
	my ($self, @kinds) = @_;
	my %wanted = map { $_ => 1 } @kinds;
	return sort { $a->{line} <=> $b->{line} } grep { $wanted{$_->{kind}} } values %{$self->{symbols}};
}

# The struct that a function belongs to: the one it is called after, else that of its first
# parameter; undef for those of no object.
sub object_of {
	my ($self, $function) = @_;

	for my $name (sort { length $b <=> length $a } map { $_->{name} } symbols_of($self, 'struct')) {
		return $name if $function->{name} =~ /\A${name}_/;
	}
	return @{$function->{params}} ? pointee($self, $function->{params}[0]{type}) : undef;
}

# The struct that a type of a parameter points to.
sub pointee {
	my ($self, $type) = @_;
	return $type =~ /\A(?:const )?struct (\w+) \*\z/ && is_struct($self, $1) ? $1 : undef;
}

sub is_struct {
	my ($self, $name) = @_;
	my $symbol = $self->{symbols}{$name};
	return $symbol && $symbol->{kind} eq "struct";
}

1;

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# api/python.pl and _library.py on a header that has more than libmdev.h need have.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	PACKAGE=$BATS_FILE_TMPDIR/libmdev
	mkdir "$PACKAGE"
	"${CC:-cc}" -shared -fPIC -o "$PACKAGE/sample.so" tests/python/sample.c
	perl -Iapi api/python.pl "$PACKAGE/sample.so" 0.1 tests/python/sample.h >"$PACKAGE/_api.py"
	cp python/libmdev/_library.py "$PACKAGE"
	touch "$PACKAGE/__init__.py"
}

# python: runs the program on standard input, for which a Context has been made.
python() {
	{ cat <<-'END'; cat; } | PYTHONPATH=$BATS_FILE_TMPDIR PYTHONDONTWRITEBYTECODE=1 \
		timeout 300 /usr/bin/python3 -X dev -W error -
		import ctypes, errno, threading
		from libmdev import _api, _library
		def raises(cls, function, *arguments):
		    try:
		        function(*arguments)
		    except BaseException as error:
		        assert type(error) is cls, repr(error)
		        return error
		    raise AssertionError("nothing was raised")
		pointer = ctypes.c_void_p()
		assert _api.library.native.mdev_ctx_new(ctypes.byref(pointer)) == 0
		context = _api.Context._take(_library.State(_api.library, pointer.value), pointer.value)
		_api.Context._unref = None
	END
}

@test "generator: constants are numbers, reckoned numbers and texts; macros are left out" {
	python <<-'END'
		assert (_api.VERSION_MAJOR, _api.VERSION_MINOR, _api.VERSION_NUMBER) == (2, 16, 528)
		assert _api.VERSION == "2.16" == _api.version()
		assert not hasattr(_api, "VERSION_AT_LEAST")
		assert set(_api.__all__) == {"VERSION_MAJOR", "VERSION_MINOR", "VERSION_NUMBER", "VERSION",
		                             "ErrorDomain", "version"}
	END
}

@test "generator: a constant that cannot be understood is refused" {
	sed 's/0x10u/sizeof(int)/' tests/python/sample.h >"$BATS_TEST_TMPDIR/sample.h"
	run ! --separate-stderr perl -Iapi api/python.pl x 0.1 "$BATS_TEST_TMPDIR/sample.h"
	[ "$stderr" = "Error: $BATS_TEST_TMPDIR/sample.h:20: MDEV_VERSION_MINOR: its value cannot be understood" ]
}

@test "generator: what a callback returns reaches C, nothing is 0" {
	python <<-'END'
		heard = []
		assert context.count(3, heard.append) == (3, 0) and heard == [1, 2]
		assert context.count(9, lambda number: number == 4) == (4, 1)
		assert context.count(9, lambda number: -5 if number == 2 else 0) == (2, -5)
	END
}

@test "generator: what a callback raises ends the call and is raised by it" {
	python <<-'END'
		heard = []
		def fail(number):
		    heard.append(number)
		    raise KeyError(number)
		assert raises(KeyError, context.count, 9, fail).args == (1,) and heard == [1]
		# So does an answer that is none.
		raises(TypeError, context.count, 9, lambda number: "x")
		raises(OverflowError, context.count, 9, lambda number: 1 << 40)
	END
}

@test "generator: a call is cancelled while another thread makes it" {
	python <<-'END'
		thread = threading.Thread(target=context.wait)
		thread.start()
		context.cancel()
		thread.join()
	END
}

@test "generator: an error has its domain, by which a script's refusal is known" {
	python <<-'END'
		domains = _api.ErrorDomain
		error = raises(_library.Refused, context.fail, errno.EOPNOTSUPP, domains.SCRIPT)
		assert error.domain is domains.SCRIPT and str(error) == "It failed" and error.uuid is None
		raises(_library.Refused, context.fail, errno.ECANCELED, domains.SCRIPT)
		error = raises(_library.Unsupported, context.fail, errno.EOPNOTSUPP, domains.ARGUMENT)
		assert error.domain is domains.ARGUMENT and error.file == "/file"
		raises(_library.Stale, context.fail, errno.ESTALE, domains.ARGUMENT)
		# Of a later library, too.
		error = raises(_library.Error, context.fail, errno.ECANCELED, 99)
		assert error.domain == 99
	END
}

@test "generator: constants, enumerations and callbacks have types" {
	python <<-'END'
		import collections.abc, typing
		hints = typing.get_type_hints(_api.Context.count)
		call = collections.abc.Callable[[int], typing.Optional[int]]
		assert hints == {"limit": int, "fn": call, "return": tuple[int, int]}, hints
		assert typing.get_type_hints(_api.version) == {"return": str}
		hints = typing.get_type_hints(_api.Context.last_error_domain)
		assert hints["return"] == typing.Union[_api.ErrorDomain, int]
		assert typing.get_type_hints(_api.Context.last_error_file)["return"] == typing.Optional[str]
	END
}

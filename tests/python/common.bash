# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Python programs as tests of the binding, on the machine of tests/cli/machine.bash.

# shellcheck source=tests/cli/machine.bash
. "$BATS_TEST_DIRNAME/../cli/machine.bash"

BUILD=$(dirname "$MDEVCTL")
export PYTHONPATH=$BUILD/python LD_LIBRARY_PATH=$BUILD PYTHONDONTWRITEBYTECODE=1
export MDEVCTL U1 U2 U3 U4 U5

# python [OPTION]...: runs the program on standard input, with warnings as errors. What most
# programs need is imported: raises(CLASS, FUNCTION...) gives what FUNCTION raised.
python() {
	{ cat <<-'END'; cat; } | T=$T SYS=$SYS ETC=$ETC timeout 300 /usr/bin/python3 -X dev -W error "$@" -
		import errno, gc, libmdev, os, sys, threading
		U1, U2, U3, U4, U5 = (os.environ[f"U{n}"] for n in range(1, 6))
		T, SYS, ETC = os.environ["T"], os.environ["SYS"], os.environ["ETC"]
		def raises(cls, function, *arguments):
		    try:
		        function(*arguments)
		    except BaseException as error:
		        assert type(error) is cls, repr(error)
		        return error
		    raise AssertionError("nothing was raised")
		def define(context, uuid, type="mtty-1", parent="mtty"):
		    definition = context.definition_new(uuid)
		    definition.set_parent(parent)
		    definition.set_type(type)
		    return definition
	END
}

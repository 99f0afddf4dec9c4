#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The binding as a package of Python's: by pip and by "make install".

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	T=$BATS_TEST_TMPDIR
	BUILD=$(dirname "${MDEVCTL:-$PWD/build/mdevctl}")
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
	export PYTHONDONTWRITEBYTECODE=1
	unset PYTHONPATH LD_LIBRARY_PATH
}

@test "package: pip installs it into a virtual environment and out of it" {
	/usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || skip "python3-venv is not installed"
	/usr/bin/python3 -m venv "$T/venv"
	pip=$T/venv/bin/pip
	"$pip" --disable-pip-version-check install --no-index .
	"$pip" --disable-pip-version-check list | grep -qx "libmdev  *$VERSION"
	"$pip" check
	cd "$T"
	LD_LIBRARY_PATH=$BUILD "$T/venv/bin/python" - "$VERSION" <<-'END'
		import importlib.metadata, libmdev, sys
		assert importlib.metadata.version("libmdev") == libmdev.__version__ == sys.argv[1]
		assert libmdev.__file__.startswith(sys.prefix)
		assert {"py.typed", "_api.py"} <= {path.name for path in importlib.metadata.files("libmdev")}
		libmdev.Context().parent_list()
	END
	"$pip" uninstall -y libmdev
	run ! "$T/venv/bin/python" -c 'import libmdev'
}

@test "package: a wheel has what it lists, and is the same each time" {
	for turn in 1 2; do
		mkdir "$T/$turn"
		PYTHONPATH=python python3 -c 'import backend, sys; print(backend.build_wheel(sys.argv[1]))' \
			"$T/$turn" >"$T/name"
	done
	wheel=$(<"$T/name")
	[ "$wheel" = "libmdev-$VERSION-py3-none-any.whl" ]
	cmp "$T/1/$wheel" "$T/2/$wheel"
	python3 - "$T/1/$wheel" <<-'END'
		import base64, csv, hashlib, sys, zipfile
		archive = zipfile.ZipFile(sys.argv[1])
		record, = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
		listed = list(csv.reader(archive.read(record).decode().splitlines()))
		assert sorted(name for name, _, _ in listed) == sorted(archive.namelist())
		for name, digest, size in listed:
		    data = archive.read(name)
		    if name != record:
		        digest = base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "==")
		        assert digest == hashlib.sha256(data).digest() and int(size) == len(data)
	END
}

@test "package: \"make install\" tells Python what it has installed, of one version" {
	mkdir -p "$T/root/python/libmdev-0.0.1.dist-info"
	make -s install-python B="$BUILD" DESTDIR="$T/root" PYTHONDIR=/python
	PYTHONPATH=$T/root/python LD_LIBRARY_PATH=$BUILD /usr/bin/python3 - "$VERSION" <<-'END'
		import importlib.metadata, libmdev, sys
		found, = (each for each in importlib.metadata.distributions() if each.metadata["Name"] == "libmdev")
		assert found.version == libmdev.__version__ == sys.argv[1]
		assert found.read_text("INSTALLER").strip() == "make"
	END
}

@test "package: with a library that is broken or older, importing it fails as imports do" {
	mkdir "$T/broken" "$T/older"
	echo broken >"$T/broken/libmdev.so.0"
	"${CC:-cc}" -shared -o "$T/older/libmdev.so.0" -x c /dev/null
	for kind in broken older; do
		PYTHONPATH=$BUILD/python LD_LIBRARY_PATH=$T/$kind /usr/bin/python3 - >"$T/$kind/said" <<-'END'
			try:
			    import libmdev
			except ImportError as error:
			    print(error.name, error)
		END
	done
	grep -q "^libmdev $T/broken/libmdev.so.0: " "$T/broken/said"
	grep -q '^libmdev the library has no mdev_[a-z_]*(): it is older' "$T/older/said"
}

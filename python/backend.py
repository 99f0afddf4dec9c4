# SPDX-License-Identifier: LGPL-2.1-or-later
"""What pip calls for "pip install .", by pyproject.toml: packs the binding into a wheel."""

import base64
import hashlib
import os
import pathlib
import re
import subprocess
import zipfile

_TOP = pathlib.Path(__file__).resolve().parent.parent
_BUILT = _TOP / "build/python"

_WHEEL = """\
Wheel-Version: 1.0
Generator: libmdev
Root-Is-Purelib: true
Tag: py3-none-any
"""


class UnsupportedOperation(Exception):
    """What a front end expects of a back end that makes wheels only."""


def _make():
    # Not with the variables of a make that this may run under: they could name another place.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    subprocess.run(["make", "-s", "python-files"], cwd=_TOP, env=environment, check=True)


def _record(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{name},sha256={digest},{len(data)}\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    _make()
    metadata = (_BUILT / "METADATA").read_bytes()
    version = re.search(r"^Version: (.*)$", metadata.decode(), re.MULTILINE)[1]
    info = f"libmdev-{version}.dist-info"
    files = {f"libmdev/{path.name}": path.read_bytes()
             for path in sorted((_BUILT / "libmdev").iterdir()) if path.suffix in (".py", ".typed")}
    files[f"{info}/METADATA"] = metadata
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    record = "".join(_record(name, data) for name, data in files.items()) + f"{info}/RECORD,,\n"
    files[f"{info}/RECORD"] = record.encode()

    wheel = f"libmdev-{version}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # The same date always, so that the wheel is the same.
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    raise UnsupportedOperation("sources come from the repository only")

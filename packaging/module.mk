# Debian packages in build/deb, with what lintian says of them. Not part of "make check", which
# does not need all of these.

deb-packages := dpkg-dev debhelper dh-dkms dh-python lintian gcc make perl pkg-config python3 \
	libkmod-dev libsmartcols-dev libudev-dev uuid-dev
deb-tree := build/deb/libmdev

deb:
	$(Q)tests/deps $(deb-packages)
	$(Q)rm -rf build/deb && mkdir -p $(deb-tree)
	$(Q)tar -c --exclude=./build --exclude=./.git . | tar -x -C $(deb-tree)
	$(Q)cp -r packaging/debian $(deb-tree)/debian
	$(Q)cd $(deb-tree) && env -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -b -uc -us
	$(Q)lintian --fail-on error build/deb/*.changes

.PHONY: deb

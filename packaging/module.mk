# Debian packages in build/deb, with what lintian says of them. Not part of "make check": it needs
# dpkg-dev, debhelper, dh-python, dh-dkms and lintian, which nothing else does.

deb-tree := build/deb/libmdev

deb:
	$(Q)rm -rf build/deb && mkdir -p $(deb-tree)
	$(Q)tar -c --exclude=./build --exclude=./.git . | tar -x -C $(deb-tree)
	$(Q)cp -r packaging/debian $(deb-tree)/debian
	$(Q)cd $(deb-tree) && env -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -b -uc -us
	$(Q)lintian --fail-on error build/deb/*.changes

.PHONY: deb

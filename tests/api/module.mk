# What is made from the public header: part of "make check-unit".

unit-tests += tests/api/header.bats tests/api/man.bats

check-unit: $(B)/man3/libmdev.3

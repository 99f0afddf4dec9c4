# Unit tests: tests/unit/test-NAME.c, linked with the static library so that its inner
# functions can be called. "make check-unit" runs them all, "make check-asan" with sanitizers.

# test-frame and test-uart belong to the kernel module: tests/kmod/module.mk.
unit-names := $(filter-out frame uart,$(patsubst tests/unit/test-%.c,%,$(wildcard tests/unit/test-*.c)))
unit-pkgs := cmocka $(lib-pkgs)
unit-obj := $(unit-names:%=$(B)/tests/unit/test-%.o) \
	$(addprefix $(B)/tests/unit/,fixture.o fail.o fail-memory.o fail-calls.o)
unit-checks := $(addprefix tests/unit/check-,layers layers-sees symbols header english english-sees)

unit-tests += $(unit-names:%=$(B)/tests/unit/test-%) $(unit-checks)

$(unit-obj): CFLAGS_tests = $(call pkg,cflags,$(unit-pkgs) libkmod)

$(B)/tests/unit/test-%: $(B)/tests/unit/test-%.o $(B)/tests/unit/fixture.o $(B)/libmdev.a
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(unit-ldflags-$*) -o $@ $(filter %.o %.a,$^) \
		$(call pkg,libs,$(unit-pkgs)) -ldl

# Every allocation that our own objects make can be told to fail.
unit-wrapped := malloc calloc reallocarray realloc strdup strndup asprintf vasprintf \
	__asprintf_chk __vasprintf_chk
unit-ldflags-memory := $(unit-wrapped:%=-Wl,--wrap=%)
$(B)/tests/unit/test-memory: $(B)/tests/unit/fail.o $(B)/tests/unit/fail-memory.o

# So can every system call.
unit-calls := open openat __openat_2 read write fsync flock renameat linkat unlinkat mkdir mkdirat fstat stat \
	lstat fchown fchmod readlinkat realpath getdents64 poll pipe2 memfd_create lseek \
	pidfd_open waitpid inotify_init1 inotify_add_watch epoll_create1 epoll_ctl eventfd posix_spawn
unit-ldflags-calls := $(unit-calls:%=-Wl,--wrap=%)
$(B)/tests/unit/test-calls: $(B)/tests/unit/fail.o $(B)/tests/unit/fail-calls.o

unit-ldflags-threads := -pthread
# Its thousands of writes need not be on the disk.
unit-ldflags-apply := -Wl,--wrap=fsync

# A libkmod of our own, found by dlopen() before the system's.
$(B)/tests/unit/kmod/libkmod.so.2: tests/unit/fake-kmod.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CCLD,$@)$(CC) $(ALL_CFLAGS) $(call pkg,cflags,libkmod) -shared -fPIC -o $@ $<

unit-ldflags-module = -Wl,-rpath,'$$ORIGIN/kmod' -Wl,--disable-new-dtags
$(B)/tests/unit/test-module: $(B)/tests/unit/kmod/libkmod.so.2

# The same of libudev.
$(B)/tests/unit/udev/libudev.so.1: tests/unit/fake-udev.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CCLD,$@)$(CC) $(ALL_CFLAGS) $(call pkg,cflags,libudev) -shared -fPIC -o $@ $<

unit-ldflags-monitor = -Wl,-rpath,'$$ORIGIN/udev' -Wl,--disable-new-dtags
$(B)/tests/unit/test-monitor: $(B)/tests/unit/udev/libudev.so.1

# And one that has nothing in it.
$(B)/tests/unit/nokmod/libkmod.so.2: | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CCLD,$@)$(CC) -shared -o $@ -x c /dev/null

unit-ldflags-nokmod = -Wl,-rpath,'$$ORIGIN/nokmod' -Wl,--disable-new-dtags
$(B)/tests/unit/test-nokmod: $(B)/tests/unit/nokmod/libkmod.so.2

check-unit: $(unit-tests) $(B)/libmdev.a $(B)/libmdev.so
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=allocator_may_return_null=1 B=$(B) \
		$(prove) --exec '' $(unit-tests)

check-asan:
	$(Q)$(MAKE) --no-print-directory SANITIZE=address,undefined WERROR=1 check-unit

# Threads under a race detector.
check-tsan:
	$(Q)$(MAKE) --no-print-directory B=build/tsan SANITIZE=thread WERROR=1 \
		build/tsan/tests/unit/test-threads
	$(Q)build/tsan/tests/unit/test-threads

# What sanitizers do not see, such as memory that is used before it is written. Not the tests
# of the command, nor those of scripts, which valgrind before 3.21 cannot run.
valgrind := valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible
valgrind-tests := $(filter-out %/test-callout %/test-options %/test-out %/test-log, \
	$(unit-names:%=$(B)/tests/unit/test-%))

check-valgrind: $(valgrind-tests)
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP $(prove) --exec '$(valgrind)' $(valgrind-tests)

.PHONY: check-unit check-asan check-tsan check-valgrind

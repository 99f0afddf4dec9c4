# What lib and cli share: it knows nothing of mediated devices. Both are linked with these objects, as the
# shared library does not export them.

util-obj := $(patsubst %.c,$(B)/%.o,$(wildcard util/*.c))

CFLAGS_util = -fPIC -fvisibility=hidden

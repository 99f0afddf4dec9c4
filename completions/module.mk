# Completions for bash, zsh and fish, made from the command's option tables.

DATADIR     ?= $(PREFIX)/share
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR  ?= $(DATADIR)/zsh/$(zsh-functions)
FISHCOMPDIR ?= $(DATADIR)/fish/vendor_completions.d

# Debian's zsh does not look into site-functions below /usr.
zsh-functions = $(if $(and $(filter /usr,$(PREFIX)),$(wildcard /etc/debian_version)),vendor-completions,site-functions)

completions := $(addprefix $(B)/completions/mdevctl.,bash zsh fish)

$(B)/completions/options.json: $(B)/mdevctl
	$(Q)mkdir -p $(@D)
	$(Q)$< help --dump > $@

$(completions): $(B)/completions/mdevctl.%: completions/mdevctl.%.in completions/generate.awk \
		$(B)/completions/options.json
	$(call say,GEN,$@)awk -v shell=$* -f completions/generate.awk \
		$(B)/completions/options.json $< > $@

all += $(completions)

# Shells look for a file that is called like the command.
install-completions: $(completions)
	$(Q)install -d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	$(Q)install -m 644 $(B)/completions/mdevctl.bash $(DESTDIR)$(BASHCOMPDIR)/mdevctl
	$(Q)ln -sf mdevctl $(DESTDIR)$(BASHCOMPDIR)/lsmdev
	$(Q)install -m 644 $(B)/completions/mdevctl.zsh $(DESTDIR)$(ZSHCOMPDIR)/_mdevctl
	$(Q)install -m 644 $(B)/completions/mdevctl.fish $(DESTDIR)$(FISHCOMPDIR)/mdevctl.fish
	$(Q)ln -sf mdevctl.fish $(DESTDIR)$(FISHCOMPDIR)/lsmdev.fish

install += install-completions
.PHONY: install-completions

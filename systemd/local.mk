# Units, and what they want to be there.
EXTRA_DIST += %D%/tgcalld.service.in
CLEANFILES += %D%/tgcalld.service
systemdsystemunit_DATA = %D%/tgcalld.service
dist_systemdsystemunit_DATA = %D%/tgcalld.socket
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = %D%/sysusers.d/tgcalld.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_tmpfiles_DATA = %D%/tmpfiles.d/tgcalld.conf
# Where systemd knows it, `systemctl reload` waits until the daemon is done by this alone.
if NOTIFY_RELOAD
tgcalld_service_type = -e 's|^Type=notify$$|Type=notify-reload|' -e '/^ExecReload=/d'
endif
systemd/tgcalld.service: systemd/tgcalld.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	  $(SED) -e 's|@bindir[@]|$(bindir)|g' $(tgcalld_service_type) $(srcdir)/systemd/tgcalld.service.in >$@.tmp && mv $@.tmp $@

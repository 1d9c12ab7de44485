# Units.
EXTRA_DIST += %D%/tgcalld.service.in
CLEANFILES += %D%/tgcalld.service
systemdsystemunit_DATA = %D%/tgcalld.service
systemd/tgcalld.service: systemd/tgcalld.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	  $(SED) -e 's|@bindir[@]|$(bindir)|g' $(srcdir)/systemd/tgcalld.service.in >$@.tmp && mv $@.tmp $@

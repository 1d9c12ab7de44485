# Settings, command line and data.
noinst_LIBRARIES += config/libsettings.a
config_libsettings_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
config_libsettings_a_SOURCES = \
  %D%/layers.c %D%/layers.h \
  %D%/options.c %D%/options.h \
  %D%/options_sandbox.c %D%/options_token.c %D%/options_upkeep.c %D%/options_internal.h \
  %D%/paths.c %D%/paths.h \
  %D%/settings.c %D%/settings.h \
  %D%/settings_changes.c \
  %D%/settings_check.c \
  %D%/settings_clients.c \
  %D%/settings_internal.h \
  %D%/settings_net.c \
  %D%/settings_read.c \
  %D%/settings_report.c \
  %D%/settings_cluster.c \
  %D%/settings_store.c \
  %D%/settings_table.c \
  %D%/settings_value.c \
  %D%/settings_web.c \
  %D%/text_list.c %D%/text_list.h
SETTINGS_LIBS = config/libsettings.a $(INIH_LIBS)

# The data centres to start from.
dcdir = $(pkgdatadir)/dc
dist_dc_DATA = %D%/dc/production.conf %D%/dc/test.conf

# Where tgcalld.conf is to be written; what is in it is the administrator's.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/tgcalld"
uninstall-local:
	-rmdir "$(DESTDIR)$(sysconfdir)/tgcalld" 2>/dev/null

dist_doc_DATA = %D%/tgcalld.conf.sample
dist_man_MANS += %D%/tgcalld.8 %D%/tgcalld.conf.5 %D%/tgcalldctl.1

# Recipes, to copy and change.
cookbookdir = $(docdir)/cookbook
# The picture is README's.
EXTRA_DIST += %D%/cookbook/dashboard.png
dist_cookbook_DATA = %D%/cookbook/README.md %D%/cookbook/home-assistant.yaml
dist_cookbook_SCRIPTS = \
  %D%/cookbook/announcer.py %D%/cookbook/call.sh %D%/cookbook/calls.mjs %D%/cookbook/calls.py %D%/cookbook/stream.sh \
  %D%/cookbook/town-hall.sh

# For Grafana and Prometheus.
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = %D%/grafana/tgcalld.json
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = %D%/prometheus/alerts.yml

# RSA keys of the data centres and of the sandbox.
keysdir = $(pkgdatadir)/keys
dist_keys_DATA = %D%/keys/production.pem %D%/keys/sandbox.pem %D%/keys/sandbox.pub.pem %D%/keys/test.pem

# Schemas, read at start.
schemadir = $(pkgdatadir)/schema
dist_schema_DATA = %D%/schema/layer-138.tl %D%/schema/layer-229.tl %D%/schema/mtproto.tl

# Debian's packaging; ./bootstrap deb lays it out where dpkg looks for it.
dist_noinst_SCRIPTS += %D%/debian/changelog.py %D%/debian/rules
EXTRA_DIST += %D%/debian/control %D%/debian/copyright %D%/debian/source/format \
  %D%/debian/tgcalld.README.Debian %D%/debian/tgcalld.docs %D%/debian/tgcalld.postinst %D%/debian/tgcalld.postrm \
  %D%/debian/tgcalld.prerm

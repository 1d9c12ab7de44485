# The program: wiring, signals, stop order. The libraries from the top layer down, since each uses those below.
bin_PROGRAMS += tgcalld
tgcalld_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SYSTEMD_CFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
tgcalld_SOURCES = \
  %D%/about.c %D%/about.h \
  %D%/app.c %D%/app.h %D%/app_internal.h \
  %D%/app_accounts.c \
  %D%/app_parts.c \
  %D%/app_sandbox.c \
  %D%/app_token.c \
  %D%/app_cluster.c %D%/app_cluster.h \
  %D%/app_upkeep.c \
  %D%/check.c \
  %D%/check_database.c %D%/check_database.h \
  %D%/dashboard.c %D%/dashboard.h \
  %D%/data_centres.c %D%/data_centres.h \
  %D%/descriptors.c %D%/descriptors.h \
  %D%/events_kept.c %D%/events_kept.h \
  %D%/follow.c %D%/follow.h \
  %D%/hooks_kept.c %D%/hooks_kept.h \
  %D%/listen.c %D%/listen.h \
  %D%/main.c \
  %D%/passed.c %D%/passed.h \
  %D%/sandbox_account.c %D%/sandbox_account.h \
  %D%/reload.c %D%/reload.h \
  %D%/relay.c %D%/relay.h \
  %D%/schemas.c %D%/schemas.h \
  %D%/service.c %D%/service.h \
  %D%/signals.c %D%/signals.h \
  %D%/store_place.c %D%/store_place.h \
  %D%/state_dir.c %D%/state_dir.h \
  %D%/tls_clients.c %D%/tls_clients.h \
  %D%/tls_files.c %D%/tls_files.h \
  %D%/token_files.c %D%/token_files.h \
  %D%/tokens_kept.c %D%/tokens_kept.h \
  %D%/upkeep.c %D%/upkeep.h %D%/upkeep_internal.h \
  %D%/upkeep_ask.c \
  %D%/upkeep_socket.c
tgcalld_LDADD = $(MIMALLOC_LIBS) $(API_LIBS) $(WORKER_LIBS) $(STORE_LIBS) $(SANDBOX_LIBS) $(TG_LIBS) $(MT_LIBS) $(NET_LIBS) $(WIRE_LIBS) $(TL_LIBS) \
  $(TGCRYPTO_LIBS) $(BRIDGE_LIBS) $(SETTINGS_LIBS) $(BASE_LIBS) \
  $(MHD_LIBS) $(UV_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) -lpthread

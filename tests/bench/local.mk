# What a call costs: not built and not run by anything but `make bench-programs` and tests/bench/run.
EXTRA_PROGRAMS = tests/bench/exchanges tests/bench/floor tests/bench/followers tests/bench/hop tests/bench/ige tests/bench/tdlib \
  tests/bench/tl_text tests/bench/tokens
tests_bench_exchanges_CPPFLAGS = $(AM_CPPFLAGS)
tests_bench_exchanges_SOURCES = %D%/exchanges.c
tests_bench_exchanges_LDADD = $(MT_LIBS) $(BASE_LIBS) $(JANSSON_LIBS)
tests_bench_floor_CPPFLAGS = $(AM_CPPFLAGS) $(MHD_CFLAGS)
tests_bench_floor_SOURCES = %D%/floor.c
tests_bench_floor_LDADD = $(MHD_LIBS) -lpthread
tests_bench_followers_SOURCES = %D%/followers.c
tests_bench_hop_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
tests_bench_hop_SOURCES = %D%/hop.c
tests_bench_hop_LDADD = $(UV_LIBS)
tests_bench_ige_CPPFLAGS = $(AM_CPPFLAGS)
tests_bench_ige_SOURCES = %D%/ige.c
tests_bench_ige_LDADD = $(TGCRYPTO_LIBS) $(BASE_LIBS)
tests_bench_tdlib_SOURCES = %D%/tdlib.c
# Its connect() is TDLib's.
tests_bench_tdlib_LDFLAGS = $(AM_LDFLAGS) -rdynamic
tests_bench_tl_text_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_bench_tl_text_SOURCES = %D%/tl_text.c
tests_bench_tl_text_LDADD = $(TL_LIBS) $(BASE_LIBS) $(JANSSON_LIBS) -lm
tests_bench_tokens_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_bench_tokens_SOURCES = %D%/tokens.c
tests_bench_tokens_LDADD = $(BRIDGE_LIBS) $(BASE_LIBS) $(JANSSON_LIBS) -lpthread

bench-programs: $(EXTRA_PROGRAMS)
.PHONY: bench-programs
CLEANFILES += $(EXTRA_PROGRAMS)

# Who is sent what webhooks send; the check has some, too.
check_PROGRAMS += tests/bench/receivers
tests_bench_receivers_CPPFLAGS = $(AM_CPPFLAGS)
tests_bench_receivers_SOURCES = %D%/receivers.c

dist_noinst_SCRIPTS += %D%/run
EXTRA_DIST += %D%/accounts.py %D%/auto_start.py %D%/failover.py %D%/flat.py %D%/flat_large.py %D%/flat_loops.py %D%/flat_rows.py %D%/keyed.py %D%/mixed.py %D%/soak.py \
  %D%/clients.sh %D%/load.lua %D%/load.py %D%/machine.py %D%/micro.py \
  %D%/processes.py %D%/report.py %D%/scrape.py %D%/streams.py %D%/subjects.py %D%/updates.py %D%/vitals.py %D%/webhooks.py %D%/mtcute_client.mjs %D%/mtcute_direct.mjs %D%/mtcute_gateway.mjs \
  %D%/telethon_client.py %D%/telethon_direct.py %D%/telethon_gateway.py

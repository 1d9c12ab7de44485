check_PROGRAMS += tests/unit/store/test_store
TESTS += tests/unit/store/test_store
tests_unit_store_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_test_store_SOURCES = \
  %D%/bed.c %D%/bed.h \
  %D%/bed_server.c %D%/bed_server.h \
  %D%/bed_sql.c \
  %D%/db_bed.c %D%/db_bed.h \
  tests/support/a_node.h tests/support/disk.c tests/support/disk.h \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_audit.c \
  %D%/test_beside.c \
  %D%/test_intents.c \
  %D%/test_events.c \
  %D%/test_follow.c \
  %D%/test_hooks.c \
  %D%/test_kill.c \
  %D%/test_link.c \
  %D%/test_link_shared.c \
  %D%/test_heard.c \
  %D%/test_migrate.c \
  %D%/test_open.c \
  %D%/test_queue.c \
  %D%/rows_bed.c %D%/rows_bed.h \
  %D%/test_account_rows.c \
  %D%/test_rows.c \
  %D%/test_secrets.c \
  %D%/test_server.c \
  %D%/test_server_told.c \
  %D%/test_cluster_sql.c \
  %D%/test_writers.c \
  %D%/test_squeeze.c \
  %D%/test_starved.c \
  %D%/test_tokens.c \
  %D%/test_upkeep.c \
  $(STARVE_FILES)
tests_unit_store_test_store_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK) \
  -Wl,--wrap=write,--wrap=rename,--wrap=unlink,--wrap=fsync
tests_unit_store_test_store_LDADD = $(UNIT_LIBS) $(STORE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
# The same program with its stores in PostgreSQL.
dist_check_SCRIPTS += %D%/test_store_postgresql.sh
TESTS += %D%/test_store_postgresql.sh
EXTRA_DIST += tests/data/store/version-1.sql tests/data/store/version-2.sql tests/data/store/version-3.sql \
  tests/data/store/version-4.sql tests/data/store/version-5.sql tests/data/store/version-6.sql \
  tests/data/store/version-7.sql tests/data/store/version-8.sql tests/data/store/version-9.sql \
  tests/data/store/version-10.sql tests/data/store/version-11.sql tests/data/store/version-12.sql tests/data/store/version-13.sql \
  tests/data/store/version-14.sql

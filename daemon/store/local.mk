noinst_LIBRARIES += daemon/store/libstore.a
daemon_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS) $(LZ4_CFLAGS)
daemon_store_libstore_a_SOURCES = \
  %D%/account_load.c \
  %D%/account_rows.c %D%/account_rows.h \
  %D%/audit_rows.c %D%/audit_rows.h \
  %D%/away.c %D%/away.h \
  %D%/cluster_link.c %D%/cluster_link.h %D%/cluster_link_internal.h \
  %D%/cluster_orders.c %D%/cluster_seen.c \
  %D%/cluster_metrics.c %D%/cluster_metrics.h \
  %D%/cluster_sql.c %D%/cluster_sql.h \
  %D%/call_rows.c %D%/call_rows.h \
  %D%/db.c %D%/db.h %D%/db_internal.h \
  %D%/db_journal.c %D%/db_sqlite.c \
  %D%/db_pg.c %D%/db_pg.h %D%/db_pg_connect.c %D%/db_pg_dial.c %D%/db_pg_fault.c %D%/db_pg_stmt.c %D%/db_pg_wait.c \
  %D%/dc_row.c %D%/dc_row.h \
  %D%/delivery_rows.c %D%/delivery_rows.h \
  %D%/event.h \
  %D%/event_leave.c %D%/event_leave.h \
  %D%/event_load.c \
  %D%/event_pack.c %D%/event_pack.h \
  %D%/event_page.c %D%/event_page.h \
  %D%/event_rows.c %D%/event_rows.h \
  %D%/events_place.h \
  %D%/event_squeeze.c %D%/event_squeeze.h \
  %D%/event_tally.c %D%/event_tally.h \
  %D%/flood_rows.c %D%/flood_rows.h \
  %D%/follow_link.c %D%/follow_link.h \
  %D%/heard.c %D%/heard.h \
  %D%/hook_leave.c %D%/hook_leave.h \
  %D%/hook_rows.c %D%/hook_rows.h \
  %D%/intent_open.c %D%/intent_open.h \
  %D%/intent_rows.c %D%/intent_rows.h \
  %D%/key_rows.c %D%/key_rows.h \
  %D%/left.c %D%/left.h \
  %D%/lineage.c %D%/lineage.h \
  %D%/live_rows.c %D%/live_rows.h \
  %D%/load.c %D%/load.h \
  %D%/meta.c %D%/meta.h \
  %D%/migrate.c %D%/migrate.h \
  %D%/migrate_words.c %D%/migrate_words.h \
  %D%/next_key.c %D%/next_key.h \
  %D%/open.c \
  %D%/past.c %D%/past.h \
  %D%/peer_rows.c %D%/peer_rows.h \
  %D%/probe.c %D%/probe.h \
  %D%/put.c %D%/put.h \
  %D%/queue.c \
  %D%/relay_asks.c %D%/relay_link_internal.h %D%/relay_link.c %D%/relay_link.h \
  %D%/relay_route.h %D%/relay_seal.c %D%/relay_seal.h %D%/relay_sql.c %D%/relay_sql.h %D%/relay_takes.c \
  %D%/ring.c %D%/ring.h \
  %D%/run.c \
  %D%/schedule_rows.c %D%/schedule_rows.h \
  %D%/sealed.c %D%/sealed.h \
  %D%/server_facts.c %D%/server_facts.h \
  %D%/store.h %D%/store_internal.h \
  %D%/tell.c %D%/tell.h \
  %D%/token_rows.c %D%/token_rows.h \
  %D%/update_rows.c %D%/update_rows.h \
  %D%/upkeep.c %D%/upkeep.h
STORE_LIBS = daemon/store/libstore.a $(CLUSTER_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(LZ4_LIBS)

noinst_LIBRARIES += daemon/base/libbase.a
daemon_base_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(ZLIB_CFLAGS)
daemon_base_libbase_a_SOURCES = \
  %D%/address.c %D%/address.h \
  %D%/buf.c %D%/buf.h \
  %D%/civil.c %D%/civil.h \
  %D%/clock.c %D%/clock.h \
  %D%/crc32.c %D%/crc32.h \
  %D%/database_url.c %D%/database_url.h \
  %D%/digest.c %D%/digest.h \
  %D%/due.c %D%/due.h \
  %D%/err.c %D%/err.h \
  %D%/event_type.c %D%/event_type.h \
  %D%/fault.c %D%/fault.h \
  %D%/file.c %D%/file.h \
  %D%/file_read.c %D%/file_read.h \
  %D%/fill.c %D%/fill.h \
  %D%/gzip.c %D%/gzip.h \
  %D%/hex.c %D%/hex.h \
  %D%/histogram.c %D%/histogram.h \
  %D%/layer_line.c %D%/layer_line.h \
  %D%/le.h \
  %D%/lease_gate.h \
  %D%/limits.h \
  %D%/log.c %D%/log.h \
  %D%/log_line.c %D%/log_internal.h \
  %D%/log_writer.c %D%/log_writer.h \
  %D%/long_text.c %D%/long_text.h \
  %D%/meter.c %D%/meter.h %D%/meter_internal.h %D%/meter_list.h \
  %D%/metrics.c %D%/metrics.h \
  %D%/near.c %D%/near.h \
  %D%/pages.c %D%/pages.h \
  %D%/peer_link.c \
  %D%/peer_text.c %D%/peer_text.h %D%/peer_text_internal.h \
  %D%/percent.c %D%/percent.h \
  %D%/process_metrics.c %D%/process_metrics.h \
  %D%/proxy.c %D%/proxy.h %D%/proxy_secret.c %D%/proxy_internal.h \
  %D%/random.c %D%/random.h \
  %D%/secret.c %D%/secret.h \
  %D%/table.h \
  %D%/terminal_text.c %D%/terminal_text.h \
  %D%/thread.c %D%/thread.h \
  %D%/time_text.c %D%/time_text.h \
  %D%/utf8.c %D%/utf8.h
BASE_LIBS = daemon/base/libbase.a $(SODIUM_LIBS) $(ZLIB_LIBS)

noinst_LIBRARIES += daemon/wire/libwire.a
daemon_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_wire_libwire_a_SOURCES = \
  %D%/client_hello.c \
  %D%/detect.c \
  %D%/fake_tls.c %D%/fake_tls_internal.h \
  %D%/frame_abridged.c \
  %D%/frame_full.c \
  %D%/frame_intermediate.c \
  %D%/http_connect.c \
  %D%/obfuscated.c \
  %D%/socks5.c \
  %D%/tls_records.c \
  %D%/tunnel.c %D%/tunnel.h %D%/tunnel_internal.h \
  %D%/wire.c %D%/wire.h %D%/wire_internal.h
WIRE_LIBS = daemon/wire/libwire.a

noinst_LIBRARIES += daemon/mt/libmt.a
daemon_mt_libmt_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
daemon_mt_libmt_a_SOURCES = \
  %D%/auth_key.c %D%/auth_key.h \
  %D%/container.c %D%/container.h \
  %D%/handshake_client.c %D%/handshake_client.h \
  %D%/handshake_group.c \
  %D%/handshake_lies.c \
  %D%/handshake_packets.c %D%/handshake_packets.h \
  %D%/handshake_server.c %D%/handshake_server.h %D%/handshake_server_internal.h \
  %D%/handshake_server_inner.c \
  %D%/ids.h \
  %D%/msg_id.c %D%/msg_id.h \
  %D%/packed.c %D%/packed.h \
  %D%/plain.c %D%/plain.h \
  %D%/rpc_error.c %D%/rpc_error.h
MT_LIBS = daemon/mt/libmt.a $(TL_LIBS) $(TGCRYPTO_LIBS)

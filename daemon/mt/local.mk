noinst_LIBRARIES += daemon/mt/libmt.a
daemon_mt_libmt_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_mt_libmt_a_SOURCES = \
  %D%/acks.c %D%/acks.h \
  %D%/auth_key.c %D%/auth_key.h \
  %D%/bind.c %D%/bind.h \
  %D%/container.c %D%/container.h \
  %D%/dispatch.c \
  %D%/handshake_client.c %D%/handshake_client.h \
  %D%/handshake_client_internal.h \
  %D%/handshake_client_pq.c \
  %D%/handshake_group.c \
  %D%/handshake_lies.c \
  %D%/handshake_packets.c %D%/handshake_packets.h \
  %D%/handshake_server.c %D%/handshake_server.h \
  %D%/handshake_server_inner.c \
  %D%/handshake_server_internal.h \
  %D%/handshake_server_pq.c \
  %D%/id_map.c %D%/id_map.h \
  %D%/ids.h \
  %D%/msg_id.c %D%/msg_id.h \
  %D%/on_bad_msg.c \
  %D%/on_detailed.c \
  %D%/on_new_session.c \
  %D%/on_pong.c \
  %D%/on_result.c \
  %D%/on_salts.c \
  %D%/on_state.c \
  %D%/outbox.c \
  %D%/packed.c %D%/packed.h \
  %D%/ping.c \
  %D%/plain.c %D%/plain.h \
  %D%/request.c %D%/request.h \
  %D%/rpc_error.c %D%/rpc_error.h \
  %D%/salts.c %D%/salts.h \
  %D%/session.c %D%/session.h \
  %D%/session_id.c \
  %D%/session_internal.h \
  %D%/session_key.c \
  %D%/sent.c %D%/sent.h \
  %D%/session_proof.c \
  %D%/session_read.c \
  %D%/session_salt.c \
  %D%/session_time.c \
  %D%/session_write.c \
  %D%/window.c %D%/window.h
MT_LIBS = daemon/mt/libmt.a $(TL_LIBS) $(TGCRYPTO_LIBS)

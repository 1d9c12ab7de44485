noinst_LIBRARIES += daemon/tl/libtl.a
daemon_tl_libtl_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tl_libtl_a_SOURCES = \
  %D%/arena.c %D%/arena.h \
  %D%/base64.c %D%/base64.h \
  %D%/encode.c %D%/encode.h %D%/encode_internal.h \
  %D%/encode_scalar.c \
  %D%/guess.c %D%/guess.h \
  %D%/ident.c %D%/ident.h \
  %D%/lex.c %D%/lex.h \
  %D%/link.c %D%/link_expr.c %D%/link_params.c \
  %D%/model.h \
  %D%/names.c %D%/names.h \
  %D%/number_text.c %D%/number_text.h \
  %D%/outline.c %D%/outline.h \
  %D%/parse.c %D%/parse.h \
  %D%/parse_type.c \
  %D%/pass_over.c \
  %D%/reader.c %D%/reader.h \
  %D%/schema.c %D%/schema.h %D%/schema_internal.h \
  %D%/text.c %D%/text.h \
  %D%/tree.c %D%/tree.h \
  %D%/values.c %D%/values.h \
  %D%/visit_members.c \
  %D%/visit_peers.c \
  %D%/walk.c %D%/walk.h \
  %D%/writer.c %D%/writer.h
TL_LIBS = daemon/tl/libtl.a

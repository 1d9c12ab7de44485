noinst_LIBRARIES += daemon/wire/libwire.a
daemon_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_wire_libwire_a_SOURCES = \
  %D%/detect.c \
  %D%/frame_abridged.c \
  %D%/frame_full.c \
  %D%/frame_intermediate.c \
  %D%/obfuscated.c \
  %D%/wire.c %D%/wire.h %D%/wire_internal.h
WIRE_LIBS = daemon/wire/libwire.a

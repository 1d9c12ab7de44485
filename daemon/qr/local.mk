# QR codes.
noinst_LIBRARIES += daemon/qr/libqr.a
daemon_qr_libqr_a_CPPFLAGS = $(AM_CPPFLAGS) $(QRENCODE_CFLAGS)
daemon_qr_libqr_a_SOURCES = \
  %D%/qr.h %D%/qr_internal.h \
  %D%/qr_make.c \
  %D%/qr_svg.c \
  %D%/qr_terminal.c
QR_LIBS = daemon/qr/libqr.a $(QRENCODE_LIBS)

/* The modules of one code, which both pictures are made of. */
#ifndef TGCALLD_QR_QR_INTERNAL_H
#define TGCALLD_QR_QR_INTERNAL_H

#include <stdbool.h>

#include <qrencode.h>

#include "daemon/base/err.h"

/* ISO/IEC 18004, 9.1: white on each side. */
enum { QR_QUIET = 4 };

/* How much of it may be unreadable: a page has room, a terminal has not. */
enum qr_care { QR_FOR_PAGE, QR_FOR_TERMINAL };

/* QRcode_free() frees. TGC_EINVAL, TGC_ELIMIT, TGC_ENOMEM. */
int qr_make(const char *text, enum qr_care care, QRcode **ret) TGC_MUST;

/* Modules a side, the quiet zone included. */
static inline int qr_side(const QRcode *code)
{
    return code->width + 2 * QR_QUIET;
}

/* Whether the module is black; what lies in the quiet zone or outside is not. */
bool qr_is_black(const QRcode *code, int x, int y);

#endif

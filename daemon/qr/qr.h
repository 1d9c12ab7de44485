/* A text as a QR code (ISO/IEC 18004), to be scanned off a page or a terminal: black on white, with the quiet zone of
 * four modules that the standard wants. libqrencode has its home here. No state; any thread. */
#ifndef TGCALLD_QR_QR_H
#define TGCALLD_QR_QR_H

#include "daemon/base/buf.h"

/* How a terminal can show one. */
enum qr_look {
    QR_BLOCKS, /* half blocks (UTF-8), two modules a character one upon the other; colours by escapes */
    QR_SPACES, /* ASCII alone: coloured spaces, two a module */
};

/* What a terminal shows of it. */
struct qr_size {
    unsigned columns, lines;
};

/* Appends TEXT (1..LIMIT_QR_TEXT bytes) as one SVG element without script, style or anything from elsewhere.
 * TGC_ELIMIT: too long, or OUT is full; TGC_EINVAL: empty; TGC_ENOMEM. */
int qr_svg(const char *text, struct buf *out) TGC_MUST;

/* Appends TEXT as lines, each with its colours set at its start and reset before its line break, so that they are told
 * from dark and from light terminals alike, and whatever ends in between leaves the terminal as it was. */
int qr_terminal(const char *text, enum qr_look look, struct buf *out, struct qr_size *ret_size) TGC_MUST;

#endif

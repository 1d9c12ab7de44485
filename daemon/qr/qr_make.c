#include "daemon/qr/qr_internal.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/limits.h"

int qr_make(const char *text, enum qr_care care, QRcode **ret)
{
    size_t len = strlen(text);

    if (len == 0)
        return TGC_EINVAL;
    if (len > LIMIT_QR_TEXT)
        return TGC_ELIMIT;
    QRcode *code =
        QRcode_encodeData((int)len, (const unsigned char *)text, 0, care == QR_FOR_PAGE ? QR_ECLEVEL_M : QR_ECLEVEL_L);
    if (!code)
        return errno == ERANGE ? TGC_ELIMIT : TGC_ENOMEM;
    *ret = code;
    return 0;
}

bool qr_is_black(const QRcode *code, int x, int y)
{
    x -= QR_QUIET;
    y -= QR_QUIET;
    /* libqrencode: the lowest bit is the colour, the others say what the module is for. */
    return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & 1);
}

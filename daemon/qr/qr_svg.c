#include "daemon/qr/qr.h"
#include "daemon/qr/qr_internal.h"

/* Pixels a module, for who shows it without saying how large. */
enum { MODULE = 8 };

/* Each run of black modules is one rectangle of the path: seams between modules would be grey on some screens. */
static void put_row(const QRcode *code, int y, struct buf *out)
{
    for (int x = 0, end; x < qr_side(code); x = end + 1) {
        end = x;
        while (qr_is_black(code, end, y))
            end++;
        if (end > x)
            buf_printf(out, "M%d %dh%dv1h-%dz", x, y, end - x, end - x);
    }
}

int qr_svg(const char *text, struct buf *out)
{
    QRcode *code;
    int err = qr_make(text, QR_FOR_PAGE, &code);

    if (err)
        return err;
    int side = qr_side(code);
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path fill=\"#000\" d=\"",
               side, side, side * MODULE, side * MODULE, side, side, side);
    for (int y = 0; y < side; y++)
        put_row(code, y, out);
    buf_put_text(out, "\"/></svg>");
    QRcode_free(code);
    return buf_err(out);
}

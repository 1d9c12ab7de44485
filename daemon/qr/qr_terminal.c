#include "daemon/qr/qr.h"
#include "daemon/qr/qr_internal.h"

/* Of the 256 colours: no theme of a terminal makes something else of these two. */
#define BLACK "16"
#define WHITE "231"
#define INK "\033[38;5;" BLACK "m"
#define ON(colour) "\033[48;5;" colour "m"
#define RESET "\033[0m"

/* By whether the upper and the lower module are black: ink is black. */
static const char *const blocks[2][2] = {{" ", "▄"}, {"▀", "█"}};

static unsigned put_blocks(const QRcode *code, struct buf *out)
{
    int side = qr_side(code);

    for (int y = 0; y < side; y += 2) {
        buf_put_text(out, INK ON(WHITE));
        for (int x = 0; x < side; x++)
            buf_put_text(out, blocks[qr_is_black(code, x, y)][qr_is_black(code, x, y + 1)]);
        buf_put_text(out, RESET "\n");
    }
    return (unsigned)(side + 1) / 2;
}

static unsigned put_spaces(const QRcode *code, struct buf *out)
{
    int side = qr_side(code);

    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            if (x == 0 || qr_is_black(code, x, y) != qr_is_black(code, x - 1, y))
                buf_put_text(out, qr_is_black(code, x, y) ? ON(BLACK) : ON(WHITE));
            buf_put_text(out, "  ");
        }
        buf_put_text(out, RESET "\n");
    }
    return (unsigned)side;
}

int qr_terminal(const char *text, enum qr_look look, struct buf *out, struct qr_size *ret_size)
{
    struct qr_size size;
    QRcode *code;
    int err = qr_make(text, QR_FOR_TERMINAL, &code);

    if (err)
        return err;
    size.columns = (unsigned)qr_side(code) * (look == QR_SPACES ? 2 : 1);
    size.lines = look == QR_SPACES ? put_spaces(code, out) : put_blocks(code, out);
    QRcode_free(code);
    if (buf_err(out))
        return buf_err(out);
    *ret_size = size;
    return 0;
}

#include "tests/fuzz/edits.h"

void edits_apply(struct feed *f, struct buf *b)
{
    unsigned count = feed_u8(f) & 7;

    while (count-- > 0) {
        uint16_t at = feed_u16(f);
        uint8_t change = feed_u8(f);
        if (b->len)
            b->data[at % b->len] ^= change;
    }
    int grow = (int8_t)feed_u8(f);
    if (grow > 0)
        buf_put_zero(b, (size_t)grow);
    else
        buf_cut(b, b->len > (size_t)-grow ? b->len - (size_t)-grow : 0);
}

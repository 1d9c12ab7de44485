#include "tests/unit/store/rows_bed.h"

#include <string.h>

struct bed_heard h;

void rows_set_up(void)
{
    bed_set_up();
    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    memset(&h, 0, sizeof(h));
}

void put_is(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

void reopen(void)
{
    bed_close();
    bed_open();
}

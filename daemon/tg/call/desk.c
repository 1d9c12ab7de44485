#include "daemon/tg/call/desk.h"

#include <stdlib.h>

static void desk_free(void *kept)
{
    struct tg_desk *desk = kept;

    if (desk->end_line)
        desk->end_line(desk);
    tg_unsettled_fini(&desk->unsettled);
    free(desk);
}

struct tg_desk *tg_desk_of(struct tg_account *a)
{
    struct tg_desk *desk = tg_account_kept(a);

    if (desk)
        return desk;
    desk = calloc(1, sizeof(*desk));
    if (desk)
        tg_account_keep(a, desk, desk_free);
    return desk;
}

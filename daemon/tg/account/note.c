#include "daemon/tg/account/note.h"

#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/keeper.h"

void tg_account_note(struct tg_account *a)
{
    const struct tg_keeper *keeper = a->env->keeper;

    if (a->is_noted || !keeper)
        return;
    a->is_noted = true;
    keeper->noted(keeper->ctx, a);
}

bool tg_account_take_note(struct tg_account *a)
{
    bool is_noted = a->is_noted;

    a->is_noted = false;
    return is_noted;
}

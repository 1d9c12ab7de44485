/* The time that an account's schedules go by. */
#include "daemon/worker/schedule_internal.h"

bool schedule_time(struct worker *w, const char *account, int64_t *ret)
{
    const struct tg_account *a = accounts_find(&w->accounts, account);

    if (a && tg_account_server_us(a, ret))
        return true;
    *ret = clock_wall_us(w->env.clock);
    return false;
}

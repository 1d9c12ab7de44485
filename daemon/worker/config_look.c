/* Telegram's config is asked for when it expires, whether or not an account does something at that time: every so often
 * one that is online is made to look (tg/dc_learnt.h says whether it is time). */
#include "daemon/worker/worker_internal.h"

enum { LOOK_S = 60 };

static void set_timer(struct worker *w)
{
    net_timer_set(w->config_look, clock_mono_us(w->env.clock) + LOOK_S * SECOND_US);
}

/* Another one each time: where one cannot ask, the next may. */
static void on_time(void *ctx)
{
    struct worker *w = ctx;
    size_t n = w->accounts.n;

    set_timer(w);
    for (size_t i = 0; i < n; i++) {
        struct tg_account *account = w->accounts.sorted[w->config_turn++ % n];
        if (tg_account_is_online(account)) {
            tg_account_look_at_config(account);
            return;
        }
    }
}

int config_look_init(struct worker *w)
{
    return net_timer_new(w->loop, on_time, w, &w->config_look);
}

void config_look_start(struct worker *w)
{
    if (w->env.learnt)
        set_timer(w);
}

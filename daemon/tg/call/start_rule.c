#include "daemon/tg/call/start_rule.h"

#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/tg/account/retry.h"

/* A pause doubles from one to the other. */
enum { PAUSE_FIRST_S = 1, PAUSE_MOST_S = 30 };

enum start_word start_judge(const struct start_facts *f, int64_t *ret_wait_us)
{
    int64_t date_us = f->date * SECOND_US, now_us = f->knows_time ? f->server_us : f->wall_us;

    if (!f->knows_time && f->can_ask)
        return START_ASK;
    if (now_us > date_us + f->late_max_us)
        return START_MISSED;
    if (now_us >= date_us)
        return START_ASK;
    *ret_wait_us = date_us - now_us;
    return START_WAIT;
}

static int64_t pause_us(unsigned tries)
{
    unsigned s = tries < 5 ? PAUSE_FIRST_S << tries : PAUSE_MOST_S;

    return (s < PAUSE_MOST_S ? s : PAUSE_MOST_S) * SECOND_US;
}

enum start_next start_after(const struct tg_answer *answer, unsigned tries, int64_t *ret_wait_us)
{
    bool is_refusal = answer && answer->outcome == TG_RPC_ERROR;

    *ret_wait_us = pause_us(tries);
    /* The deadline of what waited for a connection was its pause. */
    if (answer && answer->outcome == TG_NO_ANSWER && answer->err == TGC_ETIMEOUT)
        *ret_wait_us = 0;
    if (!is_refusal)
        return START_AGAIN;
    switch (tg_retry_judge(answer->error)) {
    case TG_REACT_WAIT:
        *ret_wait_us = tg_retry_wait_s(answer->error) * SECOND_US;
        return START_AGAIN;
    case TG_REACT_GIVE:
        return answer->error->code >= 400 && answer->error->code < 500 ? START_REFUSED : START_AGAIN;
    default: /* of the server, or of the login, which may come back in time */
        return START_AGAIN;
    }
}

void start_describe(const struct tg_trouble *t, char out[static START_WHY_SIZE])
{
    if (t->answer && t->answer->outcome == TG_RPC_ERROR)
        snprintf(out, START_WHY_SIZE, "Telegram refused it: %s", t->answer->error->message);
    else if (t->answer)
        snprintf(out, START_WHY_SIZE, "Telegram did not answer: %s", t->answer->detail);
    else
        snprintf(out, START_WHY_SIZE, "%s could not be asked: %s", t->method,
                 t->fault && t->fault->text[0] ? t->fault->text : tgc_err_text(t->err));
}

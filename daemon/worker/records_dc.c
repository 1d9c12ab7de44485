/* What Telegram says of where its data centres are outlives the process too: it is the process's, so whichever worker
 * hears of it keeps it, and each finds it at its start. */
#include "daemon/base/log.h"
#include "daemon/store/dc_row.h"
#include "daemon/tg/dc_learnt.h"
#include "daemon/worker/records_internal.h"

static void on_kept(void *ctx, int err, const char *why)
{
    struct records *r = ctx;

    r->asked_n--;
    if (err)
        log_warning("worker", "where Telegram's data centres are could not be kept: %s", why ? why : tgc_err_text(err));
}

void records_keep_dc_options(void *ctx)
{
    struct records *r = ctx;
    struct buf text;

    buf_init(&text, STORE_DC_OPTIONS_MAX);
    int err = dc_learnt_write(r->host.env->learnt, &text);
    if (!err)
        err = buf_put_byte(&text, '\0');
    if (!err)
        err = store_put_dc_options(r->desk, (const char *)text.data, on_kept, r);
    buf_fini(&text);
    if (!err)
        r->asked_n++;
    else
        log_warning("worker", "where Telegram's data centres are could not be kept: %s", tgc_err_text(err));
}

static void on_loaded(void *ctx, int err, const char *why, const char *text)
{
    struct records *r = ctx;
    const struct tg_env *env = r->host.env;

    r->asked_n--;
    if (!err && text[0])
        err = dc_learnt_restore(env->learnt, text, tg_now(env), clock_wall_us(env->clock));
    /* It only spares a detour. */
    if (err)
        log_warning("worker",
                    "where Telegram's data centres were last is not to be read (%s): the usual addresses are used",
                    why ? why : tgc_err_text(err));
}

void records_load_dc_options(struct records *r)
{
    if (!r->host.env->learnt)
        return;
    int err = store_load_dc_options(r->desk, on_loaded, r);
    if (!err)
        r->asked_n++;
    else
        log_warning("worker", "where Telegram's data centres were last is not asked for: %s", tgc_err_text(err));
}

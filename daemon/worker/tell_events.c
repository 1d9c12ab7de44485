#include "daemon/worker/tell_events.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/account/account.h"
#include "daemon/tl/text.h"
#include "daemon/worker/service_notice.h"
#include "daemon/worker/tell_internal.h"

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

int tell_events_new(struct event_log *log, const struct tl_schema *schema, const struct clock_source *clock,
                    struct tell_events **ret)
{
    struct tell_events *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    *t = (struct tell_events){.log = log, .schema = schema, .clock = clock};
    int err = tell_beside_new(schema, &t->beside);
    if (err) {
        free(t);
        return err;
    }
    buf_init(&t->text, LIMIT_EVENT);
    *ret = t;
    return 0;
}

void tell_events_free(struct tell_events *t)
{
    if (!t)
        return;
    buf_fini_secret(&t->text);
    tell_beside_free(t->beside);
    free(t);
}

/* --- what all events have --- */

int64_t tell_begin(struct tell_events *t, const char *account)
{
    int64_t now_s = clock_wall_us(t->clock) / SECOND_US;

    buf_reset(&t->text);
    PUT(&t->text, "{\"account\":");
    tl_text_put_string(&t->text, account, strlen(account));
    PUT(&t->text, ",\"received_at\":");
    tl_text_put_number(&t->text, now_s);
    return now_s;
}

void tell_end(struct tell_events *t, const char *account, const char *type, int64_t received_at)
{
    buf_put_byte(&t->text, '}');
    if (buf_err(&t->text)) {
        log_warning("worker", "account %s: an event (%s) is lost: %s", account, type, tgc_err_text(buf_err(&t->text)));
        event_log_lose(t->log, account);
        return;
    }
    event_log_append(t->log, &(struct event_words){.account = account,
                                                   .type = type,
                                                   .received_at = received_at,
                                                   .data = (const char *)t->text.data,
                                                   .len = t->text.len});
}

void tell_change_begin(struct buf *out, bool *any, const char *name)
{
    if (*any)
        PUT(out, ",\"");
    else
        PUT(out, ",\"changed\":{\"");
    *any = true;
    buf_put_text(out, name);
    PUT(out, "\":{");
}

void tell_change_end(struct buf *out)
{
    buf_put_byte(out, '}');
}

void tell_old(struct buf *out)
{
    PUT(out, "\"old\":");
}

void tell_new(struct buf *out, bool has_old)
{
    if (has_old)
        PUT(out, ",\"new\":");
    else
        PUT(out, "\"new\":");
}

void tell_changes_end(struct buf *out, bool any)
{
    if (any)
        buf_put_byte(out, '}');
}

/* --- accounts --- */

static void put_text(struct buf *out, const char *text)
{
    tl_text_put_string(out, text, strlen(text));
}

/* Texts, "" for none. */
static void change_text(struct buf *out, bool *any, const char *name, const char *before, const char *now)
{
    if (strcmp(before, now) == 0)
        return;
    tell_change_begin(out, any, name);
    if (before[0]) {
        tell_old(out);
        put_text(out, before);
    }
    if (now[0]) {
        tell_new(out, before[0] != '\0');
        put_text(out, now);
    }
    tell_change_end(out);
}

static void put_state(struct buf *out, const struct tg_account *account)
{
    const char *reason = tg_account_reason(account);

    PUT(out, ",\"state\":");
    put_text(out, tg_account_state_text(tg_account_state(account)));
    if (reason) {
        PUT(out, ",\"reason\":");
        put_text(out, reason);
    }
}

void tell_account_made(struct tell_events *t, struct tg_account *account)
{
    const char *name = tg_account_name(account);
    int64_t at = tell_begin(t, name);

    PUT(&t->text, ",\"what\":\"made\"");
    put_state(&t->text, account);
    tell_end(t, name, "account", at);
}

void tell_account_forgotten(struct tell_events *t, const char *account)
{
    int64_t at = tell_begin(t, account);

    PUT(&t->text, ",\"what\":\"forgotten\"");
    tell_end(t, account, "account", at);
}

void tell_account(struct tell_events *t, struct tg_account *account, int state_before, const char *reason_before)
{
    const char *name = tg_account_name(account), *reason = tg_account_reason(account);
    int64_t at = tell_begin(t, name);
    bool any = false;

    PUT(&t->text, ",\"what\":\"changed\"");
    put_state(&t->text, account);
    change_text(&t->text, &any, "state", tg_account_state_text((enum tg_account_state)state_before),
                tg_account_state_text(tg_account_state(account)));
    change_text(&t->text, &any, "reason", reason_before, reason ? reason : "");
    tell_changes_end(&t->text, any);
    if (any)
        tell_end(t, name, "account", at);
}

/* --- updates --- */

void tell_update(struct tell_events *t, struct tg_account *account, const struct tg_update *update)
{
    if (update_is_service_notice(t->schema, update))
        return;
    const char *name = tg_account_name(account);
    int64_t at = tell_begin(t, name);

    PUT(&t->text, ",\"update\":");
    int err = tl_text_object(t->schema, update->data, update->len, &t->text, NULL, NULL);
    if (err && !buf_err(&t->text)) {
        log_warning("worker", "account %s: an update (%s) is not told: %s", name, update->comb->name,
                    tgc_err_text(err));
        event_log_lose(t->log, name);
        return;
    }
    tell_beside_put(t->beside, update, &t->text);
    tell_end(t, name, update->comb->name, at);
}

void tell_updates_missed(struct tell_events *t, struct tg_account *account, int64_t channel_id)
{
    (void)channel_id;
    event_log_lose(t->log, tg_account_name(account));
}

void tell_job(struct tell_events *t, const char *account, const char *job, size_t len)
{
    int64_t received_at = tell_begin(t, account);

    PUT(&t->text, ",\"job\":");
    buf_put(&t->text, job, len);
    tell_end(t, account, "job", received_at);
}

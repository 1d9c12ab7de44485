/* A webhook's tries: which event is next for it, what is sent, and what follows of the answer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/hook/again.h"
#include "daemon/hook/body.h"
#include "daemon/hook/thread_internal.h"

/* PASSED_MAX: events that one webhook passes over in a round, which holds the lock. */
enum { PASSED_MAX = 256, RETRY_S = 1, SLOW_MS = 1000, BODY_EXTRA = 256 };

/* --- beginning a try --- */

/* Receivers that did not answer the last time, or not soon, may all do so again: some are kept for the others. */
static bool has_place(const struct hook_thread *t, const struct hook *hook)
{
    unsigned parallel = t->hooks->config.parallel, most = parallel > 1 ? parallel / 2 : 1;

    return t->sending < parallel && (!hook->line.is_troubled || t->sending_troubled < most);
}

static int64_t slow_us(const struct hook_thread *t)
{
    return (t->hooks->config.slow_ms ? t->hooks->config.slow_ms : SLOW_MS) * INT64_C(1000);
}

static void leave_place(struct hook_thread *t, struct hook_feed *f)
{
    t->sending -= f->has_place;
    t->sending_troubled -= f->has_place && f->was_troubled;
    f->has_place = false;
}

/* One that takes long goes on beside the others, which may be quick. */
static void look_at_clock(struct hook_thread *t, struct hook_feed *f, int64_t now_us)
{
    if (now_us < f->slow_at_us) {
        hook_thread_want_by(t, f->slow_at_us);
    } else if (f->has_place) {
        leave_place(t, f);
        hook_thread_want_by(t, now_us); /* who was looked at before may have it */
    }
}

static int post(struct hook_thread *t, struct hook *hook, const char *id, const struct hook_event *e)
{
    struct hooks *h = t->hooks;
    struct buf body;
    char signature[HOOK_SIGNATURE_TEXT];
    struct hook_letter letter = {
        .url = hook->url, .id = id, .signature = signature, .timestamp = clock_wall_us(h->config.clock) / SECOND_US};

    buf_init(&body, LIMIT_EVENT + BODY_EXTRA);
    int err = hook_body_put(&body, e->type, e->received_at, e->data, e->len);
    if (!err)
        err = hook_sign(&hook->secrets, id, letter.timestamp, body.data, body.len, signature);
    if (err) {
        buf_fini(&body);
        return err;
    }
    letter.body = buf_take(&body, &letter.len);
    return hook_sender_post(t->sender, &letter, hook);
}

static bool begin(struct hook_thread *t, struct hook *hook, enum hook_kind kind, const char *id,
                  const struct hook_event *e)
{
    struct hook_feed *f = hook->feed;
    int64_t now_us = clock_mono_us(t->hooks->config.clock);

    if (post(t, hook, id, e) != 0) {
        f->not_before_us = now_us + RETRY_S * SECOND_US;
        hook_thread_want_by(t, f->not_before_us);
        return false;
    }
    f->is_sending = true;
    f->kind = kind;
    f->event_id = e->id;
    f->begun_us = clock_wall_us(t->hooks->config.clock);
    f->hurries = hook->hurries;
    f->was_troubled = hook->line.is_troubled;
    snprintf(f->account, sizeof(f->account), "%s", e->account);
    f->has_place = true;
    f->slow_at_us = now_us + slow_us(t);
    hook_thread_want_by(t, f->slow_at_us);
    t->sending++;
    t->sending_troubled += f->was_troubled;
    return true;
}

static void begin_test(struct hook_thread *t, struct hook *hook)
{
    int64_t now = clock_wall_us(t->hooks->config.clock) / SECOND_US;
    char id[HOOK_ID_TEXT], data[160];

    snprintf(id, sizeof(id), "test_%" PRId64, hook->tests[0]);
    int len = snprintf(data, sizeof(data), "{\"received_at\":%" PRId64 ",\"webhook\":\"%s\"}", now, hook->name);
    (void)begin(t, hook, HOOK_TEST, id,
                &(struct hook_event){
                    .account = "", .type = "webhook.test", .received_at = now, .data = data, .len = (size_t)len});
}

/* Who asks for a replay is told, before its answer, of what is sent now. */
static void note_for_replays(struct hook_thread *t, struct hook *hook, uint64_t id)
{
    for (struct hook_marking *m = hook->markings; m; m = m->next)
        if (id > m->after && id <= m->until && !m->err)
            m->err = hook_keep_again(t->keep, hook, id);
}

static void begin_event(struct hook_thread *t, struct hook *hook, enum hook_kind kind, const struct hook_event *e)
{
    char id[HOOK_ID_TEXT];

    snprintf(id, sizeof(id), "%" PRIu64, e->id);
    if (!begin(t, hook, kind, id, e))
        return;
    hook->feed->is_asked_again = false;
    if (kind == HOOK_NEXT)
        note_for_replays(t, hook, e->id);
    hook_line_try(&hook->line, e->id);
    hook->head_at = e->received_at;
}

/* A gap of nobody's may hide events of anybody. */
static bool is_wanted(const struct hooks *h, const struct hook *hook, const struct hook_event *e)
{
    if (hook->account[0] && strcmp(hook->account, e->account) != 0 && (e->account[0] || strcmp(e->type, "gap") != 0))
        return false;
    return hook_types_have(&hook->types, e->type) && !hooks_is_forgotten(h, e->account, e->id);
}

/* --- what is next --- */

/* A database that was put back knows less than the webhook does: it starts anew from what there is. */
static void start_anew(struct hook_thread *t, struct hook *hook, uint64_t newest)
{
    log_warning("hook", "webhook %s: the event log was put back to an older state, and what came since is not known",
                hook->name);
    hook->line = (struct hook_line){.cursor = newest};
    hook_keep_place(t->keep, hook);
}

static void look_further(struct hook_thread *t, struct hook *hook, enum hook_feed_found found, int64_t now_us)
{
    const struct hook_source *source = &t->hooks->config.source;
    uint64_t newest;

    switch (found) {
    case HOOK_FEED_NONE:
        newest = source->newest(source->ctx);
        if (hook->line.cursor > newest)
            start_anew(t, hook, newest);
        hook_feed_forget_page(hook->feed);
        break;
    case HOOK_FEED_FAILED:
        hook->feed->not_before_us = now_us + RETRY_S * SECOND_US;
        hook_thread_want_by(t, hook->feed->not_before_us);
        break;
    default:
        break;
    }
}

static void go_on(struct hook_thread *t, struct hook *hook, int64_t now_us)
{
    struct hook_event e;
    uint64_t up_to;

    for (unsigned i = 0; i < PASSED_MAX; i++) {
        enum hook_feed_found found = hook_feed_next(t->hooks, hook, t->desk, hook->line.cursor, &e, &up_to);
        if (found == HOOK_FEED_SKIP) {
            hook_line_pass(&hook->line, up_to);
        } else if (found != HOOK_FEED_EVENT) {
            look_further(t, hook, found, now_us);
            return;
        } else if (is_wanted(t->hooks, hook, &e)) {
            begin_event(t, hook, HOOK_NEXT, &e);
            hook_feed_drop(t->hooks, &e);
            return;
        } else {
            hook_line_pass(&hook->line, e.id);
            hook_feed_drop(t->hooks, &e);
        }
        hook_keep_place(t->keep, hook);
    }
    hook_thread_want_by(t, now_us);
}

/* False: there is nothing to go back to for now. */
static bool go_back(struct hook_thread *t, struct hook *hook, int64_t now_us)
{
    struct hook_feed *f = hook->feed;
    struct hook_event e;
    uint64_t id, up_to;

    while (hook_again_next(f, &id)) {
        enum hook_feed_found found = hook_feed_next(t->hooks, hook, t->desk, id - 1, &e, &up_to);
        if (found == HOOK_FEED_LOADING || found == HOOK_FEED_FAILED) {
            look_further(t, hook, found, now_us);
            return true;
        }
        bool is_it =
            found == HOOK_FEED_EVENT && e.id == id && !e.is_made && !hooks_is_forgotten(t->hooks, e.account, id);
        if (is_it)
            begin_event(t, hook, HOOK_ONCE_MORE, &e);
        if (found == HOOK_FEED_EVENT)
            hook_feed_drop(t->hooks, &e);
        if (is_it)
            return true;
        /* It is not there any more; a gap that ends there was never sent by that id. */
        if (hook->line.head == id) {
            hook_line_pass(&hook->line, id);
            hook_keep_place(t->keep, hook);
        }
        hook_again_done(f);
    }
    hook_thread_want_by(t, hook_again_write(t->hooks, hook, t->desk));
    if (!hook_again_is_written(f))
        return false;
    if (hook_again_load(t->hooks, hook, t->desk) != 0)
        look_further(t, hook, HOOK_FEED_FAILED, now_us);
    return true;
}

void hook_deliver_look(struct hook_thread *t, struct hook *hook, int64_t now_us)
{
    struct hook_feed *f = hook->feed;

    if (!f && !(f = hook->feed = calloc(1, sizeof(*f)))) {
        hook_thread_want_by(t, now_us + RETRY_S * SECOND_US);
        return;
    }
    hook_thread_want_by(t, hook_again_write(t->hooks, hook, t->desk));
    if (hook->state_is_changed)
        hook_keep_place(t->keep, hook);
    if (f->is_sending)
        look_at_clock(t, f, now_us);
    if (f->is_sending || f->is_loading)
        return;
    if (now_us < f->not_before_us) {
        hook_thread_want_by(t, f->not_before_us);
        return;
    }
    if (hook->tests_n && has_place(t, hook)) {
        begin_test(t, hook);
        return;
    }
    if (hook->state != HOOK_ACTIVE) {
        hook_feed_forget_page(f);
        return;
    }
    if (!hook_line_is_due(&hook->line, now_us)) {
        hook_feed_forget_page(f);
        hook_thread_want_by(t, hook->line.due_us);
        return;
    }
    if (!has_place(t, hook))
        return;
    if (!hook->has_again || hook->line.head > hook->line.cursor || !go_back(t, hook, now_us))
        go_on(t, hook, now_us);
}

/* --- what came of a try --- */

static void note(struct hook_thread *t, struct hook *hook, const struct hook_reply *r, int64_t number, int state)
{
    static const enum meter_number numbers[] = {METER_HOOK_DELIVERED, METER_HOOK_RETRIED, METER_HOOK_FAILED};
    const struct hook_feed *f = hook->feed;
    const struct store_delivery row = {.hook_id = hook->id,
                                       .n = ++hook->deliveries,
                                       .event_id = f->kind == HOOK_TEST ? -hook->tests[0] : (int64_t)f->event_id,
                                       .number = number,
                                       .at_us = f->begun_us,
                                       .took_ms = r->took_ms,
                                       .status = r->status,
                                       .state = state,
                                       .error = r->error[0] ? r->error : NULL};

    meter_add(t->hooks->config.meter, numbers[state], 1);
    hook_keep_try(t->keep, &row);
    hook->last_at = f->begun_us / SECOND_US;
    hook->last_status = r->status;
    snprintf(hook->last_error, sizeof(hook->last_error), "%s", r->error);
}

static void disable(struct hook_thread *t, struct hook *hook)
{
    static const char why[] = "its receiver answered 410 Gone";

    log_warning("hook", "webhook %s is disabled: %s", hook->name, why);
    hooks_set_state(t->hooks, hook, HOOK_DISABLED, why);
    hook->state_is_changed = true;
}

static void end_event(struct hook_thread *t, struct hook *hook, const struct hook_reply *r)
{
    static const int states[] = {[HOOK_DELIVERED] = STORE_DELIVERED,
                                 [HOOK_GONE] = STORE_DELIVERY_RETRIED,
                                 [HOOK_AGAIN] = STORE_DELIVERY_RETRIED,
                                 [HOOK_FAILED] = STORE_DELIVERY_FAILED};
    int64_t number = hook->line.tries + 1;
    const struct hook_line_answer answer = {
        .status = r->status, .retry_after_s = r->retry_after_s, .was_changed = hook->hurries != hook->feed->hurries};
    enum hook_outcome outcome =
        hook_line_end(&hook->line, &answer, clock_mono_us(t->hooks->config.clock), random_u32(t->hooks->config.random));

    hook->line.is_troubled |= r->took_ms * INT64_C(1000) > slow_us(t);
    note(t, hook, r, number, states[outcome]);
    if (hook->feed->kind == HOOK_ONCE_MORE && !hook->feed->is_asked_again &&
        (outcome == HOOK_DELIVERED || outcome == HOOK_FAILED))
        hook_again_done(hook->feed);
    if (outcome == HOOK_GONE && hook->state == HOOK_ACTIVE)
        disable(t, hook);
    hook_keep_place(t->keep, hook);
}

static void end_test(struct hook_thread *t, struct hook *hook, const struct hook_reply *r)
{
    note(t, hook, r, 1, hook_outcome_of(r->status, 1) == HOOK_DELIVERED ? STORE_DELIVERED : STORE_DELIVERY_FAILED);
    hook->tests_n--;
    memmove(&hook->tests[0], &hook->tests[1], hook->tests_n * sizeof(hook->tests[0]));
}

void hook_deliver_give_place_back(struct hook_thread *t, struct hook_feed *f)
{
    f->is_sending = false;
    leave_place(t, f);
}

void hook_deliver_end(struct hook_thread *t)
{
    struct hook_reply r;

    while (hook_sender_take(t->sender, &r)) {
        struct hook *hook = r.ctx;
        hook_deliver_give_place_back(t, hook->feed);
        if (hook->is_gone)
            continue;
        if (hook->feed->kind == HOOK_TEST)
            end_test(t, hook, &r);
        else
            end_event(t, hook, &r);
    }
}

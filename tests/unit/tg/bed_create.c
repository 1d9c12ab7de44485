#include "tests/unit/tg/bed_create.h"

#include <stdio.h>

#include <check.h>

#include "daemon/tg/call/settle.h"

static void on_create(void *ctx, const struct tg_create_outcome *o)
{
    struct bed_made *m = ctx;

    m->times++;
    m->end = o->end;
    m->fate = o->end == TG_CREATE_TROUBLE ? o->trouble.fate : TG_FATE_NONE;
    m->err = o->end == TG_CREATE_TROUBLE && o->trouble.answer ? o->trouble.answer->err : 0;
    snprintf(m->text, sizeof(m->text), "%s",
             o->end == TG_CREATE_TROUBLE && o->trouble.answer && o->trouble.answer->outcome == TG_RPC_ERROR
                 ? o->trouble.answer->error->message
                 : "");
    m->id = o->call ? o->call->id : 0;
    m->at_us = m->bed->net.clock.mono_us;
}

void bed_create_on(const struct bed *b, struct tg_account *a, const struct tg_create_order *order, struct bed_made *m)
{
    struct tg_create_order dated = *order;
    struct fault fault;

    if (!dated.deadline_us)
        dated.deadline_us = bed_in(b, BED_CREATE_S * SECOND_US);
    *m = (struct bed_made){.bed = b};
    ck_assert_int_eq(tg_create(a, &dated, on_create, m, &fault), 0);
}

void bed_create(const struct bed *b, const struct tg_create_order *order, struct bed_made *m)
{
    bed_create_on(b, b->a, order, m);
}

void bed_create_news_in(struct bed *b, enum tg_if_exists if_exists, int64_t s, struct bed_made *m)
{
    json_t *peer = json_string("@news");
    struct tg_create_order order = {.peer = peer,
                                    .terms = {.title = "Title", .title_len = 5},
                                    .if_exists = if_exists,
                                    .deadline_us = bed_in(b, s * SECOND_US)};

    bed_create(b, &order, m);
    bed_pass(b, (s + 1) * SECOND_US);
    ck_assert_uint_eq(m->times, 1);
    json_decref(peer);
}

void bed_create_news(struct bed *b, enum tg_if_exists if_exists, struct bed_made *m)
{
    bed_create_news_in(b, if_exists, BED_CREATE_S, m);
}

static void on_settled(void *ctx)
{
    *(bool *)ctx = true;
}

void bed_expect_true_records(struct bed *b)
{
    bool settled = false;
    unsigned running = 0;

    (void)tg_settle(b->a, TG_SETTLE_MAX, bed_in(b, 3 * SECOND_US), on_settled, &settled);
    bed_pass(b, 3 * SECOND_US);
    ck_assert(settled);
    for (struct tg_call *c = NULL; (c = tg_calls_next(tg_account_calls(b->a), c)) != NULL;) {
        const struct fake_call *real = fake_world_call(b->world, c->id);
        ck_assert_ptr_nonnull(real);
        ck_assert_int_eq(c->state, (int)real->state);
        if (c->state == TG_CALL_DISCARDED) /* of which Telegram tells no more than that */
            continue;
        running++;
        ck_assert_uint_eq(c->title_len, strlen(real->title));
        if (c->title_len)
            ck_assert_mem_eq(c->title, real->title, c->title_len);
    }
    ck_assert_uint_eq(running, fake_world_alive(b->world));
}

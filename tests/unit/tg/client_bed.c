#include "tests/unit/tg/client_bed.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/base/le.h"

enum { STATE_WAIT_S = 120 };

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    (void)request, (void)data, (void)len;
    ((struct client_bed *)ctx)->results++;
}

static void on_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    (void)ctx, (void)request;
    ck_abort_msg("the server refused: %s", error->message);
}

static void on_failed(void *ctx, uint64_t request, int err)
{
    (void)ctx, (void)request;
    ck_abort_msg("the session gave up: %d", err);
}

static void on_update(void *ctx, const uint8_t *data, size_t len)
{
    (void)ctx, (void)data, (void)len;
}

static void on_new_session(void *ctx)
{
    (void)ctx;
}

static void on_key_made(void *ctx, const struct tg_made_key *made, struct tg_commit *commit)
{
    struct client_bed *t = ctx;

    t->made++;
    ck_assert_int_eq(made->dc, 1);
    memcpy(t->key, made->key, sizeof(t->key));
    t->salt = made->salt;
    ck_assert_ptr_null(t->commit);
    t->commit = commit;
    if (t->commits == CLIENT_KEEPS)
        client_commit(t, 0, NULL);
    else if (t->commits == CLIENT_REFUSES)
        client_commit(t, TGC_EIO, "no space left on device");
}

static void on_session(void *ctx)
{
    ((struct client_bed *)ctx)->sessions++;
}

static void on_key_lost(void *ctx)
{
    ((struct client_bed *)ctx)->keys_lost++;
}

static void on_link_lost(void *ctx)
{
    ((struct client_bed *)ctx)->links_lost++;
}

static void on_link_back(void *ctx)
{
    ((struct client_bed *)ctx)->links_back++;
}

void client_bed_init_temporary(struct client_bed *t, int32_t life_s)
{
    *t = (struct client_bed){0};
    bed_init(&t->b, BED_NEW);
    t->b.env.temporary_key_life_s = life_s;
}

void client_bed_init(struct client_bed *t)
{
    client_bed_init_temporary(t, 0);
}

void client_bed_fini(struct client_bed *t)
{
    client_end(t);
    bed_fini(&t->b);
}

static void start(struct client_bed *t, const struct tg_env *env, const uint8_t *key)
{
    static const struct tg_client_handlers handlers = {on_result,      on_error,    on_failed,  on_update,
                                                       on_new_session, on_key_made, on_session, on_key_lost,
                                                       on_link_lost,   on_link_back};
    struct tg_given_key given = {.key = key, .salt = t->salt};

    ck_assert_int_eq(tg_client_new(env, 1, NULL, key ? &given : NULL, &handlers, t, &t->c), 0);
}

void client_start(struct client_bed *t, const uint8_t *key)
{
    start(t, &t->b.env, key);
}

void client_start_beside(struct client_bed *t, struct client_bed *first)
{
    start(t, &first->b.env, NULL);
}

void client_end(struct client_bed *t)
{
    tg_client_free(t->c);
    t->c = NULL;
}

void client_commit(struct client_bed *t, int err, const char *why)
{
    struct tg_commit *commit = t->commit;

    ck_assert_ptr_nonnull(commit);
    t->commit = NULL;
    tg_commit_done(commit, err, why);
}

void client_ask(struct client_bed *t)
{
    uint8_t query[4];
    uint64_t request;

    le32_store(query, tl_find_method(t->b.env.schema, "help.getNearestDc")->id);
    ck_assert_int_eq(tg_client_send(t->c, query, sizeof(query), &request), 0);
}

char client_state(const struct client_bed *t)
{
    return "OWDXR"[tg_client_connection(t->c)->state];
}

struct look {
    const struct client_bed *t;
    char from;
};

static bool is_another(void *ctx)
{
    const struct look *l = ctx;

    return client_state(l->t) != l->from;
}

void client_expect(struct client_bed *t, const char *states)
{
    for (const char *s = states; *s; s++) {
        struct look look = {t, client_state(t)};
        ck_assert_msg(fake_net_run_until(&t->b.net, is_another, &look, STATE_WAIT_S * SECOND_US),
                      "stays %c; want %c of %s", look.from, *s, states);
        ck_assert_msg(client_state(t) == *s, "became %c at \"%s\" of %s", client_state(t), s, states);
    }
}

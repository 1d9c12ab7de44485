#include "tests/support/fake_dc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/tl/encode.h"
#include "tests/support/fake_dc_internal.h"

enum { PORT = 443 };

int64_t fake_dc_now_us(const struct fake_dc *dc)
{
    return dc->net->clock.wall_us + dc->offset_us;
}

struct fake_dc *fake_dc_new(struct fake_net *net, const struct tl_schema *schema, int centres)
{
    struct fake_dc *dc = calloc(1, sizeof(*dc));
    char host[32];

    ck_assert_ptr_nonnull(dc);
    ck_assert_int_le(centres, FAKE_CENTRES_MAX);
    dc->net = net;
    dc->schema = schema;
    dc->centres_n = centres;
    random_seeded_init(&dc->seeded, 77);
    dc->random = random_seeded_source(&dc->seeded);
    fake_world_init(&dc->world, &net->clock.source, &dc->random);
    for (int i = 0; i < centres; i++) {
        dc->centres[i] = (struct fake_centre){dc, i + 1};
        snprintf(host, sizeof(host), "10.0.0.%d", i + 1);
        fake_net_listen(net, host, PORT, &fake_dc_listener, &dc->centres[i]);
    }
    return dc;
}

void fake_dc_listen(struct fake_dc *dc, int centre, const char *host, uint16_t port)
{
    fake_net_listen(dc->net, host, port, &fake_dc_listener, &dc->centres[centre - 1]);
}

void fake_dc_free(struct fake_dc *dc)
{
    fake_conn_free_all(dc);
    while (dc->keys)
        fake_key_free(dc, dc->keys);
    fake_dc_no_rules(dc);
    fake_dc_forget_counts(dc);
    free(dc);
}

struct fake_world *fake_dc_world(struct fake_dc *dc)
{
    return &dc->world;
}

/* --- rules and counts --- */

void fake_dc_rule(struct fake_dc *dc, const char *method, struct fake_rule rule)
{
    struct fake_rule_entry *e = calloc(1, sizeof(*e));

    ck_assert_ptr_nonnull(e);
    ck_assert_msg(strcmp(method, "*") == 0 || tl_find_method(dc->schema, method), "there is no method %s", method);
    snprintf(e->method, sizeof(e->method), "%s", method);
    e->rule = rule;
    if (rule.times == 0)
        e->rule.times = 1;
    DL_APPEND(dc->rules, e);
}

void fake_dc_no_rules(struct fake_dc *dc)
{
    struct fake_rule_entry *e, *next;

    DL_FOREACH_SAFE(dc->rules, e, next)
    free(e);
    dc->rules = NULL;
}

unsigned fake_dc_executed(const struct fake_dc *dc, const char *method)
{
    const struct fake_count *c;
    unsigned n = 0;

    LL_FOREACH (dc->counts, c)
        if (strcmp(method, "*") == 0 || strcmp(c->method, method) == 0)
            n += c->executed;
    return n;
}

unsigned fake_dc_asked(const struct fake_dc *dc, const char *method)
{
    const struct fake_count *c;
    unsigned n = 0;

    LL_FOREACH (dc->counts, c)
        if (strcmp(method, "*") == 0 || strcmp(c->method, method) == 0)
            n += c->asked;
    return n;
}

const json_t *fake_dc_last(const struct fake_dc *dc, const char *method)
{
    const struct fake_count *c;

    LL_FOREACH (dc->counts, c)
        if (strcmp(c->method, method) == 0)
            return c->last;
    return NULL;
}

void fake_dc_forget_counts(struct fake_dc *dc)
{
    struct fake_count *c, *next;

    LL_FOREACH_SAFE(dc->counts, c, next)
    {
        json_decref(c->last);
        free(c);
    }
    dc->counts = NULL;
}

/* --- what servers do by themselves --- */

static void each_session(struct fake_dc *dc, void (*act)(struct fake_session *s, void *ctx), void *ctx)
{
    struct fake_key *key;
    struct fake_session *s;

    DL_FOREACH (dc->keys, key)
        DL_FOREACH (key->sessions, s)
            act(s, ctx);
}

static void tell_update(struct fake_session *s, void *ctx)
{
    struct fake_login *login = fake_key_login(s->dc, s->key);

    if (login && login->user && s->is_inited)
        fake_session_tell(s, ctx, true, MT_MSG_ID_SERVER);
}

void fake_dc_push(struct fake_dc *dc, json_t *updates)
{
    struct fault fault = {0};
    struct buf body;

    buf_init(&body, FAKE_BODY_MAX);
    int err = tl_encode_object(dc->schema, updates, TL_ENCODE_LENIENT, &body, &fault);
    ck_assert_msg(err == 0, "the updates do not encode: %s at %s", fault.text, fault.path);
    each_session(dc, tell_update, &body);
    buf_fini(&body);
    json_decref(updates);
}

void fake_dc_drop_links(struct fake_dc *dc)
{
    struct fake_conn *c, *next;

    DL_FOREACH_SAFE(dc->conns, c, next)
    fake_conn_drop(dc, c);
}

void fake_dc_send_code(struct fake_dc *dc, int32_t code)
{
    struct fake_conn *c;

    DL_FOREACH (dc->conns, c)
        fake_link_send_error(c->link, code);
}

static void forget(struct fake_session *s, void *ctx)
{
    (void)ctx;
    fake_session_forget(s);
}

void fake_dc_forget_sessions(struct fake_dc *dc)
{
    each_session(dc, forget, NULL);
}

void fake_dc_forget_keys(struct fake_dc *dc)
{
    while (dc->keys)
        fake_key_free(dc, dc->keys);
}

void fake_dc_forget_temporary_keys(struct fake_dc *dc)
{
    struct fake_key *key, *next;

    DL_FOREACH_SAFE(dc->keys, key, next)
    if (key->temporary)
        fake_key_free(dc, key);
}

void fake_dc_unbind_keys(struct fake_dc *dc)
{
    struct fake_key *key;

    DL_FOREACH (dc->keys, key)
        key->perm_id = 0;
}

void fake_dc_change_salts(struct fake_dc *dc)
{
    struct fake_key *key;

    DL_FOREACH (dc->keys, key)
        key->salt += 0x10001;
}

void fake_dc_set_offset(struct fake_dc *dc, int64_t us)
{
    dc->offset_us = us;
}

unsigned fake_dc_links(const struct fake_dc *dc)
{
    const struct fake_conn *c;
    unsigned n = 0;

    DL_FOREACH (dc->conns, c)
        n++;
    return n;
}

unsigned fake_dc_keys(const struct fake_dc *dc)
{
    const struct fake_key *key;
    unsigned n = 0;

    DL_FOREACH (dc->keys, key)
        n += !key->temporary;
    return n;
}

unsigned fake_dc_temporary_keys(const struct fake_dc *dc)
{
    const struct fake_key *key;
    unsigned n = 0;

    DL_FOREACH (dc->keys, key)
        n += key->temporary;
    return n;
}

unsigned fake_dc_bound_keys(const struct fake_dc *dc)
{
    struct fake_key *key;
    unsigned n = 0;

    DL_FOREACH (dc->keys, key)
        n += key->temporary && fake_key_login((struct fake_dc *)dc, key);
    return n;
}

unsigned fake_dc_sessions(const struct fake_dc *dc)
{
    const struct fake_key *key;
    const struct fake_session *s;
    unsigned n = 0;

    DL_FOREACH (dc->keys, key)
        DL_FOREACH (key->sessions, s)
            n += s->is_known;
    return n;
}

unsigned fake_dc_plain_packets(const struct fake_dc *dc)
{
    return dc->plain_n;
}

unsigned fake_dc_sealed_packets(const struct fake_dc *dc)
{
    return dc->sealed_n;
}

unsigned fake_dc_made_keys(const struct fake_dc *dc)
{
    return dc->permanent_n;
}

unsigned fake_dc_exchanges(const struct fake_dc *dc)
{
    return dc->exchanges_n;
}

unsigned fake_dc_unbound_queries(const struct fake_dc *dc)
{
    return dc->unbound_n;
}

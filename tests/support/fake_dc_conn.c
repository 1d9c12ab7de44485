/* The links of the data centres: the key exchange, then packets for the sessions. */
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/crypto/kdf.h"
#include "tests/support/fake_dc_internal.h"
#include "tests/support/server_key.h"

static void free_conn(struct fake_dc *dc, struct fake_conn *c)
{
    DL_DELETE(dc->conns, c);
    mt_handshake_server_free(c->handshake);
    free(c);
}

/* No session speaks on it any more. */
static void leave(struct fake_dc *dc, const struct fake_conn *c)
{
    struct fake_key *key;
    struct fake_session *s;

    DL_FOREACH (dc->keys, key)
        DL_FOREACH (key->sessions, s)
            if (s->conn == c)
                s->conn = NULL;
}

void fake_conn_drop(struct fake_dc *dc, struct fake_conn *c)
{
    if (c->is_dropped)
        return;
    c->is_dropped = true;
    leave(dc, c);
    fake_link_drop(c->link);
    if (!c->is_serving)
        free_conn(dc, c);
}

void fake_conn_free_all(struct fake_dc *dc)
{
    while (dc->conns) {
        leave(dc, dc->conns);
        free_conn(dc, dc->conns);
    }
}

static void *on_accept(void *ctx, struct net_link *link)
{
    struct fake_centre *centre = ctx;
    struct fake_dc *dc = centre->dc;
    struct fake_conn *c = calloc(1, sizeof(*c));

    ck_assert_ptr_nonnull(c);
    c->centre = centre;
    c->link = link;
    DL_APPEND(dc->conns, c);
    return c;
}

static void on_closed(void *conn)
{
    struct fake_conn *c = conn;
    struct fake_dc *dc = c->centre->dc;

    leave(dc, c);
    free_conn(dc, c);
}

/* Several keys may be made on one link, one after the other. */
static void begin_exchange(struct fake_dc *dc, struct fake_conn *c)
{
    struct mt_handshake_server_config config = {.clock = &dc->net->clock.source,
                                                .random = &dc->random,
                                                .key = test_server_key(),
                                                .dc = c->centre->id,
                                                .time_skew_us = dc->offset_us};

    mt_handshake_server_free(c->handshake);
    c->has_key = false;
    ck_assert_int_eq(mt_handshake_server_new(&config, &c->handshake), 0);
}

static void exchange(struct fake_dc *dc, struct fake_conn *c, const uint8_t *data, size_t len)
{
    struct fault fault = {0};
    struct buf out;

    if (!c->handshake || (c->has_key && !mt_handshake_server_knows(c->handshake, data, len)))
        begin_exchange(dc, c);
    buf_init(&out, 1 << 16);
    int done = mt_handshake_server_feed(c->handshake, data, len, &out, &fault);
    ck_assert_msg(done >= 0, "the key exchange failed: %s", fault.text);
    if (out.len)
        fake_link_send(c->link, out.data, out.len);
    if (done > 1)
        fake_link_send_error(c->link, -done);
    if (done == 1) {
        struct mt_handshake_server_result result = mt_handshake_server_take(c->handshake);
        struct fake_key *key = calloc(1, sizeof(*key));
        ck_assert_ptr_nonnull(key);
        c->has_key = true;
        dc->exchanges_n++;
        dc->permanent_n += !result.temporary;
        key->temporary = result.temporary;
        key->expires_at = fake_dc_now_us(dc) / SECOND_US + result.expires_in;
        key->key = result.key;
        key->salt = result.salt;
        key->centre = c->centre->id;
        DL_APPEND(dc->keys, key);
    }
    buf_fini(&out);
}

static void serve(struct fake_dc *dc, struct fake_conn *c, uint8_t *data, size_t len)
{
    struct mt_message m;
    struct fake_key *key;

    ck_assert_uint_ge(len, 8);
    if (mt_packed_key_id(data, len) == 0) {
        dc->plain_n++;
        exchange(dc, c, data, len);
        return;
    }
    dc->sealed_n++;
    key = fake_key_find(dc, c->centre->id, mt_packed_key_id(data, len));
    if (key && key->temporary && key->expires_at <= fake_dc_now_us(dc) / SECOND_US) {
        fake_key_free(dc, key);
        key = NULL;
    }
    if (!key) {
        fake_link_send_error(c->link, -404);
        return;
    }
    ck_assert_int_eq(mt_packed_open(key->key, KDF_TO_SERVER, data, len, &m), 0);
    fake_session_hear(dc, key, c, &m);
    if (key->is_gone)
        fake_key_free(dc, key);
}

static void on_packet(void *conn, const uint8_t *data, size_t len)
{
    struct fake_conn *c = conn;
    struct fake_dc *dc = c->centre->dc;
    uint8_t *copy = malloc(len);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, data, len);
    c->is_serving = true;
    serve(dc, c, copy, len);
    c->is_serving = false;
    free(copy);
    if (c->is_dropped)
        free_conn(dc, c);
}

const struct fake_listener fake_dc_listener = {on_accept, on_packet, on_closed};

/* A session whose key is a temporary one: it is bound before anything else is asked, and followed by the next key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/mt/bind.h"
#include "tests/support/fake_bind.h"
#include "tests/unit/mt/peer.h"
#include "tests/unit/mt/suites.h"

enum { EXPIRES_AT = 1800000000, PREFIX = 0x55555555 };

static struct desk *d = &the_desk;
static struct mt_auth_key *permanent, *first, *second;

static struct {
    unsigned times;
    int err;
    char text[sizeof(((struct mt_rpc_error *)0)->message)];
} word; /* on the binding */

static void on_bound(void *ctx, int err, const struct mt_rpc_error *refusal)
{
    ck_assert_ptr_eq(ctx, d);
    word.times++;
    word.err = err;
    snprintf(word.text, sizeof(word.text), "%s", refusal ? refusal->message : "");
}

static struct mt_auth_key *key_of(uint8_t first_byte)
{
    uint8_t bytes[256] = {first_byte};
    struct mt_auth_key *key = mt_auth_key_new(bytes);

    ck_assert_ptr_nonnull(key);
    return key;
}

static struct mt_session_config config;

static void setup(void)
{
    const uint8_t prefix[4] = {0x55, 0x55, 0x55, 0x55};

    memset(&word, 0, sizeof(word));
    permanent = key_of(9);
    second = key_of(10);
    config = desk_config(d);
    first = d->key;
    config.binding = (struct mt_binding){permanent, EXPIRES_AT, on_bound};
    ck_assert_int_eq(mt_session_new(&config, &d->s), 0);
    ck_assert_int_eq(mt_session_set_prefix(d->s, prefix, sizeof(prefix)), 0);
    d->session_id = mt_session_id(d->s);
    mt_session_connected(d->s);
}

static void teardown(void)
{
    d->key = first;
    desk_fini(d);
    mt_auth_key_free(permanent);
    mt_auth_key_free(second);
}

/* The binding that was heard, which must be right, and alone in its packet. */
static uint64_t hear_bind(void)
{
    const struct heard *h = desk_must_hear(d, MT_BIND_TEMP_AUTH_KEY, 0);
    struct fake_bind b;

    ck_assert_uint_eq(h->outer_id, h->msg_id);
    ck_assert_uint_eq(d->heard_n, 1);
    ck_assert(fake_bind_read(&b, h->body, h->len));
    ck_assert_uint_eq(b.perm_id, le64_load(permanent->id));
    ck_assert_int_eq(b.expires_at, config.binding.expires_at);
    ck_assert(fake_bind_open(&b, permanent));
    ck_assert(fake_bind_fits(&b, d->key, h->session_id, h->msg_id));
    return h->msg_id;
}

static void tell_bool(uint64_t msg_id, uint32_t value)
{
    struct buf *b = desk_begin(d, MT_RPC_RESULT);

    tl_write_u64(b, msg_id);
    tl_write_u32(b, value);
    ck_assert_int_eq(desk_tell(d, true), 0);
}

static void bind_now(void)
{
    desk_flush(d);
    tell_bool(hear_bind(), TL_ID_BOOL_TRUE);
    ck_assert(mt_session_is_bound(d->s));
    desk_flush(d);
}

static void rekey(void)
{
    config.key = d->key = second;
    config.salt = d->salt = 0x77;
    config.binding.expires_at = EXPIRES_AT + 1;
    ck_assert_int_eq(mt_session_rekey(d->s, &config), 0);
    d->session_id = mt_session_id(d->s);
    d->content_n = 0;
}

START_TEST(the_query_is_the_known_one)
{
    json_t *all = unit_load_json("mt/bind.json"), *v = json_array_get(all, 0);
    struct mt_auth_key temporary = {0};
    struct script random;
    struct buf out;
    size_t len, n;
    uint8_t *bytes[6], *sealed = unit_json_hex(v, "encrypted_message", &len);
    static const char *const names[] = {"perm_auth_key",   "nonce",      "temp_auth_key_id",
                                        "temp_session_id", "expires_at", "msg_id"};

    for (size_t i = 0; i < 6; i++)
        bytes[i] = unit_json_hex(v, names[i], &n);
    struct mt_auth_key *known = mt_auth_key_new(bytes[0]);
    ck_assert_ptr_nonnull(known);
    memcpy(temporary.id, bytes[2], 8);
    const struct mt_bind bind = {
        known, &temporary, le64_load(bytes[1]), le64_load(bytes[3]), le64_load(bytes[5]), (int32_t)le32_load(bytes[4])};
    script_init(&random, 1);
    script_add(&random, v, "random", 16);
    script_add(&random, v, "padding", 8);
    buf_init(&out, 1000);
    ck_assert_int_eq(mt_bind_write(&bind, &random.source, &out), 0);
    ck_assert_uint_eq(out.len, MT_BIND_QUERY_SIZE);
    ck_assert_uint_eq(le32_load(out.data), MT_BIND_TEMP_AUTH_KEY);
    check_bytes(out.data + 4, 8, known->id, 8, "perm_auth_key_id");
    check_bytes(out.data + 12, 8, bytes[1], 8, "nonce");
    check_bytes(out.data + 20, 4, bytes[4], 4, "expires_at");
    ck_assert_uint_eq(out.data[24], len);
    check_bytes(out.data + 25, len, sealed, len, "encrypted_message");
    buf_fini(&out);
    script_fini(&random);
    mt_auth_key_free(known);
    for (size_t i = 0; i < 6; i++)
        free(bytes[i]);
    free(sealed);
    json_decref(all);
}
END_TEST

START_TEST(nothing_is_asked_before_the_key_is_bound)
{
    desk_query(d, 1);
    ck_assert_uint_eq(desk_flush(d), 1);
    uint64_t id = hear_bind();
    ck_assert(!mt_session_is_bound(d->s));
    desk_query(d, 2);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert_int_eq(desk_ack(d, id), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
    tell_bool(id, TL_ID_BOOL_TRUE);
    ck_assert_uint_eq(word.times, 1);
    ck_assert_int_eq(word.err, 0);
    ck_assert(mt_session_is_bound(d->s));
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, PREFIX), 2); /* each behind initConnection */
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 0);
}
END_TEST

static const struct {
    const char *error; /* NULL: boolFalse */
    int err;
} refusals[] = {{"ENCRYPTED_MESSAGE_INVALID", TGC_EREFUSED}, {NULL, TGC_EPROTO}};

START_TEST(a_refused_binding_is_told_and_nothing_more_is_asked)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = hear_bind();
    if (refusals[_i].error) {
        struct buf *b = desk_begin(d, MT_RPC_RESULT);
        tl_write_u64(b, id);
        tl_write_u32(b, MT_RPC_ERROR);
        tl_write_i32(b, 400);
        tl_write_text(b, refusals[_i].error);
        ck_assert_int_eq(desk_tell(d, true), 0);
    } else {
        tell_bool(id, TL_ID_BOOL_FALSE);
    }
    ck_assert_uint_eq(word.times, 1);
    ck_assert_int_eq(word.err, refusals[_i].err);
    ck_assert_str_eq(word.text, refusals[_i].error ? refusals[_i].error : "");
    ck_assert(!mt_session_is_bound(d->s));
    desk_pass_s(d, 30);
    desk_flush(d);
    ck_assert_ptr_null(desk_heard(d, PREFIX, 0));
    ck_assert_uint_eq(desk_events(d, EVENT_ERROR) + desk_events(d, EVENT_FAILED), 0);
    rekey();
    bind_now();
    ck_assert_uint_eq(desk_count(d, PREFIX), 1);
}
END_TEST

START_TEST(sent_again_it_is_sealed_for_its_new_id)
{
    desk_flush(d);
    uint64_t id = hear_bind();
    ck_assert_int_eq(desk_bad_salt(d, id, 0xabc), 0);
    desk_flush(d);
    ck_assert_uint_ne(hear_bind(), id);
    ck_assert_int_eq(desk_bad_msg(d, hear_bind(), 32), 0); /* another session */
    ck_assert_uint_eq(desk_flush(d), 1);
    const struct heard *h = desk_must_hear(d, MT_BIND_TEMP_AUTH_KEY, 0);
    struct fake_bind b;
    ck_assert(fake_bind_read(&b, h->body, h->len) && fake_bind_open(&b, permanent));
    ck_assert(fake_bind_fits(&b, first, h->session_id, h->msg_id));
    tell_bool(h->msg_id, TL_ID_BOOL_TRUE);
    ck_assert_uint_eq(word.times, 1);
}
END_TEST

START_TEST(a_lost_binding_is_asked_after_and_a_lost_answer_does_no_harm)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = hear_bind();
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    d->ear.has_missed = true;
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    ck_assert_ptr_null(desk_heard(d, MT_BIND_TEMP_AUTH_KEY, 0));
    ck_assert_ptr_null(desk_heard(d, PREFIX, 0));
    ck_assert_uint_eq(le64_load(h->body + 12), id);
    struct buf *b = desk_begin(d, MT_MSGS_STATE_INFO);
    tl_write_u64(b, h->msg_id);
    tl_write_bytes(b, (const uint8_t *)(_i ? "\4" : "\2"), 1);
    ck_assert_int_eq(desk_tell(d, false), 0);
    desk_flush(d);
    if (_i == 0) /* it was never heard */
        id = desk_must_hear(d, MT_BIND_TEMP_AUTH_KEY, 0)->msg_id;
    else /* its answer comes again */
        ck_assert_ptr_null(desk_heard(d, MT_BIND_TEMP_AUTH_KEY, 0));
    tell_bool(id, TL_ID_BOOL_TRUE);
    ck_assert(mt_session_is_bound(d->s));
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, PREFIX), 1);
}
END_TEST

START_TEST(the_next_key_takes_along_what_is_harmless_to_send_again)
{
    bind_now();
    uint64_t answered = desk_query(d, 1), once = desk_query(d, 2), waiting;
    mt_session_once(d->s, once);
    desk_flush(d);
    ck_assert(!mt_session_is_quiet(d->s));
    waiting = desk_query(d, 3);
    rekey();
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 1);
    ck_assert_uint_eq(desk_event(d, EVENT_FAILED, 0)->request, once);
    ck_assert_int_eq(desk_event(d, EVENT_FAILED, 0)->err, TGC_ELOST);
    bind_now();
    ck_assert_uint_eq(desk_count(d, PREFIX), 2);
    for (size_t i = 0; i < 2; i++) {
        struct heard *h = desk_must_hear(d, PREFIX, i);
        ck_assert_uint_eq(h->salt, 0x77);
        ck_assert_uint_eq(le32_load(h->body + 8), i ? 3 : 1);
        ck_assert_int_eq(desk_answer(d, h->msg_id, 5), 0);
    }
    ck_assert_uint_eq(desk_event(d, EVENT_RESULT, 0)->request, answered);
    ck_assert_uint_eq(desk_event(d, EVENT_RESULT, 1)->request, waiting);
    ck_assert(mt_session_is_quiet(d->s));
    ck_assert_uint_eq(word.times, 2);
}
END_TEST

START_TEST(what_still_comes_under_the_key_before_is_dropped)
{
    size_t len;

    bind_now();
    desk_begin_update(d, 1);
    uint8_t *late = desk_seal(d, mt_session_id(d->s), desk_next_id(d, MT_MSG_ID_SERVER), 1, &len);
    rekey();
    ck_assert_int_eq(desk_feed(d, late, len), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    bind_now();
    ck_assert_int_eq(desk_feed(d, late, len), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    ck_assert_uint_eq(d->fault.err, 0);
    free(late);
}
END_TEST

START_TEST(held_back_queries_go_when_they_may)
{
    bind_now();
    mt_session_hold(d->s, true);
    desk_query(d, 1);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert(mt_session_is_quiet(d->s));
    if (_i == 0) {
        mt_session_hold(d->s, false);
        desk_flush(d);
    } else {
        rekey();
        bind_now();
    }
    ck_assert_uint_eq(desk_count(d, PREFIX), 1);
}
END_TEST

Suite *suite_bind(void)
{
    Suite *s = suite_create("bind");
    TCase *c = tcase_create("bind");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, the_query_is_the_known_one);
    tcase_add_test(c, nothing_is_asked_before_the_key_is_bound);
    tcase_add_loop_test(c, a_refused_binding_is_told_and_nothing_more_is_asked, 0, 2);
    tcase_add_test(c, sent_again_it_is_sealed_for_its_new_id);
    tcase_add_loop_test(c, a_lost_binding_is_asked_after_and_a_lost_answer_does_no_harm, 0, 2);
    tcase_add_test(c, the_next_key_takes_along_what_is_harmless_to_send_again);
    tcase_add_test(c, what_still_comes_under_the_key_before_is_dropped);
    tcase_add_loop_test(c, held_back_queries_go_when_they_may, 0, 2);
    suite_add_tcase(s, c);
    return s;
}

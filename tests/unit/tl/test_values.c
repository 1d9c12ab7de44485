/* Objects said in C: their bytes and faults are those of the same objects as JSON, in every layer. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/values.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static const char *const layers[] = {"layer-138", "layer-229"};
enum { LAYERS = sizeof(layers) / sizeof(layers[0]) };

/* Both ways to encode V: the same bytes, or the same error at the same place. Returns the error. */
static int check_same(const struct tl_schema *s, const char *name, const struct tl_values *v, size_t max)
{
    const struct tl_comb *method = tl_find_method(s, name);
    struct fault fault = {.path = "/old"}, json_fault = {0};
    json_t *j = tl_values_json(v);
    struct buf out, json_out;

    ck_assert_ptr_nonnull(method);
    ck_assert_ptr_nonnull(j);
    buf_init(&out, max);
    buf_init(&json_out, max);
    int err = tl_encode_values(s, method, v, &out, &fault);
    int json_err = tl_encode_method(s, method, j, TL_ENCODE_STRICT, &json_out, &json_fault);
    ck_assert_msg(err == json_err, "%s: %d (%s %s), as JSON %d (%s %s)", name, err, fault.path, fault.text, json_err,
                  json_fault.path, json_fault.text);
    if (!err) {
        ck_assert_uint_eq(out.len, json_out.len);
        ck_assert_mem_eq(out.data, json_out.data, out.len);
    } else {
        ck_assert_int_eq(fault.err, err);
        ck_assert_str_ne(fault.text, "");
        ck_assert_str_eq(fault.path, json_fault.path);
    }
    buf_fini(&out);
    buf_fini(&json_out);
    json_decref(j);
    return err;
}

/* --- what fits --- */

enum { PEER_FORMS = 4, MEMBERS = 3, SETS = 1 << (2 * MEMBERS) };

static void some_peer(struct tl_values *v, int form)
{
    static const char *const names[PEER_FORMS] = {"inputPeerSelf", "inputPeerChat", "inputPeerUser",
                                                  "inputPeerChannel"};
    static const char *const ids[PEER_FORMS] = {NULL, "chat_id", "user_id", "channel_id"};

    tl_values_begin(v, names[form]);
    if (form > 1)
        tl_values_long(v, "access_hash", INT64_MIN + form);
    if (form > 0)
        tl_values_long(v, ids[form], INT64_MAX - form);
}

/* Each of the optional members of a create: left out, or given in one of three ways, by two bits of SET. */
static void some_members(struct tl_values *v, unsigned set)
{
    static const char long_title[300] = "\xc3\xa4";
    static const struct {
        const char *text;
        size_t len;
    } titles[] = {{"", 0}, {"a title", 7}, {long_title, sizeof(long_title)}};
    static const int32_t dates[] = {0, INT32_MAX, INT32_MIN};
    unsigned title = set & 3, date = set >> 2 & 3, rtmp = set >> 4 & 3;

    if (rtmp)
        tl_values_bool(v, "rtmp_stream", rtmp == 1);
    if (title)
        tl_values_text(v, "title", titles[title - 1].text, titles[title - 1].len);
    if (date)
        tl_values_int(v, "schedule_date", dates[date - 1]);
}

START_TEST(test_a_create_has_the_bytes_of_its_json)
{
    const struct tl_schema *s = shipped(layers[_i]);
    struct tl_values peer, params;

    for (int form = 0; form < PEER_FORMS; form++)
        for (unsigned set = 0; set < SETS; set++)
            for (int last = 0; last < 2; last++) {
                some_peer(&peer, form);
                tl_values_begin(&params, NULL);
                if (last)
                    some_members(&params, set);
                tl_values_int(&params, "random_id", (int32_t)(set * 0x9e3779b1u));
                tl_values_object(&params, "peer", &peer);
                if (!last)
                    some_members(&params, set);
                ck_assert_int_eq(check_same(s, "phone.createGroupCall", &params, 1 << 20), 0);
            }
}
END_TEST

START_TEST(test_a_bool_of_its_own_is_written)
{
    const struct tl_schema *s = shipped(layers[_i]);
    struct tl_values call, params;

    tl_values_begin(&call, "inputGroupCall");
    tl_values_long(&call, "id", 1);
    tl_values_long(&call, "access_hash", -1);
    for (int on = 0; on < 2; on++) {
        tl_values_begin(&params, NULL);
        tl_values_object(&params, "call", &call);
        tl_values_bool(&params, "subscribed", on);
        ck_assert_int_eq(check_same(s, "phone.toggleGroupCallStartSubscription", &params, 1 << 20), 0);
    }
}
END_TEST

/* --- what does not --- */

static struct tl_values a_peer, a_create;

/* A create with all that it needs, but for the member WITHOUT. */
static struct tl_values *create_without(const char *without)
{
    some_peer(&a_peer, PEER_FORMS - 1);
    tl_values_begin(&a_create, NULL);
    if (strcmp(without, "peer") != 0)
        tl_values_object(&a_create, "peer", &a_peer);
    if (strcmp(without, "random_id") != 0)
        tl_values_int(&a_create, "random_id", 1);
    return &a_create;
}

static int refused(const struct tl_schema *s)
{
    return check_same(s, "phone.createGroupCall", &a_create, 1 << 20);
}

START_TEST(test_members_that_are_missing_or_strange_are_refused)
{
    const struct tl_schema *s = shipped(layers[_i]);

    create_without("peer");
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    create_without("random_id");
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    tl_values_int(create_without(""), "flags", 1);
    ck_assert_int_eq(refused(s), TGC_EUNKNOWN);
    tl_values_int(create_without(""), "a/b", 1);
    ck_assert_int_eq(refused(s), TGC_EUNKNOWN);
    create_without("");
    tl_values_int(&a_peer, "strange", 1);
    ck_assert_int_eq(refused(s), TGC_EUNKNOWN);
    create_without("");
    a_peer.n--;
    ck_assert_int_eq(refused(s), TGC_EINVAL);
}
END_TEST

START_TEST(test_values_of_another_type_are_refused)
{
    const struct tl_schema *s = shipped(layers[_i]);

    tl_values_text(create_without("random_id"), "random_id", "1", 1);
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    tl_values_int(create_without(""), "title", 1);
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    tl_values_int(create_without(""), "rtmp_stream", 1);
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    tl_values_bool(create_without(""), "schedule_date", true);
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    tl_values_int(create_without("peer"), "peer", 1);
    ck_assert_int_eq(refused(s), TGC_EINVAL);
}
END_TEST

START_TEST(test_objects_of_another_type_are_refused)
{
    const struct tl_schema *s = shipped(layers[_i]);

    create_without("");
    a_peer.name = "inputPeerNobody";
    ck_assert_int_eq(refused(s), TGC_EUNKNOWN);
    a_peer.name = "inputChannel";
    ck_assert_int_eq(refused(s), TGC_EINVAL);
    a_peer.name = NULL;
    ck_assert_int_eq(refused(s), TGC_EINVAL);
}
END_TEST

START_TEST(test_what_is_too_long_or_too_deep_is_refused)
{
    const struct tl_schema *s = shipped(layers[_i]);
    char *title = calloc(1, LIMIT_TL_STRING + 1);
    struct tl_values deep[LIMIT_TL_DEPTH + 1], params;

    ck_assert_ptr_nonnull(title);
    tl_values_text(create_without(""), "title", title, LIMIT_TL_STRING);
    ck_assert_int_eq(check_same(s, "phone.createGroupCall", &a_create, LIMIT_TL_STRING + 100), 0);
    ck_assert_int_eq(check_same(s, "phone.createGroupCall", &a_create, 64), TGC_ELIMIT);
    tl_values_text(create_without(""), "title", title, LIMIT_TL_STRING + 1);
    ck_assert_int_eq(check_same(s, "phone.createGroupCall", &a_create, 2 * LIMIT_TL_STRING), TGC_ELIMIT);
    free(title);

    /* inputPeerUserFromMessage has a peer in it, without end. */
    for (unsigned i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
        tl_values_begin(&deep[i], "inputPeerUserFromMessage");
        tl_values_object(&deep[i], "peer", &deep[i + 1 < sizeof(deep) / sizeof(deep[0]) ? i + 1 : i]);
        tl_values_int(&deep[i], "msg_id", 1);
        tl_values_long(&deep[i], "user_id", 1);
    }
    some_peer(&deep[LIMIT_TL_DEPTH], 0);
    tl_values_begin(&params, NULL);
    tl_values_int(&params, "random_id", 1);
    tl_values_object(&params, "peer", &deep[0]);
    ck_assert_int_eq(check_same(s, "phone.createGroupCall", &params, 1 << 20), TGC_ELIMIT);
    params.list[1].object = &deep[2];
    ck_assert_int_eq(check_same(s, "phone.createGroupCall", &params, 1 << 20), 0);
}
END_TEST

Suite *suite_values(void)
{
    Suite *suite = suite_create("values");
    TCase *tc = tcase_create("values");

    tcase_add_loop_test(tc, test_a_create_has_the_bytes_of_its_json, 0, LAYERS);
    tcase_add_loop_test(tc, test_a_bool_of_its_own_is_written, 0, LAYERS);
    tcase_add_loop_test(tc, test_members_that_are_missing_or_strange_are_refused, 0, LAYERS);
    tcase_add_loop_test(tc, test_values_of_another_type_are_refused, 0, LAYERS);
    tcase_add_loop_test(tc, test_objects_of_another_type_are_refused, 0, LAYERS);
    tcase_add_loop_test(tc, test_what_is_too_long_or_too_deep_is_refused, 0, LAYERS);
    suite_add_tcase(suite, tc);
    return suite;
}

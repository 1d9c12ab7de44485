/* Two worlds of one seed agree, in every number that a client sees; two seeds differ. */
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"
#include "daemon/sandbox/world/json.h"

/* What a client with SEED is told by a server with SERVER_SEED. */
static json_t *told(uint64_t server_seed, uint64_t seed)
{
    struct server v;
    struct raw r;

    server_start_seeded(&v, server_seed);
    raw_init_seeded(&r, &v, seed);
    json_t *all = json_pack("{s:I, s:o}", "salt", (json_int_t)r.salt, "key", json_from_bytes(r.key->key, 256));
    json_t *sent = raw_call(&r, "auth.sendCode",
                            json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "15550001", "api_id", 1, "api_hash",
                                      "x", "settings", "_", "codeSettings"));
    json_object_set(all, "code_hash", json_object_get(sent, "phone_code_hash"));
    json_decref(sent);
    raw_login(&r, "15550001");
    json_t *found = raw_call(&r, "contacts.resolveUsername", json_pack("{s:s}", "username", "sandbox_group"));
    const json_t *chat = json_array_get(json_object_get(found, "chats"), 0);
    json_object_set(all, "chat_hash", json_object_get(chat, "access_hash"));
    json_t *updates = raw_call(&r, "phone.createGroupCall",
                               json_pack("{s:{s:s, s:O, s:O}, s:i}", "peer", "_", "inputPeerChannel", "channel_id",
                                         json_object_get(chat, "id"), "access_hash",
                                         json_object_get(chat, "access_hash"), "random_id", 1));
    ck_assert_msg(updates != NULL, "%s", r.error);
    const json_t *call = json_object_get(json_array_get(json_object_get(updates, "updates"), 0), "call");
    json_object_set(all, "call_id", json_object_get(call, "id"));
    json_object_set(all, "call_hash", json_object_get(call, "access_hash"));
    json_t *exported = raw_call(&r, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", 2));
    json_object_set(all, "exported", json_object_get(exported, "bytes"));
    json_decref(exported);
    json_decref(updates);
    json_decref(found);
    raw_fini(&r);
    server_stop(&v);
    return all;
}

START_TEST(two_worlds_of_one_seed_agree)
{
    json_t *one = told(42, 7), *two = told(42, 7);

    ck_assert_uint_eq(json_object_size(one), 7);
    if (!json_equal(one, two))
        ck_abort_msg("%s\n%s", json_dumps(one, 0), json_dumps(two, 0));
    json_decref(one);
    json_decref(two);
}
END_TEST

START_TEST(another_seed_is_another_world)
{
    json_t *one = told(42, 7), *two = told(43, 7), *value;
    const char *name;

    json_object_foreach (one, name, value)
        ck_assert_msg(!json_equal(value, json_object_get(two, name)), "%s", name);
    json_decref(one);
    json_decref(two);
}
END_TEST

Suite *suite_seed(void)
{
    Suite *s = suite_create("seed");
    TCase *t = tcase_create("seed");

    tcase_add_test(t, two_worlds_of_one_seed_agree);
    tcase_add_test(t, another_seed_is_another_world);
    suite_add_tcase(s, t);
    return s;
}

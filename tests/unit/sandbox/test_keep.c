/* A world in a file: what a restart finds again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/sandbox/world/json.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"

static struct server server;
static struct raw r;

static char dir[4096], file[4200];

/* Each test has the world to itself. */
static void setup(void)
{
    snprintf(dir, sizeof(dir), "%s", temp_path("sandbox"));
    snprintf(file, sizeof(file), "%s/world.json", dir);
    remove(file);
    server_start_in(&server, dir);
    raw_init(&r, &server, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&r, "15550001");
}

static void teardown(void)
{
    raw_fini(&r);
    server_stop(&server);
}

/* The same client, the same key, another process. */
static void restart(void)
{
    server_stop(&server);
    server_start_in(&server, dir);
    raw_reconnect(&r);
}

static json_t *call(const char *method, json_t *params)
{
    json_t *j = raw_call(&r, method, params);

    ck_assert_msg(j != NULL, "%s: %s", method, r.error);
    return j;
}

static json_t *create(int random_id, int in_s)
{
    json_t *params = json_pack("{s:{s:s, s:i}, s:i, s:s}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id",
                               random_id, "title", "kept");
    if (in_s) {
        json_t *state = server_control(&server, "GET", "/state", "");
        json_object_set_new(params, "schedule_date", json_integer(json_get_long(state, "now") + in_s));
        json_decref(state);
    }
    return call("phone.createGroupCall", params);
}

static const json_t *group_call(const json_t *updates)
{
    const json_t *item, *found = NULL;
    size_t i;

    json_array_foreach (json_object_get(updates, "updates"), i, item)
        if (strcmp(json_tag(item), "updateGroupCall") == 0)
            found = json_object_get(item, "call");
    return found;
}

static json_t *full_chat(void)
{
    return call("messages.getFullChat", json_pack("{s:i}", "chat_id", 5001));
}

START_TEST(a_login_and_its_calls_outlive_the_process)
{
    json_t *ended = create(1, 0), *running = create(2, 0);
    json_t *before = full_chat();
    restart();
    json_t *after = full_chat();
    ck_assert(json_equal(before, after));
    const json_t *in = json_object_get(json_object_get(after, "full_chat"), "call");
    ck_assert_int_eq(json_get_long(in, "id"), json_get_long(group_call(running), "id"));
    json_t *again = create(2, 0), *first = create(1, 0);
    ck_assert(json_equal(again, running));
    ck_assert(json_equal(first, ended));
    json_t *j = call("phone.editGroupCallTitle", json_pack("{s:O, s:s}", "call", in, "title", "new"));
    ck_assert_int_eq(json_get_long(group_call(j), "version"), 2);
    json_decref(j);
    j = create(3, 0);
    json_t *third = server_control(&server, "GET", "/state", "");
    ck_assert_uint_eq(json_array_size(json_object_get(third, "calls")), 3);
    ck_assert_int_ne(json_get_long(group_call(j), "id"), json_get_long(in, "id"));
    json_decref(j);
    json_decref(third);
    json_decref(again);
    json_decref(first);
    json_decref(before);
    json_decref(after);
    json_decref(ended);
    json_decref(running);
}
END_TEST

static bool is_in_file(const char *text)
{
    char *kept, *found = NULL;
    size_t len;

    if (access(file, F_OK))
        return false;
    kept = unit_read_file(file, &len);
    found = strstr(kept, text);
    free(kept);
    return found != NULL;
}

/* Changes without a pause do not put it off, and a stop is not waited for. */
START_TEST(the_world_is_written_while_it_changes)
{
    int64_t end = clock_mono_us(&clock_system) + 20 * SECOND_US;

    for (int i = 1; !is_in_file("\"random_id\":1,"); i++) {
        ck_assert_msg(clock_mono_us(&clock_system) < end, "nothing is written");
        json_decref(create(i, 0));
    }
}
END_TEST

/* Nothing can be made in this place, as on a full disk. */
START_TEST(a_world_that_cannot_be_written_is_told_at_the_end)
{
    char in_the_way[4300], below[4310];

    snprintf(in_the_way, sizeof(in_the_way), "%s.new", file);
    snprintf(below, sizeof(below), "%s/x", in_the_way);
    server_stop(&server);
    ck_assert(mkdir(in_the_way, 0700) == 0 && mkdir(below, 0700) == 0);
    server_start_in(&server, dir);
    raw_reconnect(&r);
    json_decref(create(1, 0));
    ck_assert_int_eq(sandbox_stop(server.s), TGC_ESYSTEM);
    server.s = NULL;
    ck_assert(rmdir(below) == 0 && rmdir(in_the_way) == 0);
}
END_TEST

START_TEST(differences_reach_behind_the_restart)
{
    json_t *state = call("updates.getState", json_object());
    json_decref(create(1, 3600));
    restart();
    json_t *j = call("updates.getDifference", json_pack("{s:O, s:O, s:i}", "pts", json_object_get(state, "pts"), "date",
                                                        json_object_get(state, "date"), "qts", 0));
    ck_assert_str_eq(json_tag(j), "updates.difference");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "new_messages")), 1);
    json_decref(j);
    json_decref(state);
}
END_TEST

START_TEST(who_signed_up_is_still_known)
{
    struct raw other;

    raw_init(&other, &server, 1, 138, WIRE_INTERMEDIATE, false);
    json_t *sent = raw_call(&other, "auth.sendCode",
                            json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "15557777", "api_id", 1, "api_hash",
                                      "x", "settings", "_", "codeSettings"));
    json_t *params = json_pack("{s:s, s:O, s:s}", "phone_number", "15557777", "phone_code_hash",
                               json_object_get(sent, "phone_code_hash"), "phone_code", "12345");
    json_decref(raw_call(&other, "auth.signIn", json_copy(params)));
    json_object_set_new(params, "first_name", json_string("Dora"));
    json_object_set_new(params, "last_name", json_string(""));
    json_object_del(params, "phone_code");
    json_decref(raw_call(&other, "auth.signUp", params));
    restart();
    raw_reconnect(&other);
    json_t *j = raw_call(&other, "users.getUsers", json_pack("{s:[{s:s}]}", "id", "_", "inputUserSelf"));
    ck_assert_msg(j != NULL, "%s", other.error);
    ck_assert_str_eq(json_get_text(json_array_get(j, 0), "first_name"), "Dora");
    json_decref(j);
    json_decref(sent);
    raw_fini(&other);
}
END_TEST

START_TEST(a_key_that_logged_out_is_forgotten)
{
    struct raw_message m;

    json_decref(call("auth.logOut", json_object()));
    restart();
    raw_send(&r, (const uint8_t[12]){0xec, 0x77, 0xbe, 0x7a}, 12, false);
    ck_assert(!raw_recv(&r, &m));
    ck_assert_int_eq(r.transport_error, -404);
}
END_TEST

static const char *const broken[] = {
    "", "[]", "{\"format\":1}", "{\"format\":2,\"secret\":\"AAAA\"}", "world",
};

START_TEST(a_file_of_somebody_else_is_refused_and_left_alone)
{
    struct fault fault = {0};
    size_t len;

    server_stop(&server);
    FILE *f = fopen(file, "w");
    ck_assert(f && fputs(broken[_i], f) >= 0 && fclose(f) == 0);
    ck_assert_int_eq(server_try_in(dir, &fault), TGC_ESYNTAX);
    ck_assert_msg(strstr(fault.text, "world.json") != NULL, "%s", fault.text);
    char *left = unit_read_file(file, &len);
    ck_assert_str_eq(left, broken[_i]);
    free(left);
    remove(file);
    server_start_in(&server, dir);
}
END_TEST

Suite *suite_keep(void)
{
    Suite *s = suite_create("keep");
    TCase *t = tcase_create("keep");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_login_and_its_calls_outlive_the_process);
    tcase_add_test(t, the_world_is_written_while_it_changes);
    tcase_add_test(t, a_world_that_cannot_be_written_is_told_at_the_end);
    tcase_add_test(t, differences_reach_behind_the_restart);
    tcase_add_test(t, who_signed_up_is_still_known);
    tcase_add_test(t, a_key_that_logged_out_is_forgotten);
    tcase_add_loop_test(t, a_file_of_somebody_else_is_refused_and_left_alone, 0, sizeof(broken) / sizeof(*broken));
    suite_add_tcase(s, t);
    return s;
}

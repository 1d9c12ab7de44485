/* Each allocation of the pure rooms fails in turn: an error comes back, nothing is lost and nothing breaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/auto_start.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/tg/known/known.h"
#include "daemon/tg/connection/init_prefix.h"
#include "daemon/tg/known/peers.h"
#include "tests/support/starve.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { STARVED_MAX = 500 };

static int use_peers(void)
{
    struct tg_peers *p = NULL;
    struct tg_peer bob = user(1, 11), news = channel(2, 22), thief = user(3, 33);
    int err = tg_peers_new(&p);

    if (!err)
        err = tg_peers_put(p, &bob, false);
    if (!err)
        err = tg_peers_put(p, &news, false);
    if (!err)
        err = tg_peers_put(p, &thief, false);
    tg_peers_free(p);
    return err;
}

static int use_known(void)
{
    struct tg_known *k = NULL;
    struct tg_call_seen seen = {
        .id = 1, .has_peer = true, .peer_id = 5, .title = "title", .title_len = 5, .version = 1};
    int err = tg_known_new(shipped_layer(229), &clock_system, NULL, NULL, &k);

    if (!err)
        err = tg_known_see_call(k, &seen);
    seen.id = 2;
    if (!err)
        err = tg_known_see_call(k, &seen);
    if (!err)
        err = tg_known_start_missed(k, tg_calls_find(tg_known_calls(k), 2), 1, "too late");
    seen.discarded = true;
    if (!err)
        err = tg_known_see_call(k, &seen);
    tg_known_free(k);
    return err;
}

static struct buf bytes;

static int use_learn(void)
{
    struct tg_known *k = NULL;
    struct tg_learnt learnt;
    int err = tg_known_new(shipped_layer(229), &clock_system, NULL, NULL, &k);

    if (!err)
        err = tg_known_learn(k, NULL, 0, bytes.data, bytes.len, &learnt, NULL);
    tg_known_free(k);
    return err;
}

static int use_prefix(void)
{
    struct tg_env env = {.schema = shipped_layer(229),
                         .api_id = 1,
                         .device_model = "d",
                         .system_version = "s",
                         .app_version = "a",
                         .lang_code = "en"};
    struct buf out;

    buf_init(&out, 4096);
    int err = tg_init_prefix(&env, &out);
    buf_fini(&out);
    return err;
}

/* Some allocations are only a convenience: without them the answer may still be 0. */
static void starve(int (*use)(void), bool every_one_counts)
{
    size_t k;

    for (k = 0; k < STARVED_MAX; k++) {
        starve_at(k);
        int err = use();
        if (!starve_end()) {
            ck_assert_int_eq(err, 0);
            break;
        }
        ck_assert_msg(err == TGC_ENOMEM || (!every_one_counts && err == 0), "allocation %zu gave %d", k, err);
    }
    ck_assert_uint_gt(k, 0);
    ck_assert_uint_lt(k, STARVED_MAX);
}

START_TEST(test_peers_without_memory)
{
    starve(use_peers, false);
}
END_TEST

START_TEST(test_calls_and_chats_without_memory)
{
    shipped_layer(229);
    starve(use_known, true);
}
END_TEST

START_TEST(test_learning_without_memory)
{
    shipped_layer(229);
    bytes_of(229,
             "{'_':'updates','updates':[],'users':[{'_':'user','id':'1','access_hash':'1','username':'abcde',"
             "'phone':'1'}],'chats':[{'_':'chatForbidden','id':'4','title':'t'}],'date':1,'seq':0}",
             &bytes);
    starve(use_learn, false);
    buf_fini(&bytes);
}
END_TEST

START_TEST(test_init_prefix_without_memory)
{
    shipped_layer(229);
    starve(use_prefix, true);
}
END_TEST

/* A form that lacks a member would be taken for the truth. */
static void whole_or_nothing(json_t *form, json_t *whole)
{
    starve_pause();
    ck_assert_msg(!form || json_equal(form, whole), "%s instead of %s", json_dumps(form, 0), json_dumps(whole, 0));
    starve_resume();
    json_decref(form);
}

START_TEST(test_json_forms_without_memory)
{
    struct tg_call call = {.id = 1, .has_peer = true, .title = (char *)"t", .schedule_date = 1, .ended_at = 1};
    struct tg_peer news = channel(2, 22);
    json_t *call_input = tg_call_input(&call), *peer_input = tg_peer_input(&news, "InputPeer");
    bool happened = true;

    for (size_t k = 0; k < STARVED_MAX && happened; k++) {
        starve_at(k);
        json_decref(tg_call_json(&call, "a")); /* read from text, where jansson loses letters it has no memory for */
        whole_or_nothing(tg_call_input(&call), call_input);
        whole_or_nothing(tg_peer_input(&news, "InputPeer"), peer_input);
        happened = starve_end();
    }
    json_decref(call_input);
    json_decref(peer_input);
    ck_assert(!happened);
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("starved");
    TCase *t = tcase_create("starved");

    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_peers_without_memory);
    tcase_add_test(t, test_calls_and_chats_without_memory);
    tcase_add_test(t, test_learning_without_memory);
    tcase_add_test(t, test_init_prefix_without_memory);
    tcase_add_test(t, test_json_forms_without_memory);
    suite_add_tcase(s, t);
    return s;
}

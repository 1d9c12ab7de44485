#include "tests/unit/tg/saved_bed.h"

#include <string.h>

#include "daemon/tg/account/note.h"
#include "daemon/tg/account/saved.h"

struct saved_bed saved;

void saved_keep_all(struct tg_account *a)
{
    if (!tg_account_take_note(a))
        return;
    tg_account_saved(a, &saved.kept.record);
    strcpy(saved.kept.reason, saved.kept.record.reason);
    strcpy(saved.kept.remedy, saved.kept.record.remedy);
    json_decref(saved.kept.user);
    saved.kept.user = saved.kept.record.user ? json_deep_copy(saved.kept.record.user) : NULL;
    json_decref(saved.kept.login);
    saved.kept.login = tg_login_saved(a);
    saved.kept.peers_n = saved.kept.calls_n = 0;
    for (const struct tg_peer *p = tg_peers_next(tg_account_peers(a), NULL); p;
         p = tg_peers_next(tg_account_peers(a), p)) {
        ck_assert_uint_lt(saved.kept.peers_n, SAVED_PEERS_MAX);
        saved.kept.peers[saved.kept.peers_n++] = *p;
    }
    for (struct tg_call *c = tg_calls_next(tg_account_calls(a), NULL); c; c = tg_calls_next(tg_account_calls(a), c)) {
        ck_assert_uint_lt(saved.kept.calls_n, SAVED_CALLS_MAX);
        saved.kept.calls[saved.kept.calls_n] = *c;
        saved.kept.calls[saved.kept.calls_n++].title = c->title ? strndup(c->title, c->title_len) : NULL;
    }
    struct tg_saved_updates u;
    while (tg_account_take_updates(a, &u)) {
        size_t i = 0;
        while (i < saved.kept.updates_n && saved.kept.updates[i].channel_id != u.channel_id)
            i++;
        ck_assert_uint_lt(i, SAVED_UPDATES_MAX);
        saved.kept.updates[i] = u;
        saved.kept.updates_n += i == saved.kept.updates_n;
    }
    struct tg_changes taken[] = {tg_known_take_peers(tg_account_known(a)), tg_known_take_calls(tg_account_known(a))};
    tg_changes_fini(&taken[0]);
    tg_changes_fini(&taken[1]);
}

static void keep_key(void *ctx, struct tg_account *a, const struct tg_made_key *made, struct tg_commit *commit)
{
    (void)ctx;
    saved_keep_all(a);
    saved.kept.keys_made++;
    saved.kept.keys[made->dc].is_there = true;
    memcpy(saved.kept.keys[made->dc].key, made->key, 256);
    saved.kept.keys[made->dc].salt = made->salt;
    tg_commit_done(commit, 0, NULL);
}

static void drop_key(void *ctx, struct tg_account *a, int32_t dc)
{
    (void)ctx;
    saved_keep_all(a);
    for (int i = 1; i <= BED_CENTRES; i++)
        if (!dc || i == dc)
            saved.kept.keys[i].is_there = false;
}

static void noted(void *ctx, struct tg_account *a)
{
    (void)ctx;
    (void)a;
    saved.kept.notes++;
}

const struct tg_keeper saved_keeper = {.keep_key = keep_key, .drop_key = drop_key, .noted = noted};

void saved_set_up(void)
{
    saved = (struct saved_bed){0};
    bed_init(&saved.bed, BED_NEW);
    tg_account_free(saved.bed.a);
    saved.bed.env.keeper = &saved_keeper;
    ck_assert_int_eq(tg_account_new(&saved.bed.env, "a", &saved.bed.a), 0);
}

void saved_forget_calls(void)
{
    for (size_t i = 0; i < saved.kept.calls_n; i++)
        free(saved.kept.calls[i].title);
    saved.kept.calls_n = 0;
}

void saved_tear_down(void)
{
    bed_answer_fini(&saved.answer);
    bed_fini(&saved.bed);
    saved_forget_calls();
    json_decref(saved.kept.user);
    json_decref(saved.kept.login);
}

void saved_log_in(void)
{
    struct bed_answer step;

    bed_phone(&saved.bed, "15550001", &step);
    bed_expect_result(&step);
    bed_code(&saved.bed, "12345", &step);
    bed_expect_result(&step);
    bed_pass(&saved.bed, SECOND_US);
    fake_dc_forget_counts(saved.bed.dc);
}

void saved_restart(bool written)
{
    struct tg_saved record;

    if (written)
        saved_keep_all(saved.bed.a);
    else
        ck_assert_uint_gt(saved.kept.notes, 0);
    record = saved.kept.record;
    record.name = "a";
    record.reason = saved.kept.reason;
    record.remedy = saved.kept.remedy;
    record.user = saved.kept.user;
    record.has_steps = saved.kept.login != NULL;
    record.key = (struct tg_given_key){0};
    if (record.home_dc && saved.kept.keys[record.home_dc].is_there)
        record.key = (struct tg_given_key){.key = saved.kept.keys[record.home_dc].key,
                                           .salt = saved.kept.keys[record.home_dc].salt};
    struct tg_account *dead = saved.bed.a;
    saved.bed.env.keeper = NULL; /* it tells nothing any more */
    tg_account_free(dead);
    saved.bed.env.keeper = &saved_keeper;
    ck_assert_int_eq(tg_account_restore(&saved.bed.env, &record, &saved.bed.a), 0);
    if (saved.kept.login)
        tg_login_restore(saved.bed.a, saved.kept.login);
    for (size_t i = 0; i < saved.kept.peers_n; i++)
        ck_assert_int_eq(tg_known_restore_peer(tg_account_known(saved.bed.a), &saved.kept.peers[i]), 0);
    for (size_t i = 0; i < saved.kept.calls_n; i++)
        ck_assert_int_eq(tg_known_restore_call(tg_account_known(saved.bed.a), &saved.kept.calls[i]), 0);
    for (size_t i = 0; i < saved.kept.updates_n; i++)
        if (saved.kept.updates[i].pts)
            ck_assert_int_eq(tg_account_restore_updates(saved.bed.a, &saved.kept.updates[i]), 0);
    tg_login_resume(saved.bed.a);
}

void saved_expect_state(const char *state)
{
    ck_assert_str_eq(tg_account_state_text(tg_account_state(saved.bed.a)), state);
}

void saved_expect_goes_on(void)
{
    bed_answer_fini(&saved.answer);
    bed_ask_now(&saved.bed, "help.getNearestDc", "{}", 0, &saved.answer);
    bed_expect_result(&saved.answer);
    saved_expect_state("ready");
    ck_assert_int_eq(tg_account_self_id(saved.bed.a), 1001);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "auth.sendCode"), 0);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "auth.signIn"), 0);
}

#include "tests/unit/tg/import_bed.h"

#include <string.h>

#include <check.h>

const struct import_refusal import_refusals[IMPORT_REFUSALS] = {
    {401, "AUTH_KEY_UNREGISTERED"}, {401, "SESSION_REVOKED"},     {401, "SESSION_PASSWORD_NEEDED"},
    {401, "USER_DEACTIVATED_BAN"},  {406, "AUTH_KEY_DUPLICATED"}, {400, "API_ID_INVALID"},
    {303, "USER_MIGRATE_2"},
};

static void keep_key(void *ctx, struct tg_account *a, const struct tg_made_key *made, struct tg_commit *commit)
{
    struct import_bed *im = ctx;

    (void)a;
    im->kept.is_there = true;
    memcpy(im->kept.key, made->key, sizeof(im->kept.key));
    im->kept.before_use = fake_dc_asked(im->b.dc, "*") == 0;
    tg_commit_done(commit, 0, NULL);
}

static void drop_key(void *ctx, struct tg_account *a, int32_t dc)
{
    (void)a;
    (void)dc;
    ((struct import_bed *)ctx)->kept.is_there = false;
}

static void noted(void *ctx, struct tg_account *a)
{
    (void)ctx;
    (void)a;
}

void import_bed_init(struct import_bed *im)
{
    struct fault fault = {0};

    memset(im, 0, sizeof(*im));
    bed_init(&im->b, BED_READY);
    ck_assert_msg(tg_export(im->b.a, &im->s, &fault) == 0, "%s", fault.text);
    /* The other program disconnects. */
    tg_account_free(im->b.a);
    im->b.a = NULL;
    im->keeper = (struct tg_keeper){.keep_key = keep_key, .drop_key = drop_key, .noted = noted, .ctx = im};
    im->b.env.keeper = &im->keeper;
    fake_dc_forget_counts(im->b.dc);
}

void import_bed_fini(struct import_bed *im)
{
    bed_answer_fini(&im->step);
    bed_fini(&im->b);
}

void import_begin(struct import_bed *im)
{
    struct fault fault = {0};

    tg_account_free(im->b.a);
    bed_answer_fini(&im->step);
    ck_assert_msg(tg_import_new(&im->b.env, "guest", &im->s, &im->b.a, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(tg_account_state(im->b.a), TG_ACCOUNT_WAIT_LOGIN);
    bed_step_begin(&im->step);
    ck_assert_msg(tg_import_check(im->b.a, bed_in(&im->b, 30 * SECOND_US), bed_step_done, &im->step, &fault) == 0, "%s",
                  fault.text);
}

void import_all(struct import_bed *im)
{
    import_begin(im);
    bed_wait(&im->b, &im->step);
}

void import_expect_untouched(struct import_bed *im)
{
    ck_assert_uint_eq(fake_dc_keys(im->b.dc), 1);
    ck_assert_uint_eq(fake_dc_asked(im->b.dc, "auth.logOut"), 0);
    ck_assert(!im->kept.is_there);
    ck_assert_int_ne(tg_account_state(im->b.a), TG_ACCOUNT_READY);
    fake_dc_no_rules(im->b.dc);
    import_all(im);
    bed_expect_result(&im->step);
    ck_assert_int_eq(tg_account_self_id(im->b.a), 1001);
}

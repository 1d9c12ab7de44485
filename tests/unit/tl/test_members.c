/* Finding what the parameters of a call lack, and what they cannot have. */
#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

struct log {
    char text[1024];
    unsigned stop_after; /* 0: never */
};

static int note(void *ctx, const struct fault *fault)
{
    struct log *log = ctx;
    size_t at = strlen(log->text);

    snprintf(log->text + at, sizeof(log->text) - at, "%s%s: %s;", fault->err == TGC_EUNKNOWN ? "?" : "", fault->path,
             fault->text);
    return log->stop_after && --log->stop_after == 0 ? TGC_ELIMIT : 0;
}

static void check_visits(const char *method, const char *params, const char *want)
{
    const struct tl_schema *s = shipped("layer-229");
    struct log log = {.text = ""};
    json_t *j = json_of(params);

    ck_assert_ptr_nonnull(tl_find_method(s, method));
    ck_assert_int_eq(tl_visit_members(s, tl_find_method(s, method), j, note, &log), 0);
    ck_assert_str_eq(log.text, want);
    json_decref(j);
}

static const struct {
    const char *method, *params, *want;
} cases[] = {
    {"phone.createGroupCall", "{}", "/peer: is missing;/random_id: is missing;"},
    {"phone.createGroupCall", "{'peer':null,'random_id':1}", "/peer: cannot be null;"},
    {"phone.createGroupCall", "{'peer':'me','random_id':1,'title':null,'rtmp_stream':false}", ""},
    {"phone.createGroupCall", "{'titel':'x','flags':1}",
     "?/titel: phone.createGroupCall has no such member;?/flags: phone.createGroupCall has no such member;"
     "/peer: is missing;/random_id: is missing;"},
    /* Deeper, in an object that names its constructor. */
    {"phone.discardGroupCall", "{'call':{'_':'inputGroupCall'}}",
     "/call/id: is missing;/call/access_hash: is missing;"},
    {"phone.discardGroupCall", "{'call':{'id':'1','access_hash':'2'}}",
     "/call/_: must name a constructor of InputGroupCall;"},
    {"messages.getPeerDialogs", "{'peers':[{'_':'inputDialogPeer','peer':'a'},{'_':'inputDialogPeer'}]}",
     "/peers/1/peer: is missing;"},
    {"invokeWithLayer", "{'query':{'_':'channels.getFullChannel'}}", "/layer: is missing;/query/channel: is missing;"},
    /* What is wrong otherwise is the encoder's to say. */
    {"phone.discardGroupCall", "{'call':{'_':'nothing'}}", ""},
    {"phone.discardGroupCall", "{'call':5}", ""},
    /* Members of one flag. */
    {"auth.sendCode", "{'phone_number':'1','api_id':1,'api_hash':'x','settings':{'_':'codeSettings','token':'t'}}",
     "/settings/app_sandbox: is given together with token or not at all;"},
};

START_TEST(every_member_at_fault_is_visited)
{
    check_visits(cases[_i].method, cases[_i].params, cases[_i].want);
}
END_TEST

START_TEST(a_visitor_of_members_that_fails_ends_the_walk)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *j = json_of("{'a':1,'b':2}");
    struct log log = {.stop_after = 1};

    ck_assert_int_eq(tl_visit_members(s, tl_find_method(s, "phone.createGroupCall"), j, note, &log), TGC_ELIMIT);
    ck_assert_str_eq(log.text, "?/a: phone.createGroupCall has no such member;");
    json_decref(j);
}
END_TEST

Suite *suite_members(void)
{
    Suite *s = suite_create("members");
    TCase *t = tcase_create("members");

    tcase_add_loop_test(t, every_member_at_fault_is_visited, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(t, a_visitor_of_members_that_fails_ends_the_walk);
    suite_add_tcase(s, t);
    return s;
}

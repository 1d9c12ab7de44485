/* Finding peers in the parameters of a call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

struct log {
    char text[512];
    json_t *replace_with; /* borrowed */
    int stop_with;
};

static int note(void *ctx, const char *want, json_t *parent, const char *key, size_t index)
{
    struct log *log = ctx;
    const json_t *value = key ? json_object_get(parent, key) : json_array_get(parent, index);
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    size_t at = strlen(log->text);

    if (key)
        snprintf(log->text + at, sizeof(log->text) - at, "%s %s=%s;", want, key, text);
    else
        snprintf(log->text + at, sizeof(log->text) - at, "%s [%zu]=%s;", want, index, text);
    free(text);
    if (log->replace_with && key)
        json_object_set(parent, key, log->replace_with);
    else if (log->replace_with)
        json_array_set(parent, index, log->replace_with);
    return log->stop_with;
}

static void check_visits(const char *method, const char *params, const char *want)
{
    const struct tl_schema *s = shipped("layer-229");
    struct log log = {.text = ""};
    json_t *j = json_of(params);

    ck_assert_ptr_nonnull(tl_find_method(s, method));
    ck_assert_int_eq(tl_visit_peers(s, tl_find_method(s, method), j, note, &log), 0);
    ck_assert_str_eq(log.text, want);
    json_decref(j);
}

START_TEST(peers_are_found_wherever_the_schema_wants_one)
{
    check_visits("phone.createGroupCall", "{'peer':'@name','title':'@other','random_id':1}",
                 "InputPeer peer=\"@name\";");
    check_visits("phone.createGroupCall", "{'peer':-1001234567890}", "InputPeer peer=-1001234567890;");
    check_visits("phone.createGroupCall", "{'peer':{'_':'inputPeerSelf'}}", "");
    check_visits("phone.inviteToGroupCall",
                 "{'call':{'_':'inputGroupCall','id':'1','access_hash':'2'},'users':['me',7]}",
                 "InputUser [0]=\"me\";InputUser [1]=7;");
    check_visits("channels.getFullChannel", "{'channel':'t.me/x'}", "InputChannel channel=\"t.me/x\";");
    check_visits("phone.createGroupCall",
                 "{'peer':{'_':'inputPeerUserFromMessage','peer':'a','msg_id':1,'user_id':'2'}}",
                 "InputPeer peer=\"a\";");
    check_visits("messages.getPeerDialogs",
                 "{'peers':[{'_':'inputDialogPeer','peer':'a'},{'_':'inputDialogPeer','peer':'b'}]}",
                 "InputPeer peer=\"a\";InputPeer peer=\"b\";");
    check_visits("channels.getFullChannel", "{'channel':{'_':'peerChannel','channel_id':'5'}}",
                 "InputChannel channel={\"_\": \"peerChannel\", \"channel_id\": \"5\"};");
    check_visits("users.getUsers", "{'id':[{'_':'peerUser','user_id':5},{'_':'inputUserSelf'}]}",
                 "InputUser [0]={\"_\": \"peerUser\", \"user_id\": 5};");
    check_visits("invokeWithLayer", "{'layer':1,'query':{'_':'channels.getFullChannel','channel':'c'}}",
                 "InputChannel channel=\"c\";");
}
END_TEST

START_TEST(what_does_not_fit_the_schema_is_passed_over)
{
    check_visits("phone.createGroupCall", "{}", "");
    check_visits("phone.createGroupCall", "{'peer':null}", "");
    check_visits("phone.createGroupCall", "{'peer':true}", "");
    check_visits("phone.createGroupCall", "{'peer':1.5}", "");
    check_visits("phone.createGroupCall", "{'peer':['x']}", "");
    check_visits("phone.createGroupCall", "{'peer':{'_':'nothing','peer':'x'}}", "");
    check_visits("phone.createGroupCall", "{'peer':{'peer':'x'}}", "");
    check_visits("phone.inviteToGroupCall", "{'users':'me'}", "");
    check_visits("phone.createGroupCall", "'text'", "");
}
END_TEST

START_TEST(a_visitor_may_put_the_resolved_peer_in_its_place)
{
    const struct tl_schema *s = shipped("layer-138");
    const struct tl_comb *method = tl_find_method(s, "phone.inviteToGroupCall");
    json_t *j = json_of("{'call':{'_':'inputGroupCall','id':'1','access_hash':'2'},'users':['a','b']}");
    struct log log = {.replace_with = json_of("{'_':'inputUserSelf'}")};
    struct fault fault = {0};
    struct buf out;

    buf_init(&out, 1024);
    ck_assert_int_eq(tl_visit_peers(s, method, j, note, &log), 0);
    ck_assert_int_eq(tl_encode_method(s, method, j, TL_ENCODE_STRICT, &out, &fault), 0);
    json_decref(log.replace_with);
    json_decref(j);
    buf_fini(&out);
}
END_TEST

START_TEST(a_visitor_that_fails_ends_the_walk)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *j = json_of("{'users':['a','b']}");
    struct log log = {.stop_with = TGC_EUNKNOWN};

    ck_assert_int_eq(tl_visit_peers(s, tl_find_method(s, "phone.inviteToGroupCall"), j, note, &log), TGC_EUNKNOWN);
    ck_assert_str_eq(log.text, "InputUser [0]=\"a\";");
    json_decref(j);
}
END_TEST

Suite *suite_peers(void)
{
    Suite *s = suite_create("peers");
    TCase *t = tcase_create("peers");

    tcase_add_test(t, peers_are_found_wherever_the_schema_wants_one);
    tcase_add_test(t, what_does_not_fit_the_schema_is_passed_over);
    tcase_add_test(t, a_visitor_may_put_the_resolved_peer_in_its_place);
    tcase_add_test(t, a_visitor_that_fails_ends_the_walk);
    suite_add_tcase(s, t);
    return s;
}

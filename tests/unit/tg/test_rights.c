/* What a Chat object says of the account's rights, in the words of the TL layers. */
#include "daemon/tg/call/rights.h"
#include "tests/unit/tg/suites.h"

static const struct {
    const char *chat;
    bool has_calls, is_member, may_create, may_stream;
} cases[] = {
    {"{\"_\":\"channel\",\"creator\":true}", true, true, true, true},
    {"{\"_\":\"channel\"}", true, true, false, false},
    {"{\"_\":\"channel\",\"left\":true,\"creator\":true}", true, false, false, false},
    {"{\"_\":\"channel\",\"admin_rights\":{\"_\":\"chatAdminRights\",\"manage_call\":true}}", true, true, true, false},
    {"{\"_\":\"channel\",\"admin_rights\":{\"_\":\"chatAdminRights\",\"post_messages\":true}}", true, true, false,
     false},
    {"{\"_\":\"channel\",\"left\":true,\"admin_rights\":{\"_\":\"chatAdminRights\",\"manage_call\":true}}", true, false,
     false, false},
    {"{\"_\":\"chat\",\"creator\":true}", true, true, true, true},
    {"{\"_\":\"chat\",\"deactivated\":true,\"creator\":true}", false, true, false, false},
    {"{\"_\":\"chatForbidden\",\"title\":\"x\"}", true, false, false, false},
    {"{\"_\":\"channelForbidden\",\"title\":\"x\"}", true, false, false, false},
    {"{\"_\":\"user\",\"creator\":true}", false, false, false, false},
    {"{}", false, false, false, false},
    {"[]", false, false, false, false},
};

START_TEST(rights_are_what_the_chat_shows)
{
    json_t *chat = json_loads(cases[_i].chat, 0, NULL);
    struct tg_rights r = tg_rights_of(chat);

    ck_assert_msg(r.has_calls == cases[_i].has_calls && r.is_member == cases[_i].is_member &&
                      r.may_create == cases[_i].may_create && r.may_stream == cases[_i].may_stream,
                  "%s: %d %d %d %d", cases[_i].chat, r.has_calls, r.is_member, r.may_create, r.may_stream);
    json_decref(chat);
}
END_TEST

Suite *suite_rights(void)
{
    Suite *s = suite_create("rights");
    TCase *t = tcase_create("rights");

    tcase_add_loop_test(t, rights_are_what_the_chat_shows, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    suite_add_tcase(s, t);
    return s;
}

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/peer_text.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

static const char *const kind_names[] = {"user", "chat", "channel"};

static int64_t json_decimal(const json_t *object, const char *key)
{
    errno = 0;
    int64_t v = strtoll(unit_json_text(object, key), NULL, 10);
    ck_assert_int_eq(errno, 0);
    return v;
}

START_TEST(marked_ids_decode_and_encode_by_range)
{
    json_t *all = unit_load_json("base/marked_ids.json"), *one;
    size_t i;

    json_array_foreach (json_object_get(all, "cases"), i, one) {
        int64_t marked = json_decimal(one, "marked"), id = 0;
        enum peer_kind kind = PEER_USER;
        const char *text = unit_json_text(one, "marked");
        struct peer_text t;

        if (json_is_null(json_object_get(one, "kind"))) {
            ck_assert_int_eq(peer_marked_id_parse(marked, &kind, &id), TGC_EINVAL);
            ck_assert_int_eq(peer_text_parse(text, strlen(text), &t, NULL), TGC_EINVAL);
            continue;
        }
        ck_assert_int_eq(peer_marked_id_parse(marked, &kind, &id), 0);
        ck_assert_str_eq(kind_names[kind], unit_json_text(one, "kind"));
        ck_assert_int_eq(id, json_decimal(one, "id"));
        ck_assert_int_eq(peer_marked_id(kind, id), marked);
        ck_assert_int_eq(peer_text_parse(text, strlen(text), &t, NULL), 0);
        ck_assert_int_eq(t.kind, PEER_TEXT_ID);
        ck_assert_int_eq(t.peer, kind);
        ck_assert_int_eq(t.id, id);
        ck_assert_str_eq(t.text, "");
    }
    ck_assert_uint_ge(i, 15);
    json_decref(all);
}
END_TEST

START_TEST(bare_ids_out_of_range_have_no_mark)
{
    static const struct {
        enum peer_kind kind;
        int64_t id;
    } cases[] = {
        {PEER_USER, 0},
        {PEER_USER, -1},
        {PEER_USER, INT64_C(1) << 40},
        {PEER_CHAT, 0},
        {PEER_CHAT, INT64_C(1000000000000)},
        {PEER_CHANNEL, 0},
        {PEER_CHANNEL, INT64_C(997852516353)},
        {PEER_CHANNEL, INT64_C(1002147483648)},
        {PEER_CHANNEL, INT64_C(3000000000001)},
        {PEER_CHANNEL, INT64_MAX},
        {PEER_CHANNEL, INT64_MIN},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_int_eq(peer_marked_id(cases[i].kind, cases[i].id), 0);
}
END_TEST

START_TEST(every_form_of_the_grammar_is_understood)
{
    static const struct {
        const char *in;
        enum peer_text_kind kind;
        const char *text;
    } cases[] = {
        {"@Sandbox_Channel", PEER_TEXT_NAME, "sandbox_channel"},
        {"durov", PEER_TEXT_NAME, "durov"},
        {"@abcd", PEER_TEXT_NAME, "abcd"},
        {"a2345678901234567890123456789012", PEER_TEXT_NAME, "a2345678901234567890123456789012"},
        {"me", PEER_TEXT_SELF, ""},
        {"t.me/Name5", PEER_TEXT_NAME, "name5"},
        {"https://t.me/name5", PEER_TEXT_NAME, "name5"},
        {"HTTP://Telegram.ME/name5/", PEER_TEXT_NAME, "name5"},
        {"telegram.dog/name5?start=1", PEER_TEXT_NAME, "name5"},
        {"t.me/name5/?videochat", PEER_TEXT_NAME, "name5"},
        {"t.me/name5#part", PEER_TEXT_NAME, "name5"},
        {"t.me/+sandboxinvite", PEER_TEXT_INVITE, "sandboxinvite"},
        {"https://t.me/+AbC-d_9", PEER_TEXT_INVITE, "AbC-d_9"},
        {"t.me/joinchat/AbC-d_9/", PEER_TEXT_INVITE, "AbC-d_9"},
        {"t.me/+15550001", PEER_TEXT_PHONE, "15550001"},
        {"+15550001", PEER_TEXT_PHONE, "15550001"},
        {"+1 (555) 00-01", PEER_TEXT_PHONE, "15550001"},
        {"+12345678901234567890", PEER_TEXT_PHONE, "12345678901234567890"},
        {"telegram", PEER_TEXT_NAME, "telegram"},
        {"https://www.t.me/name5", PEER_TEXT_NAME, "name5"},
        {"www.telegram.me/name5", PEER_TEXT_NAME, "name5"},
        {"name5.t.me", PEER_TEXT_NAME, "name5"},
        {"https://Name5.t.me/", PEER_TEXT_NAME, "name5"},
        {"name5.t.me/123?single", PEER_TEXT_NAME, "name5"},
        {"t.me/name5/123", PEER_TEXT_NAME, "name5"},
        {"https://t.me/name5/123/456?comment=1", PEER_TEXT_NAME, "name5"},
        {"t.me/s/name5", PEER_TEXT_NAME, "name5"},
        {"t.me/s/name5/123", PEER_TEXT_NAME, "name5"},
        {"t.me/@name5", PEER_TEXT_NAME, "name5"},
        {"t.me/@share", PEER_TEXT_NAME, "share"},
        {"t.me/s/share/1", PEER_TEXT_NAME, "share"},
        {"t.me/name5?videochat=hash", PEER_TEXT_NAME, "name5"},
        {"t.me/%2BAbC-d_9", PEER_TEXT_INVITE, "AbC-d_9"},
        {"tg://resolve?domain=name5", PEER_TEXT_NAME, "name5"},
        {"TG://Resolve/?livestream=x&domain=Name5&post=1", PEER_TEXT_NAME, "name5"},
        {"tg:resolve?domain=name5#x", PEER_TEXT_NAME, "name5"},
        {"tg://resolve?phone=15550001", PEER_TEXT_PHONE, "15550001"},
        {"tg://join?invite=AbC-d_9", PEER_TEXT_INVITE, "AbC-d_9"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer_text t;
        struct fault f = {0};

        ck_assert_msg(peer_text_parse(cases[i].in, strlen(cases[i].in), &t, &f) == 0, "%s: %s", cases[i].in, f.text);
        ck_assert_msg(t.kind == cases[i].kind, "%s: kind %d", cases[i].in, (int)t.kind);
        ck_assert_str_eq(t.text, cases[i].text);
        ck_assert_int_eq(t.id, 0);
    }
}
END_TEST

START_TEST(what_is_no_peer_is_refused_with_a_reason)
{
    static const char *const cases[] = {
        "",
        "@",
        "@abc",
        "@me",
        "abc",
        "1abcde",
        "@1abcde",
        "_abcde",
        "ab cde",
        "abcde ",
        " abcde",
        "@@abcde",
        "abc-de",
        "abc.de",
        "gr\xc3\xbc\xc3\x9fsse",
        "a23456789012345678901234567890123",
        "t.me",
        "t.me/",
        "t.me//",
        "t.me/?x",
        "t.me/+",
        "t.me/+a/b",
        "t.me/+a%20b",
        "t.me/joinchat",
        "t.me/joinchat/",
        "t.me/name5/app",
        "t.me/name5/123/x",
        "t.me/c/",
        "t.me/c/0/4",
        "t.me/c/name5/4",
        "t.me/c/123/x",
        "t.me/s",
        "t.me/s/",
        "t.me/@",
        "t.me/share/url?url=x",
        "t.me/joinchat/abc/d",
        "t.metelegram.me/name5",
        "telegram.met.me/",
        "a.b.t.me/name5",
        "abc.t.me",
        "www.t.me",
        "mail@t.me/name5",
        "tg://",
        "tg://resolve",
        "tg://resolve?domain=",
        "tg://resolve?name=name5",
        "tg://resolve#?domain=name5",
        "tg://settings?domain=name5",
        "tg://join?invite=a%20b",
        "tg://privatepost?channel=x",
        "name5/123",
        "\tname5",
        "ftp://t.me/name5",
        "https://example.org/name5",
        "t.mex/name5",
        "https://t.me.example.org/name5",
        "https://",
        "+",
        "+1234",
        "+123456789012345678901",
        "+1555a0001",
        "++15550001",
        "0",
        "-",
        "-0",
        "--5",
        "007",
        "12a",
        "1.5",
        "1e5",
        "99999999999999999999999999",
        "-99999999999999999999999999",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer_text t = {.id = 77};
        struct fault f = {0};

        ck_assert_msg(peer_text_parse(cases[i], strlen(cases[i]), &t, &f) == TGC_EINVAL, "'%s' was taken", cases[i]);
        ck_assert_int_eq(f.err, TGC_EINVAL);
        ck_assert_str_ne(f.text, "");
        ck_assert_int_eq(t.id, 77);
    }
}
END_TEST

START_TEST(the_digits_of_a_prefix_do_not_make_a_channel)
{
    struct peer_text t;

    ck_assert_int_eq(peer_text_parse("-100", 4, &t, NULL), 0);
    ck_assert_int_eq(t.peer, PEER_CHAT);
    ck_assert_int_eq(t.id, 100);
    ck_assert_int_eq(peer_text_parse("-100789", 7, &t, NULL), 0);
    ck_assert_int_eq(t.peer, PEER_CHAT);
    ck_assert_int_eq(t.id, 100789);
}
END_TEST

START_TEST(links_of_private_chats_bear_an_id)
{
    static const struct {
        const char *in;
        enum peer_kind kind;
        int64_t id;
    } cases[] = {
        {"t.me/c/1234567890/5", PEER_CHANNEL, 1234567890},
        {"https://t.me/c/1234567890", PEER_CHANNEL, 1234567890},
        {"t.me/c/1234567890/5/6?thread=1", PEER_CHANNEL, 1234567890},
        {"tg://privatepost?channel=1234567890&post=5", PEER_CHANNEL, 1234567890},
        {"tg://user?id=1001", PEER_USER, 1001},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer_text t;
        struct fault f = {0};

        ck_assert_msg(peer_text_parse(cases[i].in, strlen(cases[i].in), &t, &f) == 0, "%s: %s", cases[i].in, f.text);
        ck_assert_int_eq(t.kind, PEER_TEXT_ID);
        ck_assert_int_eq(t.peer, cases[i].kind);
        ck_assert_int_eq(t.id, cases[i].id);
        ck_assert_str_eq(t.text, "");
    }
}
END_TEST

START_TEST(a_refusal_shows_what_was_not_understood)
{
    static const struct {
        const char *in, *reason;
    } cases[] = {
        {"https://example.org/name5", "\"example.org\" is none of Telegram's hosts: t.me, telegram.me, telegram.dog"},
        {"t.me/name5/app", "the link leads to \"app\" of a chat, not to the chat"},
        {"t.me/share/url", "a link to \"share\" is not a link to a chat"},
        {"ab cde", "\"ab cde\" is no username, which has only letters, digits and _"},
        {"12a", "\"12a\" is no marked id, which is a number as the Bot API has it"},
        {"tg://settings", "the link tg://settings names no chat"},
        {"gr\xc3\xbc\xc3\x9fsse", "\"gr\xc3\xbc\xc3\x9fsse\" is no username, which has only letters, digits and _"},
        {"t.me/\xd0\xb8\xd0\xbc\xd1\x8f\xd0\xb8\xd0\xbc\xd1\x8f",
         "\"\xd0\xb8\xd0\xbc\xd1\x8f\xd0\xb8\xd0\xbc\xd1\x8f\" is no username, which starts with one of the letters a "
         "to z"},
        /* The 44 bytes that are shown end within a character, which is left out. */
        {"t.me/name5/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xbc\xc3\xbc\xc3\xbc",
         "the link leads to \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" of a chat, not to the chat"},
        {"t.me/na\xff\xfe", "\"...\" is no username, which has only letters, digits and _"},
        {"t.me/na\x1b[31m", "\"...\" is no username, which has only letters, digits and _"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer_text t;
        struct fault f = {0};

        ck_assert_int_eq(peer_text_parse(cases[i].in, strlen(cases[i].in), &t, &f), TGC_EINVAL);
        ck_assert_str_eq(f.text, cases[i].reason);
    }
}
END_TEST

START_TEST(nul_bytes_and_long_texts_are_refused)
{
    char text[1000];
    struct peer_text t;

    ck_assert_int_eq(peer_text_parse("abcde\0", 6, &t, NULL), TGC_EINVAL);
    ck_assert_int_eq(peer_text_parse("me\0", 3, &t, NULL), TGC_EINVAL);
    memset(text, 'a', sizeof(text));
    ck_assert_int_eq(peer_text_parse(text, sizeof(text), &t, NULL), TGC_EINVAL);
    memcpy(text, "t.me/+", 6);
    ck_assert_int_eq(peer_text_parse(text, 6 + 127, &t, NULL), 0);
    ck_assert_uint_eq(strlen(t.text), 127);
    ck_assert_int_eq(peer_text_parse(text, 6 + 128, &t, NULL), TGC_EINVAL);
    /* Only LEN bytes are read. */
    ck_assert_int_eq(peer_text_parse("abcde!", 5, &t, NULL), 0);
    ck_assert_str_eq(t.text, "abcde");
}
END_TEST

Suite *suite_peer_text(void)
{
    Suite *s = suite_create("peer_text");
    TCase *t = tcase_create("peer_text");

    tcase_add_test(t, marked_ids_decode_and_encode_by_range);
    tcase_add_test(t, bare_ids_out_of_range_have_no_mark);
    tcase_add_test(t, every_form_of_the_grammar_is_understood);
    tcase_add_test(t, what_is_no_peer_is_refused_with_a_reason);
    tcase_add_test(t, the_digits_of_a_prefix_do_not_make_a_channel);
    tcase_add_test(t, links_of_private_chats_bear_an_id);
    tcase_add_test(t, a_refusal_shows_what_was_not_understood);
    tcase_add_test(t, nul_bytes_and_long_texts_are_refused);
    suite_add_tcase(s, t);
    return s;
}

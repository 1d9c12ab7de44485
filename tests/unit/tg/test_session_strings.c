#include <string.h>

#include "daemon/tg/strings/session_string.h"
#include "daemon/tg/strings/session_text.h"
#include "tests/support/unit.h"
#include "tests/unit/tg/suites.h"

static json_t *valid, *data;

static void setup(void)
{
    data = unit_load_json("tg/session_strings.json");
    valid = json_object_get(data, "valid");
    ck_assert_uint_gt(json_array_size(valid), 10);
}

static void teardown(void)
{
    json_decref(data);
}

static int decode(enum session_format format, const char *text, struct session_string *ret, struct fault *fault)
{
    return session_string_decode(format, text, strlen(text), ret, fault);
}

static enum session_format format_of(const json_t *c)
{
    return session_format_parse(unit_json_text(c, "format"));
}

static int64_t told(const json_t *c, const char *member)
{
    return json_integer_value(json_object_get(c, member)); /* 0 where there is none */
}

static enum session_told told_bool(const json_t *c, const char *member)
{
    const json_t *v = json_object_get(c, member);

    return !v ? SESSION_UNTOLD : json_is_true(v) ? SESSION_YES : SESSION_NO;
}

START_TEST(what_other_programs_write_is_read)
{
    size_t i, key_len;
    json_t *c;
    uint8_t *key = unit_json_hex(data, "key", &key_len);

    ck_assert_uint_eq(key_len, SESSION_KEY_SIZE);
    json_array_foreach (valid, i, c) {
        const char *by = unit_json_text(c, "by");
        const json_t *address = json_object_get(c, "address");
        struct session_string s;
        struct fault fault = {0};
        ck_assert_msg(decode(format_of(c), unit_json_text(c, "text"), &s, &fault) == 0, "%s: %s", by, fault.text);
        ck_assert_mem_eq(s.key, key, key_len);
        ck_assert_int_eq(s.dc, told(c, "dc"));
        ck_assert_str_eq(s.address, address ? json_string_value(address) : "");
        ck_assert_int_eq(s.port, told(c, "port"));
        ck_assert_msg(s.user_id == told(c, "user_id"), "%s: user %lld", by, (long long)s.user_id);
        ck_assert_int_eq(s.api_id, told(c, "api_id"));
        ck_assert_int_eq(s.test, told_bool(c, "test"));
        ck_assert_int_eq(s.bot, told_bool(c, "bot"));
    }
    free(key);
}
END_TEST

START_TEST(what_is_written_is_what_other_programs_write)
{
    size_t i;
    json_t *c;

    json_array_foreach (valid, i, c) {
        struct session_string s;
        struct fault fault = {0};
        struct buf out;
        if (!json_is_true(json_object_get(c, "newest")))
            continue;
        buf_init(&out, LIMIT_SESSION_STRING);
        ck_assert_int_eq(decode(format_of(c), unit_json_text(c, "text"), &s, &fault), 0);
        ck_assert_msg(session_string_encode(format_of(c), &s, &out, &fault) == 0, "%s", fault.text);
        ck_assert_str_eq(buf_text(&out), unit_json_text(c, "text"));
        buf_fini_secret(&out);
    }
}
END_TEST

START_TEST(no_part_of_a_string_is_one)
{
    size_t i;
    json_t *c;

    json_array_foreach (valid, i, c) {
        const char *text = unit_json_text(c, "text");
        size_t len = strlen(text), padding = len - strcspn(text, "=");
        struct session_string s;
        for (size_t n = 0; n < len - padding; n++) {
            if (format_of(c) == SESSION_PYROGRAM && (n == 351 || n == 356))
                continue; /* as long as those of older releases, which nothing else tells apart */
            ck_assert_msg(session_string_decode(format_of(c), text, n, &s, NULL) == TGC_EINVAL, "%s: %zu",
                          unit_json_text(c, "by"), n);
        }
        for (size_t n = 1; n < padding; n++)
            ck_assert_int_eq(session_string_decode(format_of(c), text, len - n, &s, NULL), TGC_EINVAL);
        ck_assert_int_eq(session_string_decode(format_of(c), text, len - padding, &s, NULL), 0);
    }
}
END_TEST

START_TEST(nothing_may_follow_a_string_or_stand_in_it)
{
    static const char *const more[] = {"A", "AA", "AAA", "AAAA", "=", "\n", " ", "*"};
    size_t i;
    json_t *c;

    json_array_foreach (valid, i, c) {
        const char *text = unit_json_text(c, "text");
        char longer[LIMIT_SESSION_STRING + 8];
        struct session_string s;
        for (size_t m = 0; m < sizeof(more) / sizeof(more[0]); m++) {
            size_t padding = strlen(text) - strcspn(text, "=");
            if (more[m][0] == '=' && format_of(c) != SESSION_TELETHON && padding == 0 &&
                (strlen(text) - (text[0] == '1')) % 4 == 3)
                continue; /* padding that is whole */
            snprintf(longer, sizeof(longer), "%s%s", text, more[m]);
            ck_assert_msg(decode(format_of(c), longer, &s, NULL) == TGC_EINVAL, "%s: \"%s\"", unit_json_text(c, "by"),
                          more[m]);
        }
        for (size_t at = 0; at < strlen(text); at++) {
            snprintf(longer, sizeof(longer), "%s", text);
            longer[at] = '*';
            ck_assert_int_eq(decode(format_of(c), longer, &s, NULL), TGC_EINVAL);
        }
    }
}
END_TEST

START_TEST(a_string_of_another_format_is_told_apart)
{
    size_t i;
    json_t *c;

    json_array_foreach (valid, i, c) {
        for (int f = 0; f < SESSION_FORMATS; f++) {
            struct session_string s;
            struct fault fault = {0};
            if ((enum session_format)f == format_of(c))
                continue;
            ck_assert_int_eq(decode((enum session_format)f, unit_json_text(c, "text"), &s, &fault), TGC_EINVAL);
            ck_assert_msg(strstr(fault.text, "it is a session string of the format ") == fault.text &&
                              strstr(fault.text, unit_json_text(c, "format")),
                          "%s", fault.text);
        }
    }
}
END_TEST

/* Bytes that are whole as base64, and wrong: what is put at AT of the decoded text. */
static const struct wrong {
    enum session_format format;
    size_t size, at, n;
    uint8_t bytes[8];
    const char *why;
} wrongs[] = {
    {SESSION_TELETHON, 263, 0, 1, {0}, "it names no data centre"},
    {SESSION_TELETHON, 264, 0, 0, {0}, "it has 264 bytes"},
    {SESSION_PYROGRAM, 271, 5, 1, {2}, "it has 2 where 0 or 1"},
    {SESSION_PYROGRAM, 271, 270, 1, {255}, "it has 255 where 0 or 1"},
    {SESSION_PYROGRAM, 271, 1, 4, {0x80, 0, 0, 0}, "an api_id that is none"},
    {SESSION_PYROGRAM, 271, 262, 8, {0xff, 0, 0, 0, 0, 0, 0, 0}, "a user id that is none"},
    {SESSION_GRAMJS, 274, 1, 2, {0, 14}, "do not fit together"},
    {SESSION_GRAMJS, 261, 1, 2, {0, 0}, "its address has 0 characters"},
    {SESSION_GRAMJS, 264, 1, 2, {0, 3}, "its address has 3 characters"},
    {SESSION_GRAMJS, 363, 1, 2, {0, 102}, "its address has 102 characters"},
    {SESSION_GRAMJS, 266, 1, 7, {0, 5, 'a', 'b', '/', 'c', 'd'}, "its address is none"},
    {SESSION_GRAMJS, 100, 1, 2, {0, 5}, "do not fit together"},
    {SESSION_MTCUTE, 300, 0, 1, {0}, "it is of version 0"},
    {SESSION_MTCUTE, 300, 0, 1, {4}, "it is of version 4"},
    {SESSION_MTCUTE, 300, 0, 5, {3, 8, 0, 0, 0}, "flags that are not known"},
    {SESSION_MTCUTE, 300, 0, 5, {1, 4, 0, 0, 0}, "flags that are not known"},
    {SESSION_MTCUTE, 300, 0, 8, {3, 0, 0, 0, 0, 8, 3, 2}, "of a version that is not known"},
    {SESSION_MTCUTE, 300, 0, 8, {1, 0, 0, 0, 0, 1, 2, 3}, "its data centre is none"},
    {SESSION_MTCUTE, 5, 0, 5, {3, 0, 0, 0, 0}, "ends within a data centre"},
};

START_TEST(each_member_is_judged)
{
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        const struct wrong *w = &wrongs[i];
        uint8_t bytes[512];
        struct session_string s;
        struct fault fault = {0};
        struct buf text;
        memset(bytes, 1, sizeof(bytes));
        memcpy(bytes + w->at, w->bytes, w->n);
        buf_init(&text, LIMIT_SESSION_STRING);
        if (w->format == SESSION_TELETHON || w->format == SESSION_GRAMJS)
            buf_put_byte(&text, '1');
        ck_assert_int_eq(session_text_encode(w->format == SESSION_GRAMJS ? SESSION_BASE64 : SESSION_BASE64URL, true,
                                             bytes, w->size, &text),
                         0);
        ck_assert_int_eq(decode(w->format, buf_text(&text), &s, &fault), TGC_EINVAL);
        ck_assert_msg(strstr(fault.text, w->why), "%zu: %s", i, fault.text);
        buf_fini(&text);
    }
}
END_TEST

/* The newest string of FORMAT that is kept, decoded. */
static struct session_string sample(enum session_format format)
{
    struct session_string s;
    size_t i;
    json_t *c;

    json_array_foreach (valid, i, c)
        if (format_of(c) == format && decode(format, unit_json_text(c, "text"), &s, NULL) == 0)
            return s;
    ck_abort_msg("there is none");
}

START_TEST(a_string_without_a_key_is_refused)
{
    for (int f = 0; f < SESSION_FORMATS; f++) {
        struct session_string s = sample((enum session_format)f), again;
        struct fault fault = {0};
        struct buf out;
        buf_init(&out, LIMIT_SESSION_STRING);
        memset(s.key, 0, sizeof(s.key));
        s.api_id = 1;
        ck_assert_int_eq(session_string_encode((enum session_format)f, &s, &out, &fault), 0);
        ck_assert_int_eq(decode((enum session_format)f, buf_text(&out), &again, &fault), TGC_EINVAL);
        ck_assert_msg(strstr(fault.text, "nobody had logged in"), "%s", fault.text);
        buf_fini(&out);
    }
}
END_TEST

static const char *unsayable(enum session_format format, const struct session_string *s)
{
    static struct fault fault;
    struct buf out;

    fault_clear(&fault);
    buf_init(&out, LIMIT_SESSION_STRING);
    ck_assert_int_eq(session_string_encode(format, s, &out, &fault), TGC_EINVAL);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&out);
    return fault.text;
}

START_TEST(what_a_format_cannot_say_is_refused)
{
    struct session_string s = sample(SESSION_TELETHON);

    ck_assert_ptr_nonnull(strstr(unsayable(SESSION_PYROGRAM, &s), "api_id"));
    s.port = 0;
    for (int f = 0; f < SESSION_FORMATS; f++)
        if (f != SESSION_PYROGRAM)
            ck_assert_ptr_nonnull(strstr(unsayable((enum session_format)f, &s), "needs the address"));
    s.port = 40000;
    ck_assert_ptr_nonnull(strstr(unsayable(SESSION_GRAMJS, &s), "ports up to 32767"));
    s.port = 443;
    strcpy(s.address, "dc2");
    ck_assert_ptr_nonnull(strstr(unsayable(SESSION_TELETHON, &s), "is a name"));
    ck_assert_ptr_nonnull(strstr(unsayable(SESSION_GRAMJS, &s), "4 to 100 characters"));
}
END_TEST

START_TEST(formats_have_names)
{
    for (int f = 0; f < SESSION_FORMATS; f++)
        ck_assert_int_eq(session_format_parse(session_format_text((enum session_format)f)), f);
    ck_assert_int_eq(session_format_parse("tdata"), SESSION_FORMATS);
}
END_TEST

Suite *suite_session_strings(void)
{
    Suite *suite = suite_create("session_strings");
    TCase *t = tcase_create("strings");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_other_programs_write_is_read);
    tcase_add_test(t, what_is_written_is_what_other_programs_write);
    tcase_add_test(t, no_part_of_a_string_is_one);
    tcase_add_test(t, nothing_may_follow_a_string_or_stand_in_it);
    tcase_add_test(t, a_string_of_another_format_is_told_apart);
    tcase_add_test(t, each_member_is_judged);
    tcase_add_test(t, a_string_without_a_key_is_refused);
    tcase_add_test(t, what_a_format_cannot_say_is_refused);
    tcase_add_test(t, formats_have_names);
    suite_add_tcase(suite, t);
    return suite;
}

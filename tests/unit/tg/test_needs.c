/* What the daemon needs of a layer: both shipped ones have it, and what is taken from them is named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/needs.h"
#include "tests/support/unit.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_the_shipped_layers_have_all_that_is_needed)
{
    struct fault fault = {0};

    ck_assert_msg(tg_needs_check(shipped_layer(138), &fault) == 0, "%s", fault.text);
    ck_assert_msg(tg_needs_check(shipped_layer(229), &fault) == 0, "%s", fault.text);
}
END_TEST

/* Layer 229 with one piece of its text put in another's place, everywhere. */
static void expect_missing(const char *from, const char *to, const char *said)
{
    size_t len, from_len = strlen(from), to_len = strlen(to);
    const char *top = getenv("TGCALLD_SRCDIR");
    char path[4096];

    snprintf(path, sizeof(path), "%s/config/schema/layer-229.tl", top ? top : ".");
    char *text = unit_read_file(path, &len);
    char *changed = malloc(2 * len), *out = changed;
    struct tl_schema *schema = NULL;
    struct fault fault = {0};
    unsigned n = 0;

    for (const char *p = text; *p;) {
        if (strncmp(p, from, from_len) == 0) {
            memcpy(out, to, to_len);
            out += to_len;
            p += from_len;
            n++;
        } else {
            *out++ = *p++;
        }
    }
    ck_assert_uint_gt(n, 0);
    ck_assert_msg(tl_schema_parse(changed, (size_t)(out - changed), "changed", &schema, &fault) == 0, "%u: %s",
                  fault.line, fault.text);
    ck_assert_int_eq(tg_needs_check(schema, &fault), TGC_EPROTO);
    ck_assert_msg(strstr(fault.text, said) != NULL, "%s", fault.text);
    ck_assert_msg(!strstr(fault.text, "lacks 1 ") || !strstr(fault.text, "..."), "%s", fault.text);
    tl_schema_free(schema);
    free(changed);
    free(text);
}

START_TEST(test_what_is_missing_is_named)
{
    expect_missing("\ninvokeWithLayer#", "\ninvokeWithStrata#",
                   "lacks 1 of the things that tgcalld needs: invokeWithLayer");
    expect_missing("\ninitConnection#", "\nbeginConnection#", "initConnection");
    expect_missing("\nphone.createGroupCall#", "\nphone.makeGroupCall#", "phone.createGroupCall");
    expect_missing("\ngroupCall#", "\ncallOfGroup#", "groupCall");
    expect_missing("\nupdateChannel#", "\nupdateCanal#", "needs: updateChannel");
    expect_missing(" lang_pack:string", " pack_of_lang:string", "initConnection.lang_pack:string");
}
END_TEST

START_TEST(test_ids_of_32_bits_are_not_enough)
{
    expect_missing(" channel_id:long", " channel_id:int", "peerChannel.channel_id:long, which is of another type");
    expect_missing(" id:long access_hash:flags", " id:int access_hash:flags", "user.id:long");
}
END_TEST

Suite *suite_needs(void)
{
    Suite *s = suite_create("needs");
    TCase *t = tcase_create("needs");

    tcase_add_test(t, test_the_shipped_layers_have_all_that_is_needed);
    tcase_add_test(t, test_what_is_missing_is_named);
    tcase_add_test(t, test_ids_of_32_bits_are_not_enough);
    suite_add_tcase(s, t);
    return s;
}

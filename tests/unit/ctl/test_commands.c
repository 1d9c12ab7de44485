/* The table of commands itself, and command lines read by it. */
#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

#include <stdio.h>
#include <string.h>

#include "daemon/ctl/options.h"

static struct ctl_options options;
static char path[2048];

/* ARGV[0] is the program; argp may put the words into another order. */
static const char *path_of(int argc, char **argv)
{
    ctl_options_parse(argc, argv, &options);
    ck_assert_int_eq(ctl_verb_path(&options.words, path, sizeof(path)), 0);
    return path;
}
#define PATH_OF(...) path_of((int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]){__VA_ARGS__, NULL})

static void check_word(const struct ctl_verb *v, const struct ctl_word *w, bool *is_list, bool *may_lack)
{
    char placeholder[64];

    ck_assert_msg(w->help != NULL, "%s %s has no help", v->name, w->name);
    ck_assert_msg((w->arg == NULL) == (w->kind == CTL_TRUE || w->kind == CTL_NULL || w->kind == CTL_EMPTY),
                  "%s %s", v->name, w->name);
    snprintf(placeholder, sizeof(placeholder), "{%s}", w->name);
    ck_assert_msg((w->place == CTL_IN_PATH) == (v->path && strstr(v->path, placeholder)), "%s %s", v->name, w->name);
    if (w->option)
        return;
    /* A list takes all that is left, and what may lack cannot stand before what may not. */
    ck_assert_msg(!*is_list && (!*may_lack || w->may_lack), "%s %s comes too late", v->name, w->name);
    *is_list = ctl_is_list(w);
    *may_lack = w->may_lack;
}

static void check_verb(const struct ctl_verb *v)
{
    bool is_list = false, may_lack = false;
    const struct ctl_word *w = v->words;

    ck_assert_msg(v->summary && strlen(v->summary) < 64, "%s", v->name);
    ck_assert_msg(v->run || (v->method && v->path), "%s does nothing", v->name);
    for (; w && w->name; w++)
        check_word(v, w, &is_list, &may_lack);
    ck_assert_msg(!w || w - v->words <= CTL_WORDS_MAX, "%s has too many words", v->name);
    for (const struct ctl_column *c = v->view ? v->view->columns : NULL; c && c->title; c++)
        ck_assert_msg(c - v->view->columns < CTL_COLUMNS_MAX, "%s has too many columns", v->name);
}

START_TEST(every_verb_is_whole)
{
    for (const struct ctl_command *c = ctl_commands; c->name; c++) {
        ck_assert_msg(!!c->argp + !!c->verb + !!c->verbs == 1, "%s", c->name);
        if (c->verb)
            check_verb(c->verb);
        for (const struct ctl_verb *v = c->verbs; v && v->name; v++)
            check_verb(v);
    }
}
END_TEST

START_TEST(options_stand_anywhere)
{
    ck_assert_str_eq(PATH_OF("ctl", "--unix", "/s", "call", "list", "--state", "active", "--json"),
                     "/v1/calls?state=active");
    ck_assert(options.as_json);
    ck_assert_str_eq(options.door.unix_path, "/s");
    ck_assert_str_eq(PATH_OF("ctl", "call", "--json", "show", "--account=a", "5"), "/v1/calls/5?account=a");
    ck_assert(options.as_json);
    ck_assert_str_eq(PATH_OF("ctl", "accounts", "--json"), "/v1/accounts");
    ck_assert_str_eq(PATH_OF("ctl", "accounts"), "/v1/accounts");
}
END_TEST

START_TEST(ids_below_zero_are_words)
{
    ck_assert_str_eq(PATH_OF("ctl", "call", "participant", "-12", "-1009", "--account", "-3"),
                     "/v1/calls/-12/participants/-1009?account=-3");
    ck_assert_str_eq(PATH_OF("ctl", "call", "show", "-7"), "/v1/calls/-7");
    ck_assert_str_eq(PATH_OF("ctl", "call", "show", "--", "-7"), "/v1/calls/-7");
}
END_TEST

START_TEST(a_path_is_never_cut)
{
    char longest[3000];

    memset(longest, '%', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    char *argv[] = {"ctl", "peers", "show", longest, NULL};
    ctl_options_parse(4, argv, &options);
    ck_assert_int_eq(ctl_verb_path(&options.words, path, sizeof(path)), TGC_ELIMIT);
}
END_TEST

Suite *suite_commands(void)
{
    Suite *s = suite_create("commands");
    TCase *t = tcase_create("commands");

    tcase_add_test(t, every_verb_is_whole);
    tcase_add_test(t, options_stand_anywhere);
    tcase_add_test(t, ids_below_zero_are_words);
    tcase_add_test(t, a_path_is_never_cut);
    suite_add_tcase(s, t);
    return s;
}

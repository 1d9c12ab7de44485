#include <stdio.h>
#include <string.h>

#include "daemon/ctl/command.h"
#include "daemon/ctl/verb.h"

/* Options of the client's own have lower keys (options.c); a digit is the second character of an id below zero. */
enum { KEY_FIRST = 0x200, DIGITS = 10 };

const char *ctl_given(const struct ctl_words *words, const char *name)
{
    for (size_t i = 0; i < words->given_n; i++)
        if (strcmp(words->given[i].word->name, name) == 0)
            return words->given[i].text;
    return NULL;
}

static void give(struct argp_state *state, const struct ctl_word *word, const char *text)
{
    struct ctl_words *words = state->input;

    for (size_t i = 0; i < words->given_n; i++) {
        const struct ctl_word *before = words->given[i].word;
        if (before == word && !ctl_is_list(word))
            argp_error(state, "--%s is given twice", word->option);
        if (before != word && strcmp(before->name, word->name) == 0)
            argp_error(state, "--%s does not go with --%s", word->option, before->option);
    }
    if (words->given_n == CTL_GIVEN_MAX)
        argp_error(state, "more than %d words", CTL_GIVEN_MAX);
    words->given[words->given_n++] = (struct ctl_given){word, text};
}

/* What is no option belongs to the first word without an option that has no value so far, or to a list. */
static void give_place(struct argp_state *state, const char *text)
{
    struct ctl_words *words = state->input;

    for (const struct ctl_word *w = words->verb->words; w && w->name; w++) {
        if (!w->option && (ctl_is_list(w) || !ctl_given(words, w->name))) {
            give(state, w, text);
            return;
        }
    }
    argp_error(state, "'%s' is one word too many", text);
}

static void check_all(struct argp_state *state)
{
    const struct ctl_words *words = state->input;
    const struct ctl_given *first = NULL;

    for (const struct ctl_word *w = words->verb->words; w && w->name; w++)
        if (!w->option && !w->may_lack && !ctl_given(words, w->name))
            argp_error(state, "%s is missing: %s", w->arg, w->help);
    for (size_t i = 0; i < words->given_n; i++) {
        const struct ctl_word *w = words->given[i].word;
        if (w->method && w->option)
            first = &words->given[i];
    }
    for (size_t i = 0; first && i < words->given_n; i++) {
        const struct ctl_word *w = words->given[i].word;
        if (w->option && w->place == CTL_IN_BODY)
            argp_error(state, "--%s does not go with --%s", w->option, first->word->option);
    }
    const char *misuse = words->verb->misuse ? words->verb->misuse(words) : NULL;
    if (misuse)
        argp_error(state, "%s", misuse);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct ctl_words *words = state->input;

    if (key == ARGP_KEY_ARG) {
        give_place(state, arg);
    } else if (key >= '0' && key <= '9') {
        give_place(state, state->argv[state->next - 1]);
    } else if (key == ARGP_KEY_END) {
        check_all(state);
    } else if (key >= KEY_FIRST && key < KEY_FIRST + CTL_WORDS_MAX) {
        give(state, &words->verb->words[key - KEY_FIRST], arg ? arg : "true");
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* "ID USER..." */
static void put_places(const struct ctl_verb *verb, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (const struct ctl_word *w = verb->words; w && w->name; w++)
        if (!w->option && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s%s%s%s", n ? " " : "", w->may_lack ? "[" : "", w->arg,
                                  ctl_is_list(w) ? "..." : "", w->may_lack ? "]" : "");
}

static void put_doc(const struct ctl_verb *verb, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "%s.\v", verb->summary);

    for (const struct ctl_word *w = verb->words; w && w->name; w++)
        if (!w->option && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s: %s.\n", w->arg, w->help);
}

const struct argp *ctl_verb_argp(const struct ctl_verb *verb)
{
    static struct argp_option options[CTL_WORDS_MAX + DIGITS + 1];
    static char places[256], doc[2048];
    static struct argp argp;
    size_t n = 0;

    memset(options, 0, sizeof(options));
    for (const struct ctl_word *w = verb->words; w && w->name; w++)
        if (w->option)
            options[n++] = (struct argp_option){w->option, KEY_FIRST + (int)(w - verb->words), w->arg, 0, w->help, 0};
    for (int i = 0; i < DIGITS; i++)
        options[n++] = (struct argp_option){NULL, '0' + i, "", OPTION_HIDDEN | OPTION_ARG_OPTIONAL, NULL, 0};
    put_places(verb, places, sizeof(places));
    put_doc(verb, doc, sizeof(doc));
    argp = (struct argp){options, take, places, doc, NULL, NULL, NULL};
    return &argp;
}

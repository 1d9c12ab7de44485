/* A command as data: its words on the command line, the one request of the API that they make, and how the answer is
 * shown. What is more than that has a function of its own. */
#ifndef TGCALLD_CTL_VERB_H
#define TGCALLD_CTL_VERB_H

#include <argp.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"

enum {
    CTL_WORDS_MAX = 16,  /* of one verb */
    CTL_GIVEN_MAX = 128, /* on one command line; the API takes fewer of each list */
};

enum ctl_place {
    CTL_NOWHERE, /* of the client's own */
    CTL_IN_PATH,
    CTL_IN_QUERY,
    CTL_IN_BODY,
};

enum ctl_kind {
    CTL_TEXT,
    CTL_NUMBER,  /* a decimal integer */
    CTL_DATE,    /* Unix seconds, RFC 3339, or "+10m": so long from now */
    CTL_SWITCH,  /* yes or no */
    CTL_LIST,    /* an array of texts: an option is repeated, what is no option takes all that is left */
    CTL_NUMBERS, /* the same of decimal integers */
    CTL_SPAN,    /* so long: seconds, or "10m", "2h" */
    CTL_TRUE,    /* an option without a value: true where it is given */
    CTL_NULL,    /* the same of null, which takes a member away */
    CTL_EMPTY,   /* the same of a list without items */
};

struct ctl_word {
    const char *name;   /* the API's; in CTL_NOWHERE anything */
    const char *option; /* "at" is --at; NULL: by its place among the words */
    const char *arg;    /* what its value is called; NULL: CTL_TRUE, CTL_NULL and CTL_EMPTY */
    const char *help;
    enum ctl_place place;
    enum ctl_kind kind;
    bool may_lack;      /* of those without an option, which come last */
    const char *method; /* where it is given the request is made with this method */
};

struct ctl_words;

struct ctl_verb {
    const char *name, *summary;
    const char *method, *path;    /* {NAME} in the path is that word */
    const char *body;             /* JSON of the members that it always has; NULL: none */
    const struct ctl_word *words; /* a NULL name ends them; NULL: none */
    const struct ctl_view *view;  /* NULL: the answer says no more than that it is done */
    /* What is wrong with the words together, and what to give instead; NULL: nothing, or nothing ever is. */
    const char *(*misuse)(const struct ctl_words *words);
    const char *word;     /* to the person, when it is done; may be NULL */
    bool may_wait;        /* the API may make a job of it: it takes Prefer */
    bool is_local;        /* no daemon is needed */
    bool may_lack_daemon; /* it runs without one too: ctl->absent says why there is none */
    enum ctl_exit (*run)(const struct ctl *ctl, const struct ctl_words *words); /* NULL: one request, and its answer */
};

/* verb_words.c: an argp for VERB, whose input is the struct ctl_words; good until the next call. */
const struct argp *ctl_verb_argp(const struct ctl_verb *verb);
/* The first value of a word, or NULL. */
const char *ctl_given(const struct ctl_words *words, const char *name);

/* verb_request.c: what is to be asked. RET_BODY is the caller's, NULL where the request has none. TGC_ELIMIT: no path
 * is as long; TGC_ENOMEM; TGC_EINVAL: FAULT says which word cannot be used. */
int ctl_verb_path(const struct ctl_words *words, char *out, size_t size) TGC_MUST;
int ctl_verb_body(const struct ctl_words *words, json_t **ret_body, struct fault *fault) TGC_MUST;
const char *ctl_verb_method(const struct ctl_words *words);
/* One more parameter behind the first LEN bytes of PATH. TGC_ELIMIT. */
int ctl_query_add(char *path, size_t len, size_t size, const char *name, const char *value) TGC_MUST;

/* Whether a word may be given more than once. */
static inline bool ctl_is_list(const struct ctl_word *word)
{
    return word->kind == CTL_LIST || word->kind == CTL_NUMBERS;
}

/* verb_run.c */
enum ctl_exit ctl_verb_run(const struct ctl *ctl, const struct ctl_words *words);
/* An answer as the result; its reference is taken, and where VIEW is no NULL it may turn out to be no tgcalld's. */
enum ctl_exit ctl_verb_show(const struct ctl *ctl, const struct ctl_view *view, json_t *answer);

/* Prefer: so long an answer is waited for before the request goes on as a job, which is looked at then; or not at all.
 */
#define CTL_PATIENT "wait=10"
#define CTL_IMPATIENT "respond-async"

/* For the words of many verbs. */
#define CTL_WORD_ACCOUNT(where)                                                                                        \
    {                                                                                                                  \
        .name = "account", .option = "account", .arg = "NAME", .place = (where),                                       \
        .help = "The account, where more than one is ready"                                                            \
    }
#define CTL_WORD_LIMIT(text)                                                                                           \
    {                                                                                                                  \
        .name = "limit", .option = "limit", .arg = "N", .place = CTL_IN_QUERY, .kind = CTL_NUMBER, .help = text        \
    }
#define CTL_WORD_NO_WAIT                                                                                               \
    {                                                                                                                  \
        .name = "no-wait", .option = "no-wait", .kind = CTL_TRUE,                                                      \
        .help = "Do not wait for the answer: the result is the job that the request goes on as"                        \
    }

#endif

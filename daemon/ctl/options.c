#include "config.h"

#include "daemon/ctl/options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/near.h"

enum ctl_key {
    CTL_KEY_URL = 0x100,
    CTL_KEY_UNIX,
    CTL_KEY_TOKEN_FILE,
    CTL_KEY_INSECURE,
    CTL_KEY_CACERT,
    CTL_KEY_CERT,
    CTL_KEY_KEY,
    CTL_KEY_JSON
};

const struct argp_option ctl_own_options[] = {
    {NULL, 0, NULL, 0, "Which daemon:", 1},
    {"unix", CTL_KEY_UNIX, "PATH", 0,
     "Its Unix socket, where no token is needed; default the first that is served of "
     "$XDG_RUNTIME_DIR/tgcalld/api.sock, api.sock in the state directory, and /run/tgcalld/api.sock",
     0},
    {"url", CTL_KEY_URL, "URL", 0, "Its address, http://HOST:PORT or https://HOST:PORT; needs --token-file or --cert",
     0},
    {"insecure", CTL_KEY_INSECURE, NULL, 0, "Send the token over http:// to another machine, too", 0},
    {"token-file", CTL_KEY_TOKEN_FILE, "FILE", 0, "A file whose first line is a token of the API", 0},
    {"cacert", CTL_KEY_CACERT, "FILE", 0,
     "By https://, the authorities (PEM) that the daemon's certificate is to be of; default those of the system", 0},
    {"cert", CTL_KEY_CERT, "FILE", 0,
     "By https://, a certificate (PEM) to be known by, in place of a token or beside it", 0},
    {"key", CTL_KEY_KEY, "FILE", 0, "Its key, without a passphrase; default in the same file", 0},
    {NULL, 0, NULL, 0, "Results:", 2},
    {"json", CTL_KEY_JSON, NULL, 0, "As the API's own JSON, one answer a line", 0},
    {0},
};

static const struct ctl_command *find(const char *name)
{
    for (const struct ctl_command *c = ctl_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static const struct ctl_verb *find_verb(const struct ctl_verb *verbs, const char *name)
{
    for (const struct ctl_verb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

/* The nearest so far to NAME. */
struct near {
    const char *best;
    unsigned fewest;
};

static void come_near(struct near *n, const char *name, const char *candidate)
{
    unsigned slips;

    if (near_is(name, candidate, &slips) && (!n->best || slips < n->fewest))
        *n = (struct near){candidate, slips};
}

static const char *find_near(const char *name)
{
    struct near n = {0};

    for (const struct ctl_command *c = ctl_commands; c->name; c++)
        come_near(&n, name, c->name);
    return n.best;
}

static const char *find_near_verb(const struct ctl_verb *verbs, const char *name)
{
    struct near n = {0};

    for (const struct ctl_verb *v = verbs; v->name; v++)
        come_near(&n, name, v->name);
    return n.best;
}

/* Once each. */
static error_t set_text(struct argp_state *state, const char **field, const char *name, const char *text)
{
    if (*field)
        argp_error(state, "%s is given twice", name);
    if (!*text)
        argp_error(state, "%s needs a value", name);
    *field = text;
    return 0;
}

static error_t take_own(int key, char *arg, struct argp_state *state)
{
    struct ctl_options *o = state->input;

    switch (key) {
    case CTL_KEY_URL:
        return set_text(state, &o->door.url, "--url", arg);
    case CTL_KEY_UNIX:
        return set_text(state, &o->door.unix_path, "--unix", arg);
    case CTL_KEY_TOKEN_FILE:
        return set_text(state, &o->door.token_file, "--token-file", arg);
    case CTL_KEY_CACERT:
        return set_text(state, &o->door.tls.authorities, "--cacert", arg);
    case CTL_KEY_CERT:
        return set_text(state, &o->door.tls.certificate, "--cert", arg);
    case CTL_KEY_KEY:
        return set_text(state, &o->door.tls.key, "--key", arg);
    case CTL_KEY_INSECURE:
        o->door.is_insecure = true;
        return 0;
    case CTL_KEY_JSON:
        o->as_json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Options that stand before the command's name or behind it. */
static const struct argp own_argp = {ctl_own_options, take_own, NULL, NULL, NULL, NULL, NULL};

static error_t take_command(int key, char *arg, struct argp_state *state)
{
    struct ctl_options *o = state->input;
    const char *near;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = o;
        return 0;
    case ARGP_KEY_ARG:
        o->command = find(arg);
        near = o->command ? NULL : find_near(arg);
        if (near)
            argp_error(state, "'%s' is no command; did you mean '%s'?", arg, near);
        if (!o->command)
            argp_error(state, "'%s' is no command; --help lists them", arg);
        /* What follows is the command's. */
        o->words_at = state->next;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is missing; --help lists them");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The verb of a command that has several. */
static error_t take_verb(int key, char *arg, struct argp_state *state)
{
    struct ctl_options *o = state->input;
    const char *near;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = o;
        return 0;
    case ARGP_KEY_ARG:
        o->words.verb = find_verb(o->command->verbs, arg);
        near = o->words.verb ? NULL : find_near_verb(o->command->verbs, arg);
        if (near)
            argp_error(state, "'%s %s' is no command; did you mean '%s %s'?", o->command->name, arg, o->command->name,
                       near);
        if (!o->words.verb)
            argp_error(state, "'%s %s' is no command; --help lists them", o->command->name, arg);
        o->words_at = state->next;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        o->words.verb = o->command->verbs;
        o->words_at = state->argc;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *put_verbs(int key, const char *text, void *input)
{
    const struct ctl_options *o = input;
    char *out = NULL;
    size_t size;
    FILE *f;

    if (key != ARGP_KEY_HELP_POST_DOC || !o || !(f = open_memstream(&out, &size)))
        return (char *)(uintptr_t)text;
    fprintf(f, "Commands:\n");
    for (const struct ctl_verb *v = o->command->verbs; v->name; v++)
        fprintf(f, "  %-13s %s\n", v->name, v->summary);
    fprintf(f, "'tgcalldctl %s COMMAND --help' says more of each; without one it is '%s'.\n", o->command->name,
            o->command->verbs->name);
    return fclose(f) == 0 ? out : (char *)(uintptr_t)text;
}

static void judge_door(const struct ctl_door *d, struct argp_state *state)
{
    const struct ctl_tls *tls = &d->tls;
    bool has_tls = tls->authorities || tls->certificate || tls->key;

    if (d->url && d->unix_path)
        argp_error(state, "--url or --unix, not both");
    if (has_tls && (!d->url || strncasecmp(d->url, "https://", 8) != 0))
        argp_error(state, "--cacert, --cert and --key are for --url https://HOST:PORT");
    if (tls->key && !tls->certificate)
        argp_error(state, "--key is that of a certificate, which --cert names");
    if (d->url && !d->token_file && !tls->certificate)
        argp_error(state, "--url needs --token-file: the daemon's first token is in admin.token in its state "
                          "directory; or by https:// --cert");
}

/* Behind the command's name: the first child is the command's own. */
static error_t take_words(int key, char *arg, struct argp_state *state)
{
    struct ctl_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->words;
        state->child_inputs[1] = o;
        return 0;
    case ARGP_KEY_END:
        judge_door(&o->door, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *put_commands(int key, const char *text, void *input)
{
    char *out = NULL;
    size_t size;
    FILE *f;

    if (key != ARGP_KEY_HELP_POST_DOC || !(f = open_memstream(&out, &size)))
        return (char *)(uintptr_t)text;
    fprintf(f, "Commands:\n");
    for (const struct ctl_command *c = ctl_commands; c->name; c++)
        fprintf(f, "  %-20s %s\n", c->name, c->summary);
    fprintf(f, "'tgcalldctl COMMAND --help' says more of each.\n\n%s", text);
    return fclose(f) == 0 ? out : (char *)(uintptr_t)text;
}

static const char doc[] =
    "Speaks with a running tgcalld: as a person at a terminal, who is asked, or as a script, with lines in and out.\v"
    "Exit status: 0, 1 where the daemon or Telegram refused, 2 for a command line that cannot be used, 3 where no "
    "daemon "
    "answers.\n"
    "\n"
    "See tgcalldctl(1).";

static const struct argp_child main_children[] = {{&own_argp, 0, NULL, 0}, {0}};
static const struct argp main_argp = {NULL, take_command, "COMMAND [WORD...]", doc, main_children, put_commands, NULL};

void ctl_options_parse(int argc, char **argv, struct ctl_options *ret)
{
    struct ctl_options o = {0};
    static char name[64], program[] = "tgcalldctl", *no_words[] = {program, NULL};

    argp_program_version = "tgcalldctl " PACKAGE_VERSION;
    argp_err_exit_status = CTL_USAGE;
    if (argc < 1) {
        argc = 1;
        argv = no_words;
    }
    argp_parse(&main_argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
    snprintf(name, sizeof(name), "tgcalldctl %s", o.command->name);
    argv[o.words_at - 1] = name;
    o.words.verb = o.command->verb;
    if (o.command->verbs) {
        struct argp verb_argp = {NULL, take_verb, "COMMAND [WORD...]", NULL, main_children, put_verbs, NULL};
        char summary[256];
        snprintf(summary, sizeof(summary), "%s.\v", o.command->summary);
        verb_argp.doc = summary;
        int from = o.words_at - 1;
        o.words_at = 0;
        argp_parse(&verb_argp, argc - from, argv + from, ARGP_IN_ORDER, NULL, &o);
        o.words_at += from;
        snprintf(name, sizeof(name), "tgcalldctl %s %s", o.command->name, o.words.verb->name);
        argv[o.words_at - 1] = name;
    }
    const struct argp *own = o.words.verb ? ctl_verb_argp(o.words.verb) : o.command->argp;
    const struct argp_child children[] = {{own, 0, NULL, 0}, {&own_argp, 0, NULL, 0}, {0}};
    const struct argp words_argp = {NULL, take_words, NULL, NULL, children, NULL, NULL};
    argp_parse(&words_argp, argc - o.words_at + 1, argv + o.words_at - 1, o.words.verb ? ARGP_IN_ORDER : 0, NULL, &o);
    *ret = o;
}

#include "config.h"

#include "config/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <argp.h>

#include "daemon/base/address.h"
#include "config/options_internal.h"
#include "daemon/base/log.h"

error_t options_set_text(struct argp_state *state, char **field, const char *name, const char *text)
{
    if (*field)
        argp_error(state, "%s is given twice", name);
    if (*text == '\0')
        argp_error(state, "%s needs a value", name);
    *field = strdup(text);
    return *field ? 0 : ENOMEM;
}

error_t options_add_text(struct text_list *list, const char *text)
{
    return text_list_add(list, text) ? ENOMEM : 0;
}

uint64_t options_number(struct argp_state *state, const char *name, const char *text, uint64_t min, uint64_t max)
{
    char *end;

    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || v < min || v > max)
        argp_error(state, "%s: '%s' is not a number from %llu to %llu", name, text, (unsigned long long)min,
                   (unsigned long long)max);
    return v;
}

void options_want_loopback(struct argp_state *state, const char *name, const char *text)
{
    struct address a;
    struct fault fault = {0};

    if (address_from_text(text, true, &a, &fault) != 0)
        argp_error(state, "%s: %s", name, fault.text);
    else if (!a.loopback)
        argp_error(state, "%s: '%s' is not on loopback (127.0.0.0/8, [::1]), and the sandbox listens nowhere else",
                   name, text);
}

static const struct argp_option daemon_options[] = {
    {NULL, 0, NULL, 0, "Where things are:", 1},
    {"config", KEY_CONFIG, "FILE", 0, "Configuration; default " TGCALLD_SYSCONFDIR "/tgcalld/tgcalld.conf", 0},
    {"state-dir", KEY_STATE_DIR, "DIR", 0,
     "Accounts, keys and sockets; default $STATE_DIRECTORY, else $XDG_STATE_HOME/tgcalld, else ~/.local/state/tgcalld",
     0},
    {"store", KEY_STORE, "URL", 0,
     "Keep the accounts in this PostgreSQL database, such as postgresql://tgcalld@/tgcalld?host=/run/postgresql; "
     "default store.db in the state directory",
     0},
    {NULL, 0, NULL, 0, "The REST API (replaces what the configuration says):", 2},
    {"listen", KEY_LISTEN, "ADDR:PORT", 0,
     "Serve HTTP here, more than once if you like; default 127.0.0.1:8765, port 0 is any free one, 'none' is no TCP",
     0},
    {"unix", KEY_UNIX, "PATH", 0, "Serve HTTP on this Unix socket; 'none' is none", 0},
    {"host", KEY_HOST, "NAME", 0, "What a request's Host may name besides the addresses; repeatable", 0},
    {"cors-origin", KEY_CORS_ORIGIN, "ORIGIN", 0,
     "Pages of this origin, such as http://localhost:3000, may call the API from a browser; repeatable", 0},
    {NULL, 0, NULL, 0, "Without Telegram:", 3},
    {"sandbox", KEY_SANDBOX, NULL, 0,
     "Start a local data centre inside, with users and chats to try; needs no account and no configuration", 0},
    {"control", KEY_CONTROL, "ADDR:PORT", 0, "The sandbox's control port (faults on demand)", 0},
    {NULL, 0, NULL, 0, "Telegram's schema:", 4},
    {"layer", KEY_LAYER, "N", 0, "The layer to speak; default 229", 0},
    {"schema", KEY_SCHEMA, "FILE", 0,
     "A schema beside the shipped ones, its layer from its '// LAYER N' line; repeatable", 0},
    {NULL, 0, NULL, 0, "Other:", 5},
    {"log-level", KEY_LOG_LEVEL, "LEVEL", 0, "error, warning, notice, info or debug", 0},
    {"check-config", KEY_CHECK_CONFIG, NULL, 0, "Judge the configuration, name every mistake in it, and stop", 0},
    {0},
};

static char sandbox_name[] = "tgcalld sandbox", token_name[] = "tgcalld token", backup_name[] = "tgcalld backup",
            seal_name[] = "tgcalld seal";

static const struct command {
    const char *word;
    char *name;
    enum options_run run;
    const struct argp *argp;
} commands[] = {
    {"sandbox", sandbox_name, OPTIONS_SANDBOX, &options_sandbox_argp},
    {"token", token_name, OPTIONS_TOKEN_RESET, &options_token_argp},
    {"backup", backup_name, OPTIONS_BACKUP, &options_backup_argp},
    {"seal", seal_name, OPTIONS_SEAL_ROTATE, &options_seal_argp},
};

/* NULL: none. */
static const struct command *find_command(const char *word)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(word, commands[i].word) == 0)
            return &commands[i];
    return NULL;
}

static error_t end_daemon(struct argp_state *state, struct options *o)
{
    if (o->sandbox && o->config)
        argp_error(state, "--sandbox reads no configuration file: leave --config out");
    if (o->control && !o->sandbox)
        argp_error(state, "--control belongs to --sandbox");
    return 0;
}

static error_t take_daemon(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_CONFIG:
        return options_set_text(state, &o->config, "--config", arg);
    case KEY_STATE_DIR:
        return options_set_text(state, &o->state_dir, "--state-dir", arg);
    case KEY_STORE:
        return options_set_text(state, &o->store, "--store", arg);
    case KEY_LISTEN:
        return options_add_text(&o->listen, arg);
    case KEY_UNIX:
        return options_set_text(state, &o->unix_path, "--unix", arg);
    case KEY_HOST:
        return options_add_text(&o->hosts, arg);
    case KEY_CORS_ORIGIN:
        return options_add_text(&o->cors_origins, arg);
    case KEY_SANDBOX:
        o->sandbox = true;
        return 0;
    case KEY_CONTROL:
        options_want_loopback(state, "--control", arg);
        return options_set_text(state, &o->control, "--control", arg);
    case KEY_LAYER:
        o->layer = (unsigned)options_number(state, "--layer", arg, 1, 9999);
        return 0;
    case KEY_SCHEMA:
        return options_add_text(&o->schema, arg);
    case KEY_LOG_LEVEL:
        o->log_level = log_level_parse(arg);
        if (o->log_level < 0)
            argp_error(state, "--log-level: '%s' is not one of error, warning, notice, info, debug", arg);
        return 0;
    case KEY_CHECK_CONFIG:
        o->run = OPTIONS_CHECK_CONFIG;
        return 0;
    case ARGP_KEY_ARG:
        if (find_command(arg))
            argp_error(state, "'%s' comes first: %s %s …", arg, state->name, arg);
        argp_error(state, "'%s' is not a command; there are 'sandbox', 'backup', 'seal rotate' and 'token reset'", arg);
        return 0;
    case ARGP_KEY_END:
        return end_daemon(state, o);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char daemon_doc[] =
    "Runs the daemon: Telegram group calls and live streams by a local REST API.\v"
    "Try it without an account:\n"
    "  tgcalld --sandbox\n"
    "or against Telegram, with api_id and api_hash from https://my.telegram.org in the configuration:\n"
    "  tgcalld --config tgcalld.conf\n"
    "A token for the API is written to admin.token in the state directory at the first start, the addresses to "
    "listen.\n"
    "\n"
    "'tgcalld sandbox' runs the local data centre alone, for any client library; see 'tgcalld sandbox --help'.\n"
    "'tgcalld backup' copies the accounts' database, 'tgcalld seal rotate' changes its seal key; both while the daemon "
    "runs too.\n"
    "'tgcalld token reset' makes a new token where the first one is lost.\n"
    "\n"
    "Exit status: 0 after a clean stop, 1 after a failure at run time, 2 for a command line or configuration that "
    "cannot be "
    "used, 3 when another daemon holds the state.\n"
    "\n"
    "See tgcalld(8) and tgcalld.conf(5).";

static const struct argp daemon_argp = {
    daemon_options,
    take_daemon,
    "\nsandbox [OPTION...]\nbackup FILE [OPTION...]\nseal rotate [OPTION...]\ntoken reset [OPTION...]",
    daemon_doc,
    NULL,
    NULL,
    NULL};

int options_parse(int argc, char **argv, struct options *ret)
{
    struct options o = {.run = OPTIONS_DAEMON, .log_level = -1};
    static char daemon_name[] = "tgcalld", *no_words[] = {daemon_name, NULL};
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
    error_t err;

    argp_program_version = PACKAGE_STRING;
    argp_err_exit_status = 2;
    if (command) {
        o.run = command->run;
        argv[1] = command->name;
        err = argp_parse(command->argp, argc - 1, argv + 1, 0, NULL, &o);
    } else if (argc < 1) {
        err = argp_parse(&daemon_argp, 1, no_words, 0, NULL, &o);
    } else {
        err = argp_parse(&daemon_argp, argc, argv, 0, NULL, &o);
    }
    if (err) {
        options_fini(&o);
        return TGC_ENOMEM;
    }
    *ret = o;
    return 0;
}

void options_fini(struct options *o)
{
    char *texts[] = {o->control, o->config,         o->state_dir, o->store, o->unix_path,
                     o->second,  o->public_key_out, o->key,       o->backup};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    text_list_fini(&o->listen);
    text_list_fini(&o->schema);
    text_list_fini(&o->hosts);
    text_list_fini(&o->cors_origins);
    *o = (struct options){.log_level = -1};
}

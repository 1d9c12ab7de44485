#include <string.h>

#include "config/options_internal.h"

static const struct argp_option token_options[] = {
    {"config", KEY_CONFIG, "FILE", 0,
     "Where the daemon's configuration is; default " TGCALLD_SYSCONFDIR "/tgcalld/tgcalld.conf, where it is there", 0},
    {"state-dir", KEY_STATE_DIR, "DIR", 0,
     "Where the daemon keeps its state; default as for the daemon (/var/lib/tgcalld is the unit's)", 0},
    {"store", KEY_STORE, "URL", 0, "The daemon's --store, where it was started with one", 0},
    {0},
};

static error_t take_token(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_CONFIG:
        return options_set_text(state, &o->config, "--config", arg);
    case KEY_STATE_DIR:
        return options_set_text(state, &o->state_dir, "--state-dir", arg);
    case KEY_STORE:
        return options_set_text(state, &o->store, "--store", arg);
    case ARGP_KEY_ARG:
        if (state->arg_num > 0 || strcmp(arg, "reset") != 0)
            argp_error(state, "'%s' is not a command; there is only 'reset'", arg);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "what is to be done is missing: reset");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char token_doc[] =
    "Makes a new admin token where the former one is lost. The daemon must be stopped, and so must each that has the "
    "same database.\v"
    "The new token is written to admin.token in the state directory; the former admin token is not valid any more, "
    "other "
    "tokens stay. Run it as the daemon's user, or as root.\n"
    "\n"
    "Exit status: 0, 1 after a failure, 2 for a command line or configuration that cannot be used and where no daemon "
    "ever kept its state, 3 while a daemon holds the state or the database.";

const struct argp options_token_argp = {token_options, take_token, "reset", token_doc, NULL, NULL, NULL};

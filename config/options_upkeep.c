/* `tgcalld backup` and `tgcalld seal`. */
#include <string.h>

#include "config/options_internal.h"

enum { GROUP_WHERE = 1 };

static const char config_doc[] =
    "Where the daemon's configuration is; default " TGCALLD_SYSCONFDIR "/tgcalld/tgcalld.conf, where it is there",
                  state_dir_doc[] =
                      "Where the daemon keeps its state; default as for the daemon (/var/lib/tgcalld is the unit's)",
                  store_doc[] = "The daemon's --store, where it was started with one";

static const struct argp_option backup_options[] = {
    {"config", KEY_CONFIG, "FILE", 0, config_doc, GROUP_WHERE},
    {"state-dir", KEY_STATE_DIR, "DIR", 0, state_dir_doc, GROUP_WHERE},
    {"replace", KEY_REPLACE, NULL, 0, "Put the copy in the place of a file that is there", GROUP_WHERE},
    {0},
};
static const struct argp_option seal_options[] = {
    {"config", KEY_CONFIG, "FILE", 0, config_doc, GROUP_WHERE},
    {"state-dir", KEY_STATE_DIR, "DIR", 0, state_dir_doc, GROUP_WHERE},
    {"store", KEY_STORE, "URL", 0, store_doc, GROUP_WHERE},
    {0},
};

static error_t take_common(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_CONFIG:
        return options_set_text(state, &o->config, "--config", arg);
    case KEY_STATE_DIR:
        return options_set_text(state, &o->state_dir, "--state-dir", arg);
    case KEY_STORE:
        return options_set_text(state, &o->store, "--store", arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t take_backup(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_REPLACE:
        o->replace = true;
        return 0;
    case ARGP_KEY_ARG:
        return options_set_text(state, &o->backup, "FILE", arg);
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "where the copy goes is missing: FILE");
        return 0;
    default:
        return take_common(key, arg, state);
    }
}

static error_t take_seal(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num > 0 || strcmp(arg, "rotate") != 0)
            argp_error(state, "'%s' is not a command; there is only 'rotate'", arg);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "what is to be done is missing: rotate");
        return 0;
    default:
        return take_common(key, arg, state);
    }
}

#define STATUS                                                                                                         \
    "\n\nExit status: 0, 1 after a failure, 2 for a command line or configuration that cannot be used and where no "   \
    "daemon ever kept its state, 3 where the state is held by a daemon that cannot be asked."

static const char backup_doc[] =
    "Copies the database of the accounts into FILE, whether or not the daemon runs.\v"
    "The copy is consistent, and readable for you alone. What is secret in it is sealed with the seal key, which is "
    "not "
    "in it: keep that (seal.key in the state directory) at another place, and the configuration too.\n"
    "\n"
    "To restore, stop the daemon for good, then put FILE in the place of store.db in the state directory, without "
    "store.db-wal and store.db-shm, with the seal key of then. A restored copy and its original must never run at "
    "once: "
    "Telegram ends a login whose key it sees at two places.\n"
    "\n"
    "A store in PostgreSQL is copied by pg_dump." STATUS;
static const char seal_doc[] =
    "Makes a new seal key and seals all that is secret in the database with it, whether or not the daemon runs.\v"
    "Where the key is given (key_file in the configuration, or the credential seal.key), the next one has to be beside "
    "it as KEY_FILE.next. Backups made before need the key of then." STATUS;

const struct argp options_backup_argp = {backup_options, take_backup, "FILE", backup_doc, NULL, NULL, NULL};
const struct argp options_seal_argp = {seal_options, take_seal, "rotate", seal_doc, NULL, NULL, NULL};

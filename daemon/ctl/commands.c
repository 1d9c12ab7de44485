#include "daemon/ctl/command.h"

const struct ctl_command ctl_commands[] = {
    {"accounts", &ctl_accounts_argp, ctl_accounts, "List the accounts and what each waits for"},
    {"import", &ctl_import_argp, ctl_import, "Make an account of another program's session string"},
    {"login", &ctl_login_argp, ctl_login, "Log an account in, a step at a time"},
    {0},
};

error_t ctl_take_name(int key, char *arg, struct argp_state *state)
{
    struct ctl_words *words = state->input;

    if (key == ARGP_KEY_NO_ARGS)
        argp_error(state, "the account's name is missing");
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (words->name)
        argp_error(state, "'%s' is one word too many", arg);
    words->name = arg;
    return 0;
}

#include "daemon/ctl/command.h"

const struct ctl_command ctl_commands[] = {
    {.name = "accounts", .verbs = ctl_accounts, .summary = "Accounts and what each waits for"},
    {.name = "audit", .verb = &ctl_audit, .summary = "Who changed what, and who was refused"},
    {.name = "call", .verbs = ctl_calls, .summary = "Group calls: create, start, change, end, who is in them"},
    {.name = "completion", .verb = &ctl_completion, .summary = "A script that completes these commands in a shell"},
    {.name = "doctor", .verb = &ctl_doctor, .summary = "Look for faults, and say what to do about each"},
    {.name = "events", .verb = &ctl_events, .summary = "What happened, and what happens"},
    {.name = "import", .argp = &ctl_import_argp, .run = ctl_import, .summary = "Make an account of a session string"},
    {.name = "jobs", .verbs = ctl_jobs, .summary = "Requests that go on without their client"},
    {.name = "live", .verbs = ctl_live, .summary = "Chats in which a call is kept running"},
    {.name = "login", .argp = &ctl_login_argp, .run = ctl_login, .summary = "Log an account in, a step at a time"},
    {.name = "logout", .verb = &ctl_logout, .summary = "Log an account out"},
    {.name = "method", .verb = &ctl_method, .summary = "Call any method of Telegram's"},
    {.name = "nodes", .verb = &ctl_nodes, .summary = "Daemons that share a database, and which has the accounts"},
    {.name = "peers", .verbs = ctl_peers, .summary = "Who that is, and what an account may do there"},
    {.name = "schedules", .verbs = ctl_schedules, .summary = "Calls that are there at their dates by themselves"},
    {.name = "schema", .verbs = ctl_schema, .summary = "Layers of Telegram's API, and what a new one changes"},
    {.name = "tokens", .verbs = ctl_tokens, .summary = "Who may use the API for what"},
    {.name = "webhooks", .verbs = ctl_webhooks, .summary = "Where events are sent by themselves"},
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

/* tgcalldctl accounts, logout */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ID", .path = "user.id", .is_whole = true},
    {.title = "USERNAME", .path = "user.username"},
    {.title = "FULL NAME", .path = "user.first_name user.last_name"},
    {.title = "DC", .path = "dc", .where = CTL_IN_PIPE},
    {.title = "CONNECTION", .path = "connection.state"},
    {.title = "REASON", .path = "reason|connection.reason", .where = CTL_ON_TERMINAL},
    {.title = "REMEDY", .path = "remedy", .where = CTL_ON_TERMINAL},
    {0},
};
static const struct ctl_column list_columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ID", .path = "user.id", .is_whole = true},
    {.title = "USERNAME", .path = "user.username"},
    {.title = "FULL NAME", .path = "user.first_name user.last_name"},
    {.title = "DC", .path = "dc", .where = CTL_IN_PIPE},
    {.title = "CONNECTION", .path = "connection.state", .is_whole = true},
    {.title = "REASON", .path = "reason|connection.reason", .where = CTL_ON_TERMINAL},
    {0},
};
static const struct ctl_view one = {.columns = columns}, all = {.list = "accounts", .columns = list_columns};

static const struct ctl_word name_word[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    {0},
};
static const struct ctl_word logout_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    CTL_WORD_NO_WAIT,
    {0},
};

const struct ctl_verb ctl_accounts[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/accounts",
     .view = &all,
     .summary = "List the accounts and what each waits for"},
    {.name = "show",
     .method = "GET",
     .path = "/v1/accounts/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Show one account"},
    {.name = "remove",
     .method = "DELETE",
     .path = "/v1/accounts/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Log an account out and forget it",
     .word = "The account is forgotten."},
    {0},
};

const struct ctl_verb ctl_logout = {
    .name = "logout",
    .method = "POST",
    .path = "/v1/accounts/{name}/logout",
    .words = logout_words,
    .view = &one,
    .summary = "Log an account out; its key is destroyed here and at Telegram",
    .may_wait = true,
};

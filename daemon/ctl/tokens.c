/* tgcalldctl tokens */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "SCOPES", .path = "scopes"},
    {.title = "ACCOUNTS", .path = "accounts"},
    {.title = "CREATED", .path = "created_at", .form = PICK_TIME},
    {.title = "EXPIRES", .path = "expires_at", .form = PICK_TIME},
    {.title = "LAST USED", .path = "last_used_at", .form = PICK_TIME},
    {0},
};
/* In a pipe the token alone, so that the output is a file for --token-file. */
static const struct ctl_column new_columns[] = {
    {.title = "NAME", .path = "name", .where = CTL_ON_TERMINAL},
    {.title = "SCOPES", .path = "scopes", .where = CTL_ON_TERMINAL},
    {.title = "ACCOUNTS", .path = "accounts", .where = CTL_ON_TERMINAL},
    {.title = "EXPIRES", .path = "expires_at", .form = PICK_TIME, .where = CTL_ON_TERMINAL},
    {.title = "TOKEN", .path = "token", .is_whole = true},
    {0},
};
static const struct ctl_view all = {.list = "tokens", .columns = columns}, fresh = {.columns = new_columns};

static const struct ctl_word new_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_BODY, .help = "What it is called"},
    {.name = "scopes",
     .arg = "SCOPE",
     .place = CTL_IN_BODY,
     .kind = CTL_LIST,
     .help = "read, calls, accounts, methods, secrets or admin"},
    {.name = "accounts",
     .option = "account",
     .arg = "NAME",
     .place = CTL_IN_BODY,
     .kind = CTL_LIST,
     .help = "For this account alone; may be repeated"},
    {.name = "expires_at",
     .option = "expires",
     .arg = "DATE",
     .place = CTL_IN_BODY,
     .kind = CTL_DATE,
     .help = "When it ends: Unix seconds, RFC 3339, or +12h"},
    {0},
};
static const struct ctl_word name_word[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The token's name"},
    {0},
};

const struct ctl_verb ctl_tokens[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/tokens",
     .view = &all,
     .summary = "List the tokens, what they are for and when each was used last"},
    {.name = "create",
     .method = "POST",
     .path = "/v1/tokens",
     .words = new_words,
     .view = &fresh,
     .summary = "Make a token; in a pipe it is all there is on stdout",
     .word = "The token is shown this once: keep it in a file that only its user can read, for --token-file."},
    {.name = "revoke",
     .method = "DELETE",
     .path = "/v1/tokens/{name}",
     .words = name_word,
     .summary = "Revoke a token"},
    {0},
};

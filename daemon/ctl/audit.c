/* tgcalldctl audit */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "AT", .path = "at", .form = PICK_TIME},
    {.title = "WHO", .path = "who"},
    {.title = "FROM", .path = "peer"},
    {.title = "METHOD", .path = "method"},
    {.title = "PATH", .path = "path"},
    {.title = "ACCOUNT", .path = "account"},
    {.title = "STATUS", .path = "status"},
    {.title = "TELEGRAM", .path = "telegram.message"},
    {.title = "COUNT", .path = "count"},
    {.title = "REQUEST", .path = "request_id", .where = CTL_IN_PIPE},
    {0},
};
static const struct ctl_view view = {.list = "records", .columns = columns};

static const struct ctl_word words[] = {
    {.name = "since",
     .option = "since",
     .arg = "DATE",
     .place = CTL_IN_QUERY,
     .kind = CTL_DATE,
     .help = "Only from then on: Unix seconds, or RFC 3339"},
    {.name = "token",
     .option = "token",
     .arg = "NAME",
     .place = CTL_IN_QUERY,
     .help = "Only what this token did, or this uid (\"uid 1000\")"},
    CTL_WORD_LIMIT("At most so many, the newest"),
    {0},
};

const struct ctl_verb ctl_audit = {.name = "audit",
                                   .method = "GET",
                                   .path = "/v1/audit",
                                   .words = words,
                                   .view = &view,
                                   .summary = "Who changed what, and who was refused, the newest first"};

/* tgcalldctl jobs */
#include "daemon/ctl/command.h"
#include "daemon/ctl/follow.h"

static const struct ctl_column columns[] = {
    {.title = "ID", .path = "id", .is_whole = true},
    {.title = "REQUEST", .path = "request"},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ACCOUNT", .path = "account"},
    {.title = "CREATED", .path = "created_at", .form = PICK_TIME},
    {.title = "UNTIL", .path = "until", .form = PICK_TIME},
    {.title = "STATUS", .path = "status"},
    {0},
};
static const struct ctl_view all = {.list = "jobs", .columns = columns};

static const struct ctl_word list_words[] = {
    {.name = "state",
     .option = "state",
     .arg = "STATE",
     .place = CTL_IN_QUERY,
     .help = "Only those that are queued, running, waiting, done or failed"},
    CTL_WORD_LIMIT("At most so many, the newest"),
    {0},
};
static const struct ctl_word id_word[] = {
    {.name = "id", .arg = "ID", .place = CTL_IN_PATH, .help = "The job"},
    {0},
};

const struct ctl_verb ctl_jobs[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/jobs",
     .words = list_words,
     .view = &all,
     .summary = "List the jobs, the newest first"},
    {.name = "show",
     .method = "GET",
     .path = "/v1/jobs/{id}",
     .words = id_word,
     .view = &follow_job_view,
     .summary = "Show one job; --json has its answer too"},
    {.name = "cancel",
     .method = "DELETE",
     .path = "/v1/jobs/{id}",
     .words = id_word,
     .view = &follow_job_view,
     .summary = "Cancel a job that was not sent yet"},
    {0},
};

#include "daemon/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/percent.h"
#include "daemon/ctl/follow.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/pause.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/say_problem.h"

/* Between two looks at a job: the first comes soon. */
enum { LOOK_FIRST_MS = 100, LOOK_MAX_MS = 2000, JOB_PATH_SIZE = 128 };

static const struct ctl_column job_columns[] = {
    {.title = "ID", .path = "id", .is_whole = true},
    {.title = "REQUEST", .path = "request"},
    {.title = "STATE", .path = "state"},
    {.title = "ACCOUNT", .path = "account"},
    {.title = "CREATED", .path = "created_at", .form = PICK_TIME},
    {.title = "UNTIL", .path = "until", .form = PICK_TIME},
    {.title = "STATUS", .path = "status"},
    {.title = "PROBLEM", .path = "problem.detail|problem.title", .is_below = true},
    {0},
};
const struct ctl_view follow_job_view = {.columns = job_columns};

/* Once for each wait. */
static void say_state(const json_t *job, json_int_t *said_until, bool is_first)
{
    char until[PICK_SIZE];
    json_int_t at = json_integer_value(json_object_get(job, "until"));

    if (is_first)
        say("No answer yet: it goes on as job %s, whether or not this is left.", member_text(job, "id"));
    if (strcmp(member_text(job, "state"), "waiting") != 0 || at == *said_until)
        return;
    *said_until = at;
    pick_text(job, "until", PICK_TIME, true, until);
    say("It waits until %s, as Telegram asks.", until);
}

static enum ctl_exit no_job(void)
{
    say_fault("what answers there is no tgcalld: that is no job");
    return CTL_NO_DAEMON;
}

static enum ctl_exit judge(const json_t *job, json_t **ret)
{
    if (strcmp(member_text(job, "state"), "failed") == 0) {
        say_problem(json_object_get(job, "problem"));
        return CTL_REFUSED;
    }
    *ret = json_incref(json_object_get(job, "answer"));
    return CTL_DONE;
}

static bool has_ended(const json_t *job)
{
    return strcmp(member_text(job, "state"), "done") == 0 || strcmp(member_text(job, "state"), "failed") == 0;
}

enum ctl_exit follow_job(const struct ctl *ctl, json_t *job, json_t **ret)
{
    char path[JOB_PATH_SIZE] = "/v1/jobs/", id[64];
    json_int_t said_until = 0;
    size_t at = strlen(path);
    unsigned ms = LOOK_FIRST_MS;
    enum ctl_exit e = CTL_DONE;

    snprintf(id, sizeof(id), "%s", member_text(job, "id"));
    if (!percent_encode(id, strlen(id), path + at, sizeof(path) - at) || !*id) {
        json_decref(job);
        return no_job();
    }
    say_state(job, &said_until, true);
    while (!e && !has_ended(job)) {
        json_decref(job);
        job = NULL;
        pause_ms(ms);
        ms = ms * 2 > LOOK_MAX_MS ? LOOK_MAX_MS : ms * 2;
        e = ctl_ask(ctl, "GET", path, NULL, &job);
        if (!e && !*member_text(job, "state"))
            e = no_job();
        if (!e)
            say_state(job, &said_until, false);
        else
            say("The job may still go on: 'tgcalldctl jobs show %s' says how it ended.", id);
    }
    if (!e)
        e = judge(job, ret);
    json_decref(job);
    return e;
}

/* tgcalldctl events: by long poll, which is where it stands by one number, whoever ended the connection. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/ctl/command.h"
#include "daemon/ctl/pause.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/say_problem.h"

enum {
    PATH_SIZE = 2048,
    WAIT_S = 60, /* as long as the API waits */
    RETRY_FIRST_MS = 250,
    RETRY_MAX_MS = 5000,
    CHANGED = 7, /* the field of the members that changed, which no path leads to */
    FIELDS = 12,
};

static const struct ctl_word words[] = {
    {.name = "follow", .option = "follow", .kind = CTL_TRUE, .help = "Go on with what happens, until it is left"},
    {.name = "after",
     .option = "after",
     .arg = "ID",
     .kind = CTL_NUMBER,
     .help = "Begin after this event; without it with the first that is kept, with --follow from now on"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "types",
     .option = "types",
     .arg = "TYPE,...",
     .place = CTL_IN_QUERY,
     .help = "Only these: account, call, job, live, schedule, stream_key, or constructors of updates such as "
             "updateGroupCall"},
    {0},
};

/* Where a reader stands. */
struct follower {
    const struct ctl *ctl;
    char path[PATH_SIZE];
    size_t path_len; /* without its cursor */
    int64_t after;
    bool is_following, is_met, is_lost, is_titled;
    unsigned retry_ms;
    struct timespec asked; /* monotonic */
};

/* "title, version" */
static void put_changed(const json_t *data, char out[static PICK_SIZE])
{
    const json_t *value;
    const char *name;
    size_t n = 0;

    out[0] = '\0';
    /* The library iterates over what it could change. */
    json_object_foreach ((json_t *)(uintptr_t)json_object_get(data, "changed"), name, value) {
        if (n < PICK_SIZE)
            n += (size_t)snprintf(out + n, PICK_SIZE - n, "%s%s", n ? ", " : "", name);
    }
}

/* A schedule has the problem of its last occurrence for long: it is this event's where that came to nothing, or its
 * call could not be ended. */
static void put_problem(const json_t *data, char out[static PICK_SIZE])
{
    const char *what = json_string_value(json_object_get(data, "what"));

    if (what && (strcmp(what, "missed") == 0 || strcmp(what, "refused") == 0))
        pick_text(data, "schedule.last.problem.detail|schedule.last.problem.title", PICK_PLAIN, true, out);
    else if (what && strcmp(what, "left") == 0)
        pick_text(data, "schedule.last.left.detail|schedule.last.left.title", PICK_PLAIN, true, out);
}

static void put_for_people(char texts[FIELDS][PICK_SIZE])
{
    static const int columns[] = {7, 19, 23, 12};
    enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };
    char rest[PICK_SIZE];
    size_t n = 0;

    for (size_t i = 0; i < COLUMNS; i++)
        say_cell(texts[i], columns[i]);
    rest[0] = '\0';
    for (size_t i = COLUMNS; i < FIELDS && n < sizeof(rest); i++)
        if (texts[i][0])
            n += (size_t)snprintf(rest + n, sizeof(rest) - n, "%s%s", n ? "  " : "", texts[i]);
    say_row((const char *const[]){rest}, 1);
}

/* Something is missing: that is said to a person too who looks at the other fields alone. */
static void say_gap(const json_t *data)
{
    say_fault("events are missing here, which were forgotten or lost: between %" JSON_INTEGER_FORMAT
              " and %" JSON_INTEGER_FORMAT,
              json_integer_value(json_object_get(data, "after")),
              json_integer_value(json_object_get(data, "resumes_after")));
}

static void put_titles(struct follower *f)
{
    static char titles[FIELDS][PICK_SIZE] = {"ID", "AT", "EVENT", "ACCOUNT", "WHAT"};

    if (!f->is_titled)
        put_for_people(titles);
    f->is_titled = true;
}

static int put_event(struct follower *f, const json_t *event)
{
    static const struct {
        const char *path;
        enum pick_form form;
    } fields[FIELDS] = {
        {"id", PICK_PLAIN},
        {"data.received_at", PICK_TIME},
        {"event", PICK_PLAIN},
        {"data.account", PICK_PLAIN},
        {"data.what", PICK_PLAIN},
        {"data.call.id|data.job.id|data.update.call.id|data.live.call.id|data.schedule.call", PICK_PLAIN},
        {"data.call.state|data.job.state|data.state|data.live.state|data.schedule.state", PICK_PLAIN},
        [CHANGED + 1] = {"data.schedule.name", PICK_PLAIN},
        {"data.call.peer|data.live.wish.peer|data.schedule.peer|data.peer", PICK_PEER},
        {"data.at", PICK_TIME},
        {"data.live.reason|data.schedule.reason|data.rotated_by", PICK_PLAIN}};
    static char texts[FIELDS][PICK_SIZE];
    const struct ctl *ctl = f->ctl;
    const char *row[FIELDS];
    const char *name = json_string_value(json_object_get(event, "event"));

    if (name && strcmp(name, "gap") == 0)
        say_gap(json_object_get(event, "data"));
    if (ctl->as_json)
        return say_result(event);
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].path)
            pick_text(event, fields[i].path, fields[i].form, ctl->is_table, texts[i]);
    put_changed(json_object_get(event, "data"), texts[CHANGED]);
    put_problem(json_object_get(event, "data"), texts[FIELDS - 1]);
    for (size_t i = 0; i < FIELDS; i++)
        row[i] = texts[i];
    if (ctl->is_table) {
        put_titles(f);
        put_for_people(texts);
    } else {
        say_row(row, FIELDS);
    }
    return 0;
}

/* A daemon that has been there may come back: whoever follows waits for it. */
static enum ctl_exit come_back(struct follower *f, const char *why)
{
    if (!f->is_following || !f->is_met) {
        say_fault("%s", why);
        return CTL_NO_DAEMON;
    }
    if (!f->is_lost)
        say_fault("%s; trying again", why);
    f->is_lost = true;
    pause_ms(f->retry_ms);
    f->retry_ms = f->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : f->retry_ms * 2;
    return CTL_DONE;
}

/* A page of events; *RET is NULL where there is none to be had just now. */
static enum ctl_exit ask(struct follower *f, json_t **ret)
{
    struct fault fault = {0};
    struct ctl_answer answer;

    *ret = NULL;
    clock_gettime(CLOCK_MONOTONIC, &f->asked);
    int err = ctl_http_ask(f->ctl->http, "GET", f->path, NULL, NULL, &answer, &fault);
    if (err == TGC_ELIMIT) {
        say_fault("%s", fault.text);
        return CTL_USAGE;
    }
    if (err)
        return come_back(f, fault.text);
    if (answer.status >= 200 && answer.status <= 299) {
        *ret = answer.json;
        return CTL_DONE;
    }
    bool may_pass = answer.status >= 500 && f->is_following && f->is_met;
    enum ctl_exit e = CTL_REFUSED;
    if (may_pass)
        e = come_back(f, "the daemon has no answer just now");
    else
        say_problem(answer.json);
    json_decref(answer.json);
    return e;
}

/* Whoever is to wait and answers at once with nothing would be asked without end. */
static void slow_down(const struct follower *f)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - f->asked.tv_sec < 2)
        pause_ms(RETRY_FIRST_MS);
}

/* PAGE is taken. */
static enum ctl_exit take_page(struct follower *f, json_t *page, bool *ret_is_end)
{
    const json_t *next = json_object_get(page, "next"), *events = json_object_get(page, "events"), *event;
    enum ctl_exit e = CTL_DONE;
    size_t i;

    if (!json_is_integer(next) || !json_is_array(events)) {
        say_fault("what answers there is no tgcalld: it has no page of events");
        json_decref(page);
        return CTL_NO_DAEMON;
    }
    if (f->is_lost)
        say("The daemon is there again.");
    f->is_lost = false;
    f->retry_ms = RETRY_FIRST_MS;
    f->is_met = true;
    json_array_foreach (events, i, event) {
        if (put_event(f, event) != 0)
            e = CTL_REFUSED;
    }
    *ret_is_end = !f->is_following && json_integer_value(next) == f->after;
    if (f->is_following && json_array_size(events) == 0)
        slow_down(f);
    f->after = json_integer_value(next);
    json_decref(page);
    return e;
}

static enum ctl_exit aim(struct follower *f)
{
    char wait[16], after[32];
    int err;

    snprintf(wait, sizeof(wait), "%d", f->is_following && f->after >= 0 && !f->is_lost ? WAIT_S : 0);
    snprintf(after, sizeof(after), "%" PRId64, f->after);
    err = ctl_query_add(f->path, f->path_len, PATH_SIZE, "wait", wait);
    if (!err && f->after >= 0)
        err = ctl_query_add(f->path, strlen(f->path), PATH_SIZE, "after", after);
    if (err)
        say_fault("what is asked for is longer than any request");
    return err ? CTL_USAGE : CTL_DONE;
}

static enum ctl_exit run(const struct ctl *ctl, const struct ctl_words *given)
{
    struct follower f = {.ctl = ctl, .retry_ms = RETRY_FIRST_MS};
    const char *after = ctl_given(given, "after");
    bool is_end = false;
    enum ctl_exit e = CTL_DONE;

    f.is_following = ctl_given(given, "follow") != NULL;
    /* Below zero: from wherever the daemon is. */
    f.after = f.is_following ? -1 : 0;
    if (after && (sscanf(after, "%" SCNd64, &f.after) != 1 || after[strspn(after, "0123456789")])) {
        say_fault("--after: '%s' is not the id of an event", after);
        return CTL_USAGE;
    }
    if (ctl_verb_path(given, f.path, PATH_SIZE) != 0) {
        say_fault("what is asked for is longer than any request");
        return CTL_USAGE;
    }
    f.path_len = strlen(f.path);
    while (!e && !is_end) {
        json_t *page = NULL;
        e = aim(&f);
        e = e ? e : ask(&f, &page);
        if (!e && page)
            e = take_page(&f, page, &is_end);
        if (ferror(stdout))
            break;
    }
    return e;
}

const struct ctl_verb ctl_events = {
    .name = "events",
    .method = "GET",
    .path = "/v1/events",
    .words = words,
    .run = run,
    .summary = "What happened to accounts, calls and jobs, and what happens",
};

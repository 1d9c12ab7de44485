/* tgcalldctl doctor: what the files and the daemon itself tell, and what to do about each fault. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config/settings.h"
#include "daemon/base/percent.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/say.h"

enum {
    PATH_SIZE = 4096,
    TEXT_SIZE = 1024,
    CLOCK_MAX_S = 10, /* a clock that is set over the network is right to less */
};

/* The service's StateDirectory. */
#define SERVICE_STATE "/var/lib/tgcalld"

struct visit {
    const struct ctl *ctl;
    json_t *checks;
    bool is_faulty, is_full;
};

static void add(struct visit *v, const char *what, const char *state, const char *detail, const char *remedy)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "check", what, "state", state, "detail", detail, "remedy", remedy);

    v->is_faulty = v->is_faulty || strcmp(state, "fault") == 0;
    v->is_full = v->is_full || !row || json_array_append_new(v->checks, row) != 0;
}

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void add_list(struct visit *v, const struct text_list *list, const char *state, const char *remedy)
{
    for (size_t i = 0; i < list->n; i++)
        add(v, "configuration", state, list->items[i], remedy);
}

/* The state directory that it names in STATE_DIR. */
static void look_at_settings(struct visit *v, const char *config, char state_dir[static PATH_SIZE])
{
    struct options options = {.log_level = -1, .config = config ? strdup(config) : NULL};
    struct settings settings = {0};
    struct settings_report report = {0};
    int err = settings_load(&options, &settings, &report);

    add_list(v, &report.errors, "fault", "Correct it; tgcalld --check-config says whether that was all.");
    add_list(v, &report.warnings, "warning", "");
    if (!err) {
        const char *file = settings_file(&settings);
        add(v, "configuration", "good", file ? file : "", "");
        if (!settings.api_id && settings.environment == SETTINGS_PRODUCTION)
            add(v, "configuration", "warning", "there is no api_id, without which no account can log in",
                "Get api_id and api_hash at https://my.telegram.org and set both in [telegram].");
        if (settings.state_dir)
            snprintf(state_dir, PATH_SIZE, "%s", settings.state_dir);
    }
    settings_fini(&settings);
    settings_report_fini(&report);
    options_fini(&options);
}

static void look_at_file(struct visit *v, const char *folder, const char *name, bool may_lack)
{
    char path[PATH_SIZE], detail[TEXT_SIZE], remedy[TEXT_SIZE];
    struct stat st;

    if ((size_t)snprintf(path, sizeof(path), "%s%s%s", folder, *name ? "/" : "", name) >= sizeof(path))
        return;
    if (stat(path, &st) != 0) {
        snprintf(detail, sizeof(detail), "%.900s: %s", path, strerror(errno));
        if (!may_lack || errno != ENOENT)
            add(v, "files", "unknown", detail,
                "Look as the daemon's user or root, or say with --state-dir where its state is.");
        return;
    }
    bool is_open = st.st_mode & 077;
    snprintf(detail, sizeof(detail), "%.900s has mode %03o%s", path, (unsigned)st.st_mode & 0777,
             is_open ? ", so that others on this machine can get at it" : "");
    snprintf(remedy, sizeof(remedy), "chmod go= '%.900s'", path);
    add(v, "files", is_open ? "fault" : "good", detail, is_open ? remedy : "");
}

static void look_at_files(struct visit *v, const char *folder)
{
    static const char *const names[] = {"store.db", "seal.key", "admin.token"};

    look_at_file(v, folder, "", false);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        look_at_file(v, folder, names[i], true);
}

/* NULL: there is no answer, or none of a tgcalld; FAULT says why. */
static json_t *ask(struct visit *v, const char *method, const char *path, const json_t *body, int *status,
                   struct fault *fault)
{
    struct ctl_answer answer;

    *status = 0;
    if (ctl_http_ask(v->ctl->http, method, path, body, NULL, &answer, fault) != 0)
        return NULL;
    *status = answer.status;
    return answer.json;
}

static void look_at_readiness(struct visit *v)
{
    struct fault fault = {0};
    char text[PICK_SIZE];
    int status;
    json_t *answer = ask(v, "GET", "/readyz", NULL, &status, &fault);

    pick_text(answer, "reasons|detail", PICK_PLAIN, false, text);
    if (status == 200)
        add(v, "ready", "good", "the store can be written, and every account that should be online is", "");
    else
        add(v, "ready", "fault", text, member(answer, "remedy"));
    json_decref(answer);
}

static void look_at_clock(struct visit *v, const char *account)
{
    struct fault fault = {0};
    char path[PATH_SIZE] = "/v1/methods/help.getConfig?account=", text[TEXT_SIZE];
    size_t at = strlen(path);
    json_t *none = json_object(), *answer = NULL;
    int status = 0;
    json_int_t before = (json_int_t)time(NULL);

    if (none && percent_encode(account, strlen(account), path + at, sizeof(path) - at))
        answer = ask(v, "POST", path, none, &status, &fault);
    json_int_t there = json_integer_value(json_object_get(answer, "date")), here = (json_int_t)time(NULL);
    /* An answer is of some moment since it was asked for, however long that took. */
    json_int_t off = there < before ? before - there : there > here ? there - here : 0;
    if (status != 200 || there <= 0) {
        add(v, "clock", "unknown", "Telegram could not be asked for its time", member(answer, "remedy"));
    } else {
        snprintf(text, sizeof(text), "it is %" JSON_INTEGER_FORMAT " s from Telegram's", off);
        add(v, "clock", off > CLOCK_MAX_S ? "fault" : "good", text,
            off > CLOCK_MAX_S ? "Have it set over the network: timedatectl set-ntp true" : "");
    }
    json_decref(answer);
    json_decref(none);
}

static void look_at_account(struct visit *v, const json_t *account)
{
    char text[PICK_SIZE], remedy[TEXT_SIZE];
    const char *name = member(account, "name"), *state = member(account, "state");
    bool is_ready = strcmp(state, "ready") == 0;
    bool is_on = strcmp(member(json_object_get(account, "connection"), "state"), "ready") == 0;
    char said[PICK_SIZE];

    pick_text(account, "name state connection.reason reason", PICK_PLAIN, false, text);
    pick_text(account, "remedy", PICK_PLAIN, false, said);
    if (!is_ready && !said[0])
        snprintf(remedy, sizeof(remedy), "tgcalldctl login %.64s", name);
    else
        snprintf(remedy, sizeof(remedy), "%.900s",
                 said[0] ? said
                 : is_on ? ""
                         : "Telegram is not reached: see the network, the name servers, the firewall, and the proxy.");
    add(v, "account", is_ready && is_on ? "good" : "fault", text, remedy);
}

static void look_at_accounts(struct visit *v)
{
    struct fault fault = {0};
    const char *ready = NULL;
    const json_t *account;
    size_t i;
    int status;
    json_t *answer = ask(v, "GET", "/v1/accounts", NULL, &status, &fault);
    const json_t *accounts = json_object_get(answer, "accounts");

    if (status != 200)
        add(v, "account", "unknown", *member(answer, "title") ? member(answer, "title") : fault.text,
            member(answer, "remedy"));
    else if (json_array_size(accounts) == 0)
        add(v, "account", "fault", "there is none", "tgcalldctl login main");
    json_array_foreach (accounts, i, account) {
        look_at_account(v, account);
        if (!ready && strcmp(member(account, "state"), "ready") == 0)
            ready = member(account, "name");
    }
    if (ready)
        look_at_clock(v, ready);
    json_decref(answer);
}

/* Whether it is a sandbox, which reads no configuration. */
static bool look_at_daemon(struct visit *v, bool *ret_is_there)
{
    struct fault fault = {0};
    char text[PICK_SIZE], detail[TEXT_SIZE];
    int status = 0;
    json_t *answer = v->ctl->http ? ask(v, "GET", "/version", NULL, &status, &fault) : NULL;
    bool is_sandbox = strcmp(member(answer, "environment"), "sandbox") == 0;

    *ret_is_there = status == 200 && strcmp(member(answer, "name"), "tgcalld") == 0;
    pick_text(answer, "version environment", PICK_PLAIN, false, text);
    snprintf(detail, sizeof(detail), "tgcalld %.900s", text);
    if (*ret_is_there)
        add(v, "daemon", "good", detail, "");
    else
        add(v, "daemon", "fault",
            !v->ctl->http   ? v->ctl->absent
            : fault.text[0] ? fault.text
                            : "it is no tgcalld",
            "Start it: systemctl start tgcalld; its log says why where it ends: journalctl -u tgcalld");
    pick_text(answer, "layer", PICK_PLAIN, false, text);
    snprintf(detail, sizeof(detail), "it speaks layer %.900s", text);
    if (*ret_is_there)
        add(v, "layer", "good", detail, "");
    json_decref(answer);
    return is_sandbox;
}

static const struct ctl_column columns[] = {
    {.title = "CHECK", .path = "check", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "DETAIL", .path = "detail", .is_whole = true},
    {.title = "REMEDY", .path = "remedy", .is_whole = true},
    {0},
};
static const struct ctl_view view = {.list = "checks", .columns = columns};

static void look(struct visit *v, const struct ctl_words *given, bool *ret_is_there)
{
    char folder[PATH_SIZE] = "";
    struct stat st;
    const char *state_dir = ctl_given(given, "state-dir");
    bool is_sandbox = look_at_daemon(v, ret_is_there);

    if (!is_sandbox)
        look_at_settings(v, ctl_given(given, "config"), folder);
    if (state_dir)
        snprintf(folder, sizeof(folder), "%s", state_dir);
    else if (!is_sandbox && stat(folder, &st) != 0 && stat(SERVICE_STATE, &st) == 0)
        snprintf(folder, sizeof(folder), "%s", SERVICE_STATE);
    if (folder[0])
        look_at_files(v, folder);
    if (*ret_is_there) {
        look_at_readiness(v);
        look_at_accounts(v);
    }
}

static enum ctl_exit run(const struct ctl *ctl, const struct ctl_words *given)
{
    struct visit v = {.ctl = ctl, .checks = json_array()};
    json_t *answer = json_pack("{s:O}", "checks", v.checks);
    bool is_there = false;

    if (answer)
        look(&v, given, &is_there);
    bool is_bad = !answer || v.is_full || (ctl->as_json ? say_result(answer) : ctl_view_put(ctl, &view, answer)) != 0;
    if (is_bad)
        say_fault("out of memory");
    json_decref(answer);
    json_decref(v.checks);
    return is_bad ? CTL_REFUSED : !is_there ? CTL_NO_DAEMON : v.is_faulty ? CTL_REFUSED : CTL_DONE;
}

static const struct ctl_word words[] = {
    {.name = "config",
     .option = "config",
     .arg = "FILE",
     .help = "The daemon's configuration, where it is not the usual"},
    {.name = "state-dir",
     .option = "state-dir",
     .arg = "DIR",
     .help = "Its state directory, where that is not the usual"},
    {0},
};

const struct ctl_verb ctl_doctor = {
    .name = "doctor",
    .words = words,
    .run = run,
    .may_lack_daemon = true,
    .summary = "Look for faults, and say what to do about each",
};

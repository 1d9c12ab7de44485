/* tgcalldctl doctor: what the daemon itself tells, what the files and the network do, and what to do about each fault.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/base/percent.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/doctor_internal.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/say.h"

/* A clock that is set over the network is right to less. */
enum { CLOCK_MAX_S = 10 };

/* The service's StateDirectory. */
#define SERVICE_STATE "/var/lib/tgcalld"

void doctor_add(struct visit *v, const char *what, const char *state, const char *detail, const char *remedy)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "check", what, "state", state, "detail", detail, "remedy", remedy);

    v->is_faulty = v->is_faulty || strcmp(state, "fault") == 0;
    v->is_full = v->is_full || !row || json_array_append_new(v->checks, row) != 0;
}

json_t *doctor_ask(struct visit *v, const char *method, const char *path, const json_t *body, int *status,
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
    json_t *answer = doctor_ask(v, "GET", "/readyz", NULL, &status, &fault);

    pick_text(answer, "reasons.detail|detail", PICK_PLAIN, false, text);
    if (status == 200)
        doctor_add(v, "ready", "good", "the store can be written, and every account that should be online is", "");
    else
        doctor_add(v, "ready", "fault", text, member_text(answer, "remedy"));
    json_decref(answer);
}

static void look_at_clock(struct visit *v, const char *account)
{
    struct fault fault = {0};
    char path[DOCTOR_PATH_SIZE] = "/v1/methods/help.getConfig?account=", text[DOCTOR_TEXT_SIZE];
    size_t at = strlen(path);
    json_t *none = json_object(), *answer = NULL;
    int status = 0;
    json_int_t before = (json_int_t)time(NULL);

    if (none && percent_encode(account, strlen(account), path + at, sizeof(path) - at))
        answer = doctor_ask(v, "POST", path, none, &status, &fault);
    json_int_t there = json_integer_value(json_object_get(answer, "date")), here = (json_int_t)time(NULL);
    /* An answer is of some moment since it was asked for, however long that took. */
    json_int_t off = there < before ? before - there : there > here ? there - here : 0;
    if (status != 200 || there <= 0) {
        doctor_add(v, "clock", "unknown", "Telegram could not be asked for its time", member_text(answer, "remedy"));
    } else {
        snprintf(text, sizeof(text), "it is %" JSON_INTEGER_FORMAT " s from Telegram's", off);
        doctor_add(v, "clock", off > CLOCK_MAX_S ? "fault" : "good", text,
                   off > CLOCK_MAX_S ? "Have it set over the network: timedatectl set-ntp true" : "");
    }
    json_decref(answer);
    json_decref(none);
}

static void look_at_account(struct visit *v, const json_t *account)
{
    char text[PICK_SIZE], remedy[DOCTOR_TEXT_SIZE];
    const char *name = member_text(account, "name"), *state = member_text(account, "state");
    bool is_ready = strcmp(state, "ready") == 0;
    bool is_on = strcmp(member_text(json_object_get(account, "connection"), "state"), "ready") == 0;
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
    doctor_add(v, "account", is_ready && is_on ? "good" : "fault", text, remedy);
}

/* Whether there are accounts and each connects by a way of its own: none of them goes by the daemon's, so neither may
 * what asks here. */
static bool look_at_accounts(struct visit *v)
{
    struct fault fault = {0};
    const char *ready = NULL;
    const json_t *account;
    size_t i, by_own_way = 0;
    int status;
    json_t *answer = doctor_ask(v, "GET", "/v1/accounts", NULL, &status, &fault);
    const json_t *accounts = json_object_get(answer, "accounts");

    if (status != 200)
        doctor_add(v, "account", status == 401 || status == 403 ? "fault" : "unknown",
                   *member_text(answer, "title") ? member_text(answer, "title") : fault.text,
                   member_text(answer, "remedy"));
    else if (json_array_size(accounts) == 0)
        doctor_add(v, "account", "fault", "there is none", "tgcalldctl login main");
    json_array_foreach (accounts, i, account) {
        look_at_account(v, account);
        by_own_way += *member_text(account, "proxy") ? 1 : 0;
        if (!ready && strcmp(member_text(account, "state"), "ready") == 0)
            ready = member_text(account, "name");
    }
    bool has_own_ways = by_own_way > 0 && by_own_way == json_array_size(accounts);
    if (ready)
        look_at_clock(v, ready);
    json_decref(answer);
    return has_own_ways;
}

/* Whether it is a sandbox, which reads no configuration. */
static bool look_at_daemon(struct visit *v, bool *ret_is_there)
{
    struct fault fault = {0};
    char text[PICK_SIZE], detail[DOCTOR_TEXT_SIZE];
    int status = 0;
    json_t *answer = v->ctl->http ? doctor_ask(v, "GET", "/version", NULL, &status, &fault) : NULL;
    bool is_sandbox = strcmp(member_text(answer, "environment"), "sandbox") == 0;

    *ret_is_there = status == 200 && strcmp(member_text(answer, "name"), "tgcalld") == 0;
    pick_text(answer, "version environment", PICK_PLAIN, false, text);
    snprintf(detail, sizeof(detail), "tgcalld %.900s", text);
    if (*ret_is_there)
        snprintf(v->environment, sizeof(v->environment), "%s", member_text(answer, "environment"));
    if (*ret_is_there)
        doctor_add(v, "daemon", "good", detail, "");
    else
        doctor_add(v, "daemon", "fault",
                   !v->ctl->http   ? v->ctl->absent
                   : fault.text[0] ? fault.text
                                   : "it is no tgcalld",
                   "Start it: systemctl start tgcalld; its log says why where it ends: journalctl -u tgcalld");
    pick_text(answer, "layer", PICK_PLAIN, false, text);
    snprintf(detail, sizeof(detail), "it speaks layer %.900s", text);
    if (*ret_is_there)
        doctor_add(v, "layer", "good", detail, "");
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

/* What lies on this machine: of a daemon elsewhere, only where the user says so. A sandbox reads no configuration, and
 * the way to it is no network's. */
static void look_here(struct visit *v, const struct ctl_words *given, bool is_sandbox, bool has_own_ways)
{
    const char *state_dir = ctl_given(given, "state-dir"), *config = ctl_given(given, "config");
    bool is_strange = is_sandbox || (v->ctl->is_elsewhere && !config);
    struct settings settings = {0};
    bool is_read = !is_strange && doctor_settings(v, config, &settings);
    const char *folder = state_dir ? state_dir : settings.state_dir;
    struct stat st;

    if (!state_dir && !is_strange && (!folder || stat(folder, &st) != 0) && stat(SERVICE_STATE, &st) == 0)
        folder = SERVICE_STATE;
    if (folder && (state_dir || !v->ctl->is_elsewhere))
        doctor_files(v, folder, is_read ? &settings : NULL);
    if (is_read && v->environment[0])
        doctor_leases(v, &settings);
    if (is_read && !v->ctl->is_elsewhere && !has_own_ways)
        doctor_net(v, &settings);
    settings_fini(&settings);
}

static void look(struct visit *v, const struct ctl_words *given, bool *ret_is_there)
{
    bool is_sandbox = look_at_daemon(v, ret_is_there), has_own_ways = false;

    if (*ret_is_there) {
        look_at_readiness(v);
        has_own_ways = look_at_accounts(v);
        doctor_nodes(v);
    }
    look_here(v, given, is_sandbox, has_own_ways);
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

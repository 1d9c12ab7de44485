/* tgcalldctl doctor: the configuration, and who can read the daemon's files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/ctl/doctor_internal.h"

static void add_list(struct visit *v, const struct text_list *list, const char *state, const char *remedy)
{
    for (size_t i = 0; i < list->n; i++)
        doctor_add(v, "configuration", state, list->items[i], remedy);
}

/* A daemon that runs may have been started with another file than the usual one, which is not there. Whether it may
 * have been started without any. */
static bool judge_absence(struct visit *v, const struct settings *s)
{
    bool may = strcmp(v->environment, settings_environment_name(s->environment)) == 0;
    char detail[DOCTOR_TEXT_SIZE];

    if (may)
        snprintf(detail, sizeof(detail),
                 "%.700s is not there: what follows is of the defaults, which need not be the daemon's",
                 settings_file(s));
    else
        snprintf(detail, sizeof(detail),
                 "%.700s is not there, and the daemon, whose environment is %s, was started with another file",
                 settings_file(s), v->environment);
    doctor_add(v, "configuration", "unknown", detail, "Say with --config which file the daemon was started with.");
    return may;
}

static bool judge(struct visit *v, const struct settings *s)
{
    char detail[DOCTOR_TEXT_SIZE];

    if (!s->file && v->environment[0])
        return judge_absence(v, s);
    snprintf(detail, sizeof(detail), "%.900s%s", settings_file(s),
             s->file ? "" : " is not there, so that the defaults count");
    doctor_add(v, "configuration", "good", detail, "");
    if (!s->api_id && s->environment == SETTINGS_PRODUCTION)
        doctor_add(v, "configuration", "warning", "there is no api_id, without which no account can log in",
                   "Get api_id and api_hash at https://my.telegram.org and set both in [telegram].");
    return true;
}

bool doctor_settings(struct visit *v, const char *config, struct settings *ret)
{
    struct options options = {.log_level = -1, .config = config ? strdup(config) : NULL};
    struct settings_report report = {0};
    int err = settings_load(&options, ret, &report);

    add_list(v, &report.errors, "fault", "Correct it; tgcalld --check-config says whether that was all.");
    add_list(v, &report.warnings, "warning", "");
    bool is_read = err == 0 && judge(v, ret);
    settings_report_fini(&report);
    options_fini(&options);
    return is_read;
}

static void look_at_file(struct visit *v, const char *path, bool may_lack)
{
    char detail[DOCTOR_TEXT_SIZE], remedy[DOCTOR_TEXT_SIZE];
    struct stat st;

    if (stat(path, &st) != 0) {
        snprintf(detail, sizeof(detail), "%.900s: %s", path, strerror(errno));
        if (!may_lack || errno != ENOENT)
            doctor_add(v, "files", "unknown", detail,
                       "Look as the daemon's user or root, or say with --state-dir where its state is.");
        return;
    }
    bool is_open = st.st_mode & 077;
    snprintf(detail, sizeof(detail), "%.900s has mode %03o%s", path, (unsigned)st.st_mode & 0777,
             is_open ? ", so that others on this machine can get at it" : "");
    snprintf(remedy, sizeof(remedy), "chmod go= '%.900s'", path);
    doctor_add(v, "files", is_open ? "fault" : "good", detail, is_open ? remedy : "");
}

/* GIVEN, where the settings have it elsewhere. */
static void look_in(struct visit *v, const char *folder, const char *name, const char *given)
{
    char path[DOCTOR_PATH_SIZE];

    if (given)
        look_at_file(v, given, false);
    else if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
        look_at_file(v, path, true);
}

void doctor_files(struct visit *v, const char *folder, const struct settings *settings)
{
    look_at_file(v, folder, false);
    if (!settings || !settings->store_url)
        look_in(v, folder, "store.db", settings ? settings->store_path : NULL);
    look_in(v, folder, "seal.key", settings ? settings->store_key_file : NULL);
    look_in(v, folder, "admin.token", NULL);
}

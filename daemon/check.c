/* --check-config: what only shows when the files that the configuration names are read too. */
#include <stdio.h>

#include "api/server.h"
#include "daemon/app.h"
#include "daemon/check_database.h"
#include "daemon/data_centres.h"
#include "daemon/hook/address_judge.h"
#include "daemon/schemas.h"
#include "daemon/tg/needs.h"
#include "daemon/tls_files.h"

static int complain(const struct fault *fault)
{
    fprintf(stderr, "tgcalld: %s\n", fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return EXIT_CONFIG;
}

/* The daemon starts without an api_id, for whoever wants to look at it first. */
static void tell(const struct settings *settings, const char *of_database)
{
    bool is_sandbox = settings->environment == SETTINGS_SANDBOX, can_log_in = is_sandbox || settings->api_id;
    const char *file = settings_file(settings);

    if (!can_log_in)
        fprintf(stderr,
                "tgcalld: warning: no account can log in to Telegram without an api_id and api_hash: get them at "
                "https://my.telegram.org and set both in the section [telegram] of %s\n",
                file);
    if (is_sandbox)
        printf("no configuration file is read with --sandbox");
    else
        printf("%s%s", file, settings->file ? "" : " is not there, so that the defaults count");
    printf(": good%s%s\n", can_log_in ? "" : ", but for logins", of_database);
}

static int judge_webhooks(const struct settings *settings)
{
    struct hook_allow allow = {0};
    struct fault fault = {0};
    int err = 0;

    for (size_t i = 0; i < settings->webhooks_allow.n && !err; i++)
        err = hook_allow_add(&allow, settings->webhooks_allow.items[i], &fault);
    return err ? complain(&fault) : 0;
}

static int judge(const struct settings *settings)
{
    struct schemas schemas = {0};
    struct data_centres data_centres;
    struct fault fault = {0};
    struct api_tls_files files = tls_files_of(settings);
    int status = judge_webhooks(settings);

    int err = schemas_load(&settings->schema, &schemas, &fault);
    const struct tl_schema *spoken = err ? NULL : schemas_find(&schemas, (int)settings->layer);
    if (spoken) /* that it is missing was said where the settings were read */
        err = tg_needs_check(spoken, &fault);
    if (err)
        status = complain(&fault);
    schemas_fini(&schemas);
    fault = (struct fault){0};
    if (tls_files_are_needed(settings, NULL) && api_check_tls(&files, &fault) != 0)
        status = complain(&fault);
    /* The sandbox brings its own. */
    if (settings->environment == SETTINGS_SANDBOX)
        return status;
    fault = (struct fault){0};
    if (data_centres_load(settings, NULL, &data_centres, &fault) == 0)
        data_centres_fini(&data_centres);
    else
        status = complain(&fault);
    return status;
}

int app_check(const struct settings *settings)
{
    const char *of_database;
    int status = judge(settings), database = check_database(settings, &of_database);

    status = status ? status : database;
    if (status == 0)
        tell(settings, of_database);
    return status;
}

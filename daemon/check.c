/* --check-config: what only shows when the files that the configuration names are read too. */
#include <stdio.h>

#include "api/server.h"
#include "daemon/app.h"
#include "daemon/data_centres.h"
#include "daemon/hook/address_judge.h"
#include "daemon/schemas.h"
#include "daemon/store/probe.h"
#include "daemon/tg/needs.h"
#include "daemon/tls_files.h"

static int complain(const struct fault *fault)
{
    fprintf(stderr, "tgcalld: %s\n", fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return EXIT_CONFIG;
}

/* Connections of the daemon: for the store and one that takes its place; of a node see SEVERAL NODES in tgcalld(8). */
enum { CONNECTIONS = 2, CONNECTIONS_OF_A_NODE = 5 };
/* No lease depends on the server's clock; who reads two logs does. */
#define CLOCK_MAX_US (10 * SECOND_US)

/* What the server would do, but not well. */
static void warn_of_server(const struct settings *settings, const struct server_facts *server)
{
    int64_t needed = settings->cluster_node ? CONNECTIONS_OF_A_NODE : CONNECTIONS;
    int64_t ahead_us = server->clock_ahead_us;

    if (!server->has_fsync)
        fprintf(stderr,
                "tgcalld: warning: the database server has fsync off: what it committed may be gone when its machine "
                "fails, and a call made twice; set fsync = on in its postgresql.conf\n");
    if (!server->has_full_page_writes)
        fprintf(stderr,
                "tgcalld: warning: the database server has full_page_writes off: the database may be damaged when "
                "its machine fails, unless its file system writes pages whole\n");
    if (!server->has_synchronous_commit)
        fprintf(stderr,
                "tgcalld: warning: a commit does not wait for the database server's disk, though it is asked to\n");
    if (server->connections_left < needed)
        fprintf(
            stderr,
            "tgcalld: warning: the database server takes %lld more connections of this login, and this daemon needs "
            "%lld: raise max_connections, or the limit of the database or the role\n",
            (long long)server->connections_left, (long long)needed);
    if (ahead_us > CLOCK_MAX_US || ahead_us < -CLOCK_MAX_US)
        fprintf(stderr, "tgcalld: warning: the database server's clock is %lld s %s this machine's\n",
                (long long)(ahead_us < 0 ? -ahead_us : ahead_us) / SECOND_US, ahead_us < 0 ? "behind" : "ahead of");
}

/* What a database's server has against the daemon is a mistake; that it is away now is none. */
static int judge_store(const struct settings *settings, bool *ret_answers)
{
    struct fault fault = {0};
    struct server_facts server = {0};
    int err = settings->store_url ? store_probe(settings->store_url, &server, &fault) : TGC_EAWAY;

    *ret_answers = err == 0;
    if (!err)
        warn_of_server(settings, &server);
    if (settings->store_url && err == TGC_EAWAY)
        fprintf(stderr, "tgcalld: warning: %s\n", fault.text);
    return err && err != TGC_EAWAY ? complain(&fault) : 0;
}

/* The daemon starts without an api_id, for whoever wants to look at it first. */
static void tell(const struct settings *settings, bool database_answers)
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
    printf(": good%s%s\n", can_log_in ? "" : ", but for logins", database_answers ? "; the database answers" : "");
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
    bool database_answers;
    int status = judge(settings), store = judge_store(settings, &database_answers);

    status = status ? status : store;
    if (status == 0)
        tell(settings, database_answers);
    return status;
}

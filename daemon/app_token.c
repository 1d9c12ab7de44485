#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/paths.h"
#include "daemon/app.h"
#include "daemon/store_place.h"
#include "daemon/token_files.h"

static int complain(int err, const struct fault *fault)
{
    fprintf(stderr, "tgcalld: %s\n", fault->text[0] ? fault->text : tgc_err_text(err));
    return err == TGC_EBUSY ? EXIT_HELD : err == TGC_EUNKNOWN ? EXIT_CONFIG : 1;
}

static int reset(const struct settings *settings, const struct state_dir *state, struct fault *fault)
{
    struct tokens_kept kept = {0};
    struct tokens *tokens = NULL;
    struct store *store = NULL;
    struct fault closing = {0};
    int err = state_dir_become_owner(state->path, fault);

    if (!err)
        err = store_place_open_kept(settings, state, &store, fault);
    if (!err && ((err = tokens_new(&tokens)) != 0 || (err = tokens_kept_open(&kept, store, tokens)) != 0))
        fault_set(fault, err, "out of memory");
    if (!err)
        err = token_files_reset(state, &kept, fault);
    tokens_kept_close(&kept);
    tokens_free(tokens);
    int close_err = store_close(store, &closing);
    if (!err && close_err)
        err = fault_set(fault, close_err, "%s", closing.text);
    int back = state_dir_become_oneself(err ? &closing : fault);
    return err ? err : back;
}

/* 0 or the exit status, having said why. */
static int reset_by(const struct options *o, const struct state_dir *state)
{
    struct settings settings = {0};
    struct settings_report report = {0};
    struct fault fault = {0};
    int err = settings_load(o, &settings, &report);

    for (size_t i = 0; i < report.errors.n; i++)
        fprintf(stderr, "tgcalld: %s\n", report.errors.items[i]);
    settings_report_fini(&report);
    if (err)
        return EXIT_CONFIG;
    err = reset(&settings, state, &fault);
    settings_fini(&settings);
    return err ? complain(err, &fault) : 0;
}

int app_reset_token(const struct options *o)
{
    struct state_dir state = {.lock_fd = -1};
    struct fault fault = {0};
    char *dir = NULL;

    if (paths_state_dir(o->state_dir, &dir, &fault) != 0)
        return complain(TGC_EUNKNOWN, &fault);
    int err = state_dir_find(dir, &fault);
    if (!err)
        err = state_dir_open(dir, &state, &fault);
    free(dir);
    if (err)
        return complain(err, &fault);
    int status = reset_by(o, &state);
    if (!status)
        printf("a new token with all scopes is in %s/admin.token; the former one is not valid any more\n", state.path);
    state_dir_close(&state);
    return status;
}

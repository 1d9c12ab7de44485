#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/paths.h"
#include "daemon/app.h"
#include "daemon/token_files.h"

static int complain(int status, const struct fault *fault)
{
    fprintf(stderr, "tgcalld: %s\n", fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return status;
}

int app_reset_token(const struct options *o)
{
    struct state_dir state = {.lock_fd = -1};
    struct fault fault = {0};
    char *dir = NULL;
    int err = paths_state_dir(o->state_dir, &dir, &fault), status = 0;

    if (err)
        return complain(EXIT_CONFIG, &fault);
    err = state_dir_find(dir, &fault);
    if (err) {
        free(dir);
        return complain(err == TGC_EUNKNOWN ? EXIT_CONFIG : 1, &fault);
    }
    err = state_dir_open(dir, &state, &fault);
    free(dir);
    if (err)
        return complain(err == TGC_EBUSY ? EXIT_HELD : 1, &fault);
    if (token_files_reset(&state, &fault) != 0)
        status = complain(1, &fault);
    else
        printf("a new token with all scopes is in %s/admin.token; the former one is not valid any more\n", state.path);
    state_dir_close(&state);
    return status;
}

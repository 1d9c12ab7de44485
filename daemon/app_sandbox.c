#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/app.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/crypto/rsa.h"
#include "daemon/descriptors.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/schemas.h"
#include "daemon/signals.h"

static int write_public_key(const char *private_path, const char *out_path, struct fault *fault)
{
    struct rsa_key *key = NULL;
    char *pem = NULL;
    int err = rsa_key_read(private_path, &key, fault);

    if (err)
        return err;
    err = rsa_key_public_pem(key, &pem);
    rsa_key_free(key);
    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    FILE *f = fopen(out_path, "w");
    bool is_put = f && fputs(pem, f) >= 0;
    if ((f && fclose(f) != 0) || !is_put)
        err = fault_set(fault, TGC_EIO, "cannot write %s: %s", out_path, strerror(errno));
    free(pem);
    return err;
}

int app_run_sandbox(const struct options *o)
{
    struct fault fault = {0};
    struct schemas schemas = {0};
    struct sandbox *sandbox = NULL;
    char *default_key = NULL;
    struct signals *signals = NULL;
    int status = 1;

    if (descriptors_have_sandbox(&fault) != 0) {
        fprintf(stderr, "tgcalld: %s\n", fault.text);
        return 1;
    }
    if (signals_new(&signals) != 0) {
        fprintf(stderr, "tgcalld: cannot start a thread\n");
        return 1;
    }
    if (schemas_load(&o->schema, &schemas, &fault) != 0) {
        fprintf(stderr, "tgcalld: %s\n", fault.text);
        status = EXIT_CONFIG;
        goto done;
    }
    if (!o->key && paths_data("keys/sandbox.pem", &default_key) != 0)
        goto done;
    struct sandbox_config config = {
        .listen = o->listen.n ? o->listen.items[0] : "127.0.0.1:0",
        .second = o->second ? o->second : "127.0.0.1:0",
        .control = o->control ? o->control : "127.0.0.1:0",
        .key_path = o->key ? o->key : default_key,
        .seeded = o->seeded,
        .seed = o->seed,
        .chats = o->chats,
        .accounts = o->accounts,
        .stored_answers = o->stored_answers,
        .schemas = schemas.list,
        .schemas_n = schemas.n,
    };
    if (o->public_key_out && write_public_key(config.key_path, o->public_key_out, &fault) != 0) {
        fprintf(stderr, "tgcalld: %s\n", fault.text);
        status = EXIT_CONFIG;
        goto done;
    }
    int err = sandbox_start(&config, &sandbox, &fault);
    if (err) {
        fprintf(stderr, "tgcalld: the sandbox cannot start: %s\n", fault.text[0] ? fault.text : tgc_err_text(err));
        status = err == TGC_EINVAL || err == TGC_ESYNTAX || err == TGC_EIO ? EXIT_CONFIG : 1;
        goto done;
    }
    if (log_writer_start(&fault) != 0) {
        fprintf(stderr, "tgcalld: the log's writer cannot start: %s\n", fault.text);
        goto done;
    }
    json_t *ready = sandbox_ready_line(sandbox);
    json_dumpf(ready, stdout, 0);
    putchar('\n');
    fflush(stdout);
    json_decref(ready);
    while (signals_wait(signals) == SIGHUP)
        log_notice("main", "SIGHUP: the sandbox has nothing to reload");
    status = 0;
done:
    if (sandbox_stop(sandbox) && !status)
        status = 1;
    schemas_fini(&schemas);
    free(default_key);
    signals_free(signals);
    log_writer_stop();
    return status;
}

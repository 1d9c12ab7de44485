#include "daemon/sandbox/keep/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/file.h"
#include "daemon/base/log.h"
#include "daemon/crypto/hash.h"

enum { PAUSE_MS = 1000, PAUSE_FACTOR = 20 /* times as long as the writing took */ };

/* What is to be written; NULL where the disk has it already. */
static char *text_of(struct keep *k)
{
    uint8_t digest[32];
    json_t *kept = k->pack(k->ctx);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;

    json_decref(kept);
    k->is_due = false;
    if (!text) {
        (void)fault_set(&k->fault, TGC_ENOMEM, "%s is not written: out of memory", k->path);
        log_error("sandbox", "%s", k->fault.text);
        return NULL;
    }
    hash_sha256(HASH_PIECES({text, strlen(text)}), digest);
    if (!k->fault.err && memcmp(digest, k->digest, sizeof(digest)) == 0) {
        free(text);
        return NULL;
    }
    memcpy(k->digest, digest, sizeof(digest));
    return text;
}

static void write_text(struct keep *k)
{
    struct fault before = k->fault;

    fault_clear(&k->fault);
    if (file_replace(k->path, k->text, strlen(k->text), &k->fault) && before.err != k->fault.err)
        log_error("sandbox", "%s", k->fault.text);
    else if (before.err && !k->fault.err)
        log_notice("sandbox", "%s is written again", k->path);
    free(k->text);
    k->text = NULL;
}

static void on_work(uv_work_t *work)
{
    write_text(work->data);
}

static void on_written(uv_work_t *work, int status)
{
    struct keep *k = work->data;
    uint64_t now, begun = k->next_ms;

    uv_update_time(k->timer.loop);
    now = uv_now(k->timer.loop);
    k->next_ms = now + (PAUSE_FACTOR * (now - begun) > PAUSE_MS ? PAUSE_FACTOR * (now - begun) : PAUSE_MS);
    k->is_writing = false;
    /* What failed is tried again. */
    if (k->is_due || k->fault.err)
        keep_later(k);
}

static void on_timer(uv_timer_t *t)
{
    struct keep *k = t->data;

    k->text = k->is_writing ? NULL : text_of(k);
    if (!k->text)
        return;
    k->next_ms = uv_now(t->loop);
    k->work.data = k;
    k->is_writing = uv_queue_work(t->loop, &k->work, on_work, on_written) == 0;
    if (!k->is_writing)
        write_text(k);
}

static void set_timer(struct keep *k)
{
    uint64_t now = uv_now(k->timer.loop);

    if (!uv_is_active((uv_handle_t *)&k->timer))
        uv_timer_start(&k->timer, on_timer, k->next_ms > now ? k->next_ms - now : 0, 0);
}

void keep_later(struct keep *k)
{
    if (!k->path || uv_is_closing((uv_handle_t *)&k->timer))
        return;
    k->is_due = true;
    if (!k->is_writing)
        set_timer(k);
}

static int load(struct keep *k, int (*unpack)(void *ctx, const json_t *kept), struct fault *fault)
{
    json_error_t error;

    if (access(k->path, F_OK))
        return 0;
    json_t *kept = json_load_file(k->path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!kept)
        return fault_set(fault, TGC_ESYNTAX, "%s: %s", k->path, error.text);
    int err = unpack(k->ctx, kept);
    json_decref(kept);
    return err ? fault_set(fault, err, "%s is not what a sandbox keeps", k->path) : 0;
}

int keep_open(struct keep *k, const char *dir, json_t *(*pack)(void *ctx), int (*unpack)(void *ctx, const json_t *kept),
              void *ctx, struct fault *fault)
{
    if (mkdir(dir, 0700) && errno != EEXIST)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", dir, strerror(errno));
    k->pack = pack;
    k->ctx = ctx;
    if (asprintf(&k->path, "%s/world.json", dir) < 0) {
        k->path = NULL;
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    int err = load(k, unpack, fault);
    if (err) {
        /* What could not be read is not overwritten either. */
        free(k->path);
        k->path = NULL;
    }
    return err;
}

void keep_start(struct keep *k, uv_loop_t *loop)
{
    uv_timer_init(loop, &k->timer);
    k->timer.data = k;
}

void keep_stop(struct keep *k)
{
    if (!uv_is_closing((uv_handle_t *)&k->timer))
        uv_close((uv_handle_t *)&k->timer, NULL);
}

int keep_close(struct keep *k)
{
    if (k->path && (k->is_due || k->fault.err)) {
        k->text = text_of(k);
        if (k->text)
            write_text(k);
    }
    free(k->path);
    k->path = NULL;
    return k->fault.err;
}

#include "daemon/sandbox/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/file.h"
#include "daemon/base/log.h"

enum { QUIET_MS = 1000 };

static void save(struct sandbox *s)
{
    json_t *kept = keep_pack(s);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    struct fault fault;

    fault_clear(&fault);
    json_decref(kept);
    if (!text)
        log_error("sandbox", "%s is not written: out of memory", s->keep.path);
    else if (file_replace(s->keep.path, text, strlen(text), &fault) != 0)
        log_error("sandbox", "%s", fault.text);
    free(text);
    s->keep.is_due = false;
}

static int load(struct sandbox *s, struct fault *fault)
{
    json_error_t error;

    if (access(s->keep.path, F_OK))
        return 0;
    json_t *kept = json_load_file(s->keep.path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!kept)
        return fault_set(fault, TGC_ESYNTAX, "%s: %s", s->keep.path, error.text);
    int err = keep_unpack(s, kept);
    json_decref(kept);
    return err ? fault_set(fault, err, "%s is not what a sandbox keeps", s->keep.path) : 0;
}

int keep_open(struct sandbox *s, const char *dir, struct fault *fault)
{
    if (mkdir(dir, 0700) && errno != EEXIST)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", dir, strerror(errno));
    if (asprintf(&s->keep.path, "%s/world.json", dir) < 0) {
        s->keep.path = NULL;
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    int err = load(s, fault);
    if (err) {
        /* What could not be read is not overwritten either. */
        free(s->keep.path);
        s->keep.path = NULL;
    }
    return err;
}

static void on_quiet(uv_timer_t *t)
{
    save(t->data);
}

void keep_start(struct sandbox *s)
{
    uv_timer_init(&s->loop, &s->keep.timer);
    s->keep.timer.data = s;
}

void keep_later(struct sandbox *s)
{
    if (!s->keep.path || uv_is_closing((uv_handle_t *)&s->keep.timer))
        return;
    s->keep.is_due = true;
    uv_timer_start(&s->keep.timer, on_quiet, QUIET_MS, 0);
}

void keep_close(struct sandbox *s)
{
    if (s->keep.path && s->keep.is_due)
        save(s);
    free(s->keep.path);
    s->keep.path = NULL;
}

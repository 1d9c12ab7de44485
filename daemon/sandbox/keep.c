#include "daemon/sandbox/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/log.h"

enum { QUIET_MS = 1000 };

static int write_file(int fd, const char *text)
{
    for (size_t left = strlen(text); left;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd);
}

/* By rename: who stops in between leaves the old file. */
static int replace_file(const char *path, const char *text)
{
    char next[4096];

    if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
        return -1;
    int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int err = write_file(fd, text);
    if (close(fd) || err || rename(next, path)) {
        unlink(next);
        return -1;
    }
    return 0;
}

static void save(struct sandbox *s)
{
    json_t *kept = keep_pack(s);
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;

    json_decref(kept);
    if (!text || replace_file(s->keep.path, text))
        log_error("sandbox", "%s is not written: %s", s->keep.path, text ? strerror(errno) : "out of memory");
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

#include "daemon/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/database_url.h"
#include "daemon/store/upkeep.h"

const char *upkeep_text(enum upkeep_task task)
{
    static const char *const texts[UPKEEP_TASKS] = {"backup", "seal rotate"};

    return texts[task];
}

enum upkeep_task upkeep_parse(const char *text)
{
    enum upkeep_task task = 0;

    while (task < UPKEEP_TASKS && strcmp(text, upkeep_text(task)) != 0)
        task++;
    return task;
}

/* --- a write of the store, awaited --- */

struct upkeep_wait {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool woken;
    bool is_done; /* of this thread */
    struct fault *fault;
    int err;
};

static void on_wake(void *ctx)
{
    struct upkeep_wait *w = ctx;

    pthread_mutex_lock(&w->lock);
    w->woken = true;
    pthread_cond_signal(&w->came);
    pthread_mutex_unlock(&w->lock);
}

static void on_done(void *ctx, int err, const char *why)
{
    struct upkeep_wait *w = ctx;

    w->is_done = true;
    w->err = err ? fault_set(w->fault, err, "%s", why) : 0;
}

static void await_wake(struct upkeep_wait *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->woken)
        pthread_cond_wait(&w->came, &w->lock);
    w->woken = false;
    pthread_mutex_unlock(&w->lock);
}

/* A backup to COPY, or where that is NULL a rotation. */
static int run_in_store(struct store *s, const char *copy, struct fault *fault)
{
    struct upkeep_wait w = {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER, .fault = fault};
    struct store_desk *desk = NULL;
    int err = store_desk_new(s, on_wake, &w, &desk);

    if (!err)
        err = copy ? store_backup(desk, copy, on_done, &w) : store_rotate(desk, on_done, &w);
    if (err) {
        store_desk_free(desk);
        return fault_set(fault, err, "%s", tgc_err_text(err));
    }
    while (!w.is_done) {
        await_wake(&w);
        store_desk_run(desk);
    }
    store_desk_free(desk);
    return w.err;
}

/* --- copies --- */

static int set_write_fault(struct fault *fault)
{
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        return fault_set(fault, TGC_EFULL, "there is no space where the copy goes: free some, or choose another place");
    return fault_set(fault, TGC_ESYSTEM, "the copy cannot be written: %s", strerror(errno));
}

static int write_piece(int fd, const char *data, size_t len, struct fault *fault)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return set_write_fault(fault);
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int pour(int from, int to, const atomic_bool *stop, int64_t *ret_size, struct fault *fault)
{
    enum { PIECE = 64 << 10 };
    char *piece = malloc(PIECE);
    int64_t size = 0;
    ssize_t n = 0;
    int err = piece ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");

    if (!err && (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0))
        err = set_write_fault(fault);
    while (!err && (n = read(from, piece, PIECE)) > 0) {
        err = write_piece(to, piece, (size_t)n, fault);
        size += n;
        if (!err && stop && atomic_load(stop))
            err = fault_set(fault, TGC_ECLOSED, "the daemon is stopping: ask again when it has stopped");
    }
    if (!err && n < 0)
        err = fault_set(fault, TGC_ESYSTEM, "the copy cannot be read: %s", strerror(errno));
    if (!err && fsync(to) != 0)
        err = set_write_fault(fault);
    free(piece);
    *ret_size = size;
    return err;
}

static char *copy_path(struct store *s)
{
    char *path;

    return asprintf(&path, "%s.copy", store_path(s)) < 0 ? NULL : path;
}

void upkeep_clear(struct store *s)
{
    char *path = copy_path(s);

    if (path)
        store_backup_forget(path);
    free(path);
}

/* What people are told of a server's database is its URL, and no path is one. */
static bool is_in_server(const struct store *s)
{
    return database_url_check(store_path(s), NULL) == 0;
}

/* Beside the database first, so that its commits wait for no other disk. */
static int back_up(struct store *s, int fd, const atomic_bool *stop, char said[static UPKEEP_TEXT], struct fault *fault)
{
    if (is_in_server(s))
        return fault_set(fault, TGC_ESTATE,
                         "the store is a PostgreSQL database: pg_dump copies it. The seal key %.100s is not in that: "
                         "keep it too, at another place",
                         store_key_path(s));

    char *copy = copy_path(s);
    int64_t size = 0;
    int from = -1, err;

    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    upkeep_clear(s);
    err = run_in_store(s, copy, fault);
    if (!err && (from = open(copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        err = fault_set(fault, TGC_ESYSTEM, "cannot open %s: %s", copy, strerror(errno));
    if (!err)
        err = pour(from, fd, stop, &size, fault);
    if (from >= 0)
        close(from);
    upkeep_clear(s);
    free(copy);
    if (!err)
        snprintf(said, UPKEEP_TEXT,
                 "a copy of %s, %" PRId64 " bytes; its seal key %s is not in it: keep that too, at another place, and "
                 "the configuration",
                 store_path(s), size, store_key_path(s));
    return err;
}

/* --- the tasks --- */

static int rotate(struct store *s, char said[static UPKEEP_TEXT], struct fault *fault)
{
    int err = run_in_store(s, NULL, fault);

    if (err)
        return err;
    if (store_key_is_given(s))
        snprintf(said, UPKEEP_TEXT,
                 "all that is secret in %s is sealed with %s.next now: put that key in the place of %s, and keep the "
                 "former one for the backups of before",
                 store_path(s), store_key_path(s), store_key_path(s));
    else
        snprintf(said, UPKEEP_TEXT,
                 "all that is secret in %s is sealed with a new key, %s; the former one is gone, and without a copy of "
                 "it no backup of before can be used: make a new one",
                 store_path(s), store_key_path(s));
    return 0;
}

int upkeep_do(struct store *s, enum upkeep_task task, int fd, const atomic_bool *stop, char said[static UPKEEP_TEXT],
              struct fault *fault)
{
    return task == UPKEEP_BACKUP ? back_up(s, fd, stop, said, fault) : rotate(s, said, fault);
}

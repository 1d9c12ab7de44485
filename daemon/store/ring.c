#include "daemon/store/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/file.h"

static char *next_path(const struct store_config *c)
{
    char *path;

    return asprintf(&path, "%s.next", c->key_path) < 0 ? NULL : path;
}

static int parse(const char *path, const char *text, size_t len, struct seal_key **ret, struct fault *fault)
{
    int err = seal_key_parse(text, len, ret);

    if (err == TGC_ESYNTAX)
        return fault_set(fault, TGC_EINVAL,
                         "%s is no seal key: it has to be 64 hexadecimal digits; put the right file "
                         "in its place",
                         path);
    return err ? fault_set(fault, err, "%s", tgc_err_text(err)) : 0;
}

/* *RET is NULL where there is no file. */
static int read_key(const char *path, struct seal_key **ret, struct fault *fault)
{
    char text[2 * SEAL_KEY_TEXT];
    struct stat st;
    int err = 0;

    *ret = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    ssize_t n = fd < 0 || fstat(fd, &st) != 0 ? -1 : read(fd, text, sizeof(text));
    if (n < 0)
        err = fault_set(fault, TGC_ESYSTEM, "cannot read the seal key %s: %s", path, strerror(errno));
    else if (st.st_mode & (S_IROTH | S_IWOTH))
        err = fault_set(fault, TGC_EINVAL, "everybody may read the seal key %s: `chmod 600` it", path);
    else
        err = parse(path, text, (size_t)n, ret, fault);
    explicit_bzero(text, sizeof(text));
    if (fd >= 0)
        close(fd);
    return err;
}

static int write_key(const char *path, const struct seal_key *key, struct fault *fault)
{
    char text[SEAL_KEY_TEXT];

    seal_key_text(key, text);
    int err = file_replace(path, text, sizeof(text), fault);
    explicit_bzero(text, sizeof(text));
    return err;
}

static int make_key(const struct store_config *c, const char *path, struct seal_key **ret, struct fault *fault)
{
    struct seal_key *key;
    int err = seal_key_make(c->random, &key);

    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    err = write_key(path, key, fault);
    if (err)
        seal_key_free(key);
    else
        *ret = key;
    return err;
}

/* What the memory knows need not be what the files say: somebody may have tidied up. */
static int is_in(const char *path, const struct seal_key *key, bool *ret, struct fault *fault)
{
    struct seal_key *found;
    int err = read_key(path, &found, fault);

    if (err)
        return err;
    *ret = found && seal_key_equal(found, key);
    seal_key_free(found);
    return 0;
}

static int keep_in(const char *path, const struct seal_key *key, struct fault *fault)
{
    bool is = false;
    int err = is_in(path, key, &is, fault);

    return err || is ? err : write_key(path, key, fault);
}

static void id_of(const char *path, char out[static SEAL_ID_TEXT])
{
    struct seal_key *key = NULL;
    struct fault fault = {0};

    out[0] = '\0';
    if (read_key(path, &key, &fault) == 0 && key)
        seal_key_id(key, out);
    seal_key_free(key);
}

void store_ring_ids(const char *key_path, char out[static STORE_RING_IDS])
{
    const struct store_config c = {.key_path = key_path};
    char *path = next_path(&c), now[SEAL_ID_TEXT], next[SEAL_ID_TEXT] = "";

    id_of(key_path, now);
    if (path)
        id_of(path, next);
    free(path);
    snprintf(out, STORE_RING_IDS, "%s %s", now, next);
}

static int set_missing(const struct store_config *c, struct fault *fault)
{
    if (c->key_is_given)
        return fault_set(fault, TGC_ENOKEY,
                         "the seal key %s that was to be given is not there: give it, as 64 "
                         "hexadecimal digits",
                         c->key_path);
    return fault_set(fault, TGC_ENOKEY,
                     "there is a database %s, but not its seal key %s: put that file back, without "
                     "it no account can be read",
                     c->path, c->key_path);
}

int store_ring_load(const struct store_config *c, bool has_database, struct store_ring *ret, struct fault *fault)
{
    struct store_ring r = {NULL, NULL};
    char *path = next_path(c);
    int err = path ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");

    if (!err)
        err = read_key(c->key_path, &r.now, fault);
    if (!err)
        err = read_key(path, &r.next, fault);
    if (!err && !r.now && !r.next) {
        if (c->key_is_given || has_database)
            err = set_missing(c, fault);
        else
            err = make_key(c, c->key_path, &r.now, fault);
    }
    free(path);
    if (err) {
        store_ring_free(&r);
        return err;
    }
    if (!r.now) {
        r.now = r.next;
        r.next = NULL;
    }
    *ret = r;
    return 0;
}

void store_ring_free(struct store_ring *r)
{
    seal_key_free(r->now);
    seal_key_free(r->next);
    *r = (struct store_ring){NULL, NULL};
}

int store_ring_choose(struct store_ring *r, const struct seal_place *place, const uint8_t *sealed, size_t len,
                      struct fault *fault)
{
    uint8_t out[64];

    if (len < SEAL_OVERHEAD || len > SEAL_OVERHEAD + sizeof(out))
        return fault_set(fault, TGC_EDAMAGED, "the database is damaged: put a backup in its place");
    if (r->next && seal_is_of(r->next, sealed, len)) {
        struct seal_key *now = r->now;
        r->now = r->next;
        r->next = now;
    }
    if (seal_open(r->now, place, sealed, len, out) != 0)
        return fault_set(fault, TGC_EWRONGKEY, "the database was sealed with another seal key: put that one back");
    return 0;
}

static int prepare_given(const struct store_config *c, struct store_ring *r, const char *path, struct fault *fault)
{
    int err = r->next ? 0 : read_key(path, &r->next, fault);

    if (!err && !r->next)
        return fault_set(fault, TGC_ESTATE,
                         "the seal key is given, and not ours to change: put the next one beside it, as %s (64 "
                         "hexadecimal digits, such as of `openssl rand -hex 32`; where systemd gives it, as the "
                         "credential seal.key.next, and start the daemon anew), and do this again",
                         path);
    if (!err && seal_key_equal(r->next, r->now))
        return fault_set(fault, TGC_ESTATE,
                         "%s is the key that is in use: put it in the place of %s, and one that was never used as %s",
                         path, c->key_path, path);
    return err;
}

/* NOW may stand in the second file alone, where a rotation was not settled: first it gets its place. */
static int prepare_own(const struct store_config *c, struct store_ring *r, const char *path, struct fault *fault)
{
    int err = keep_in(c->key_path, r->now, fault);

    if (err)
        return err;
    return r->next ? keep_in(path, r->next, fault) : make_key(c, path, &r->next, fault);
}

int store_ring_prepare(const struct store_config *c, struct store_ring *r, struct fault *fault)
{
    char *path = next_path(c);

    if (!path)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = c->key_is_given ? prepare_given(c, r, path, fault) : prepare_own(c, r, path, fault);
    free(path);
    return err;
}

void store_ring_advance(struct store_ring *r)
{
    seal_key_free(r->now);
    r->now = r->next;
    r->next = NULL;
}

/* NOW stands in one of the two files, unless somebody was at them: by name, the other one goes. */
static int settle_own(const char *key_path, const char *path, const struct seal_key *now, struct fault *fault)
{
    bool is_here = false, is_next = false;
    int err = is_in(key_path, now, &is_here, fault);

    if (!err && !is_here)
        err = is_in(path, now, &is_next, fault);
    if (err)
        return err;
    if (is_next) {
        if (rename(path, key_path) != 0)
            return fault_set(fault, TGC_ESYSTEM, "cannot rename %s to %s: %s", path, key_path, strerror(errno));
        return file_sync_folder(path, fault);
    }
    if (!is_here && (err = write_key(key_path, now, fault)) != 0)
        return err;
    if (unlink(path) != 0 && errno != ENOENT)
        return fault_set(fault, TGC_ESYSTEM, "cannot remove %s: %s", path, strerror(errno));
    return file_sync_folder(path, fault);
}

int store_ring_settle(const struct store_config *c, struct store_ring *r, struct fault *fault)
{
    char *path = NULL;

    seal_key_free(r->next);
    r->next = NULL;
    if (c->key_is_given)
        return 0;
    if (!(path = next_path(c)))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = settle_own(c->key_path, path, r->now, fault);
    free(path);
    return err;
}

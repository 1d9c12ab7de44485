#include "daemon/store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/file.h"
#include "daemon/base/log.h"
#include "daemon/store/meta.h"
#include "daemon/store/next_key.h"
#include "daemon/store/past.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

/* --- copies --- */

static int name_copy(const char *part, const char *path, struct fault *fault)
{
    if (file_name_new(part, path) == 0)
        return file_sync_folder(path, fault);
    if (errno == EEXIST)
        return fault_set(fault, TGC_EEXIST, "%s is there already: choose another name, nothing is overwritten", path);
    return fault_set(fault, TGC_ESYSTEM, "cannot make %s: %s", path, strerror(errno));
}

static int copy_to(struct store *s, const char *part, const char *path, struct fault *fault)
{
    if (access(path, F_OK) == 0)
        return fault_set(fault, TGC_EEXIST, "%s is there already: choose another name, nothing is overwritten", path);
    db_remove(part);
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot make %s: %s", part, strerror(errno));
    char mark[STORE_MARK_SIZE];
    store_past_mark(clock_wall_us(s->config.clock) / SECOND_US, mark);
    int err = db_copy(s->db, part, mark, fault);
    if (!err && fsync(fd) != 0)
        err = fault_set(fault, TGC_ESYSTEM, "cannot write %s: %s", part, strerror(errno));
    if (!err)
        err = name_copy(part, path, fault);
    if (err)
        db_remove(part);
    close(fd);
    return err;
}

void store_backup_forget(const char *path)
{
    char *part;

    unlink(path);
    if (asprintf(&part, "%s.part", path) < 0)
        return;
    db_remove(part);
    free(part);
}

static int run_backup(struct store *s, const char *path, const void *rows, size_t n, struct fault *fault)
{
    char *part;

    if (asprintf(&part, "%s.part", path) < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = copy_to(s, part, path, fault);
    free(part);
    return err;
}

int store_backup(struct store_desk *d, const char *path, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_ALONE, .write = run_backup};

    return store_put(d, &kind, path, NULL, 0, done, ctx);
}

/* --- another seal key --- */

/* Of a cluster. Waits for what other nodes began; what they begin from now on waits for the new key, and one that comes
 * now does for it too (open.c). */
static int keep_others_out(struct store *s, struct fault *fault)
{
    static const char shut[] = "LOCK TABLE tgcalld_writer IN SHARE ROW EXCLUSIVE MODE",
                      raise[] = "UPDATE tgcalld_writer SET epoch = epoch + 1 WHERE id <> $1";
    struct db_stmt *st;
    int err = db_prepare(s->db, shut, &st, fault);

    if (!err)
        err = db_run(st, fault);
    if (!err)
        err = db_prepare(s->db, raise, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, s->config.node);
    return db_run(st, fault);
}

/* A node that could not go on with the next key would end, and not start any more. */
static int check_others(struct store *s, struct fault *fault)
{
    char id[SEAL_ID_TEXT], names[FAULT_TEXT_MAX / 2];

    seal_key_id(s->ring.next, id);
    int err = next_key_lacking(s->db, s->config.node, id, names, sizeof(names), fault);
    if (err || !names[0])
        return err;
    if (!s->config.key_is_given)
        return fault_set(fault, TGC_ESTATE,
                         "the seal key is this node's own, and the next one would be too: give all nodes the same one, "
                         "[store] key_file, or stop the others (%s) first",
                         names);
    return fault_set(fault, TGC_ESTATE,
                     "these nodes have not said that they have the next seal key: %s; put it beside theirs as well, as "
                     "here %s.next, where systemd gives it start them anew, or stop them; and do this again",
                     names, s->config.key_path);
}

static int reseal_all(struct store *s, size_t *damaged, struct fault *fault)
{
    static const struct store_sealed *const all[] = {
        &store_sealed_user,          &store_sealed_login,        &store_sealed_proxy,       &store_sealed_key,
        &store_sealed_salt,          &store_sealed_peer_phone,   &store_sealed_flood_phone, &store_sealed_intent_order,
        &store_sealed_intent_answer, &store_sealed_event,        &store_sealed_audit,       &store_sealed_call_link,
        &store_sealed_hook_url,      &store_sealed_hook_secrets, &store_sealed_live,        &store_sealed_token};
    int err = db_begin(s->db, fault);

    if (!err && s->config.node)
        err = keep_others_out(s, fault);
    for (size_t i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++)
        err = store_reseal(s, all[i], damaged, fault);
    if (!err)
        err = store_meta_seal(s, s->ring.next, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    return err;
}

/* The next key's file is on the disk before anything is sealed with it, and the old one's stays until nothing is. Where
 * it fails both stay: what could not be committed may have come to the disk, and then the next process finds it. */
static int run_rotate(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    size_t damaged = 0;
    bool is_new = !s->ring.next;
    int err = store_ring_prepare(&s->config, &s->ring, fault);

    if (!err && s->config.node && (err = check_others(s, fault)) != 0 && is_new) {
        /* Nothing is sealed with it, and another one may be there by the next time. */
        seal_key_free(s->ring.next);
        s->ring.next = NULL;
    }
    if (!err)
        err = reseal_all(s, &damaged, fault);
    if (err)
        return err;
    store_ring_advance(&s->ring);
    if (damaged)
        log_warning("store", "%zu damaged values could not be sealed anew", damaged);
    return store_ring_settle(&s->config, &s->ring, fault);
}

int store_rotate(struct store_desk *d, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_ALONE, .write = run_rotate};

    return store_put(d, &kind, NULL, NULL, 0, done, ctx);
}

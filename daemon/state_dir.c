#include "daemon/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/file.h"

/* The unit's StateDirectory. */
#define SERVICE_STATE "/var/lib/tgcalld"

/* Like `mkdir -p`, for this user alone. */
static int make_path(const char *path, struct fault *fault)
{
    char *copy = strdup(path);
    int err = 0;

    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    for (char *p = copy + 1; !err; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            err = fault_set(fault, TGC_ESYSTEM, "cannot make the directory %s: %s", copy, strerror(errno));
        *p = end;
        if (!end)
            break;
    }
    free(copy);
    return err;
}

static int make_private(char **ret, struct fault *fault)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    char path[256];

    /* A long base would leave no room for a Unix socket's name. */
    if (!base || base[0] != '/' || strlen(base) > 80 || access(base, W_OK) != 0)
        base = "/tmp";
    snprintf(path, sizeof(path), "%s/tgcalld-XXXXXX", base);
    if (!mkdtemp(path))
        return fault_set(fault, TGC_ESYSTEM, "cannot make a private directory in %s: %s", base, strerror(errno));
    *ret = strdup(path);
    return *ret ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
}

/* What root writes on somebody's behalf (`tgcalld token reset` beside a unit) must stay readable for the daemon: it
 * goes to whom the directory belongs. */
static int give_away(const struct state_dir *d, const char *path, struct fault *fault)
{
    struct stat dir, file;

    if (geteuid() != 0 || stat(d->path, &dir) != 0 || lstat(path, &file) != 0 ||
        (dir.st_uid == file.st_uid && dir.st_gid == file.st_gid))
        return 0;
    if (lchown(path, dir.st_uid, dir.st_gid) != 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot give %s to user %u: %s", path, (unsigned)dir.st_uid,
                         strerror(errno));
    return 0;
}

static int lock(struct state_dir *d, struct fault *fault)
{
    char *path = state_dir_file(d, "lock");
    int err = 0;

    if (!path)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (d->lock_fd < 0)
        err = fault_set(fault, TGC_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    else if (flock(d->lock_fd, LOCK_EX | LOCK_NB) != 0)
        err = fault_set(fault, TGC_EBUSY, "%s is held by another tgcalld: stop that one, or choose another --state-dir",
                        d->path);
    else
        err = give_away(d, path, fault);
    free(path);
    return err;
}

int state_dir_open(const char *path, struct state_dir *ret, struct fault *fault)
{
    struct state_dir d = {.lock_fd = -1, .is_private = path == NULL};
    int err;

    if (path) {
        err = make_path(path, fault);
        if (!err && !(d.path = strdup(path)))
            err = fault_set(fault, TGC_ENOMEM, "out of memory");
    } else {
        err = make_private(&d.path, fault);
    }
    if (!err)
        err = lock(&d, fault);
    if (err) {
        if (d.lock_fd >= 0)
            close(d.lock_fd);
        free(d.path);
        return err;
    }
    *ret = d;
    return 0;
}

/* Who stands at the door of a folder that is closed to him learns nothing of what is in it. */
static int look_for(const char *path, const char *name)
{
    char *file;

    if (asprintf(&file, "%s/%s", path, name) < 0)
        return ENOMEM;
    int failed = access(file, F_OK) == 0 ? 0 : errno;
    free(file);
    return failed;
}

int state_dir_find(const char *path, struct fault *fault)
{
    /* Of a daemon's own; and of one whose parts were put there by hand. */
    static const char *const marks[] = {"lock", "store.db", "tokens.json"};
    int failed = ENOENT;

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && (failed == ENOENT || failed == ENOTDIR); i++)
        failed = look_for(path, marks[i]);
    if (!failed)
        return 0;
    if (failed == ENOMEM)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (failed == ENOENT || failed == ENOTDIR)
        return fault_set(
            fault, TGC_EUNKNOWN,
            "no daemon kept its state in %s: say where it does with --state-dir; the service's is " SERVICE_STATE,
            path);
    return fault_set(fault, TGC_ESYSTEM, "cannot look into %s: %s: run this as the daemon's user, or as root", path,
                     strerror(failed));
}

void state_dir_close(struct state_dir *d)
{
    static const char *const files[] = {"lock",     "listen",       "admin.token",  "api.sock", "upkeep.sock",
                                        "store.db", "store.db-wal", "store.db-shm", "seal.key", "seal.key.next"};

    if (!d->path)
        return;
    if (d->is_private) {
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
            state_dir_remove(d, files[i]);
        rmdir(d->path);
    }
    close(d->lock_fd);
    free(d->path);
    *d = (struct state_dir){.lock_fd = -1};
}

char *state_dir_file(const struct state_dir *d, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", d->path, name) < 0 ? NULL : path;
}

void state_dir_remove(const struct state_dir *d, const char *name)
{
    char *path = state_dir_file(d, name);

    if (path)
        unlink(path);
    free(path);
}

int state_dir_write(const struct state_dir *d, const char *name, const char *text, size_t len, struct fault *fault)
{
    char *path = state_dir_file(d, name);
    int err = path ? file_replace(path, text, len, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");

    if (!err)
        err = give_away(d, path, fault);
    free(path);
    return err;
}

int state_dir_become_owner(const char *path, struct fault *fault)
{
    struct stat st;

    if (geteuid() != 0)
        return 0;
    if (stat(path, &st) != 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot look at %s: %s", path, strerror(errno));
    if (st.st_uid == 0)
        return 0;
    if (setgroups(1, &st.st_gid) != 0 || setegid(st.st_gid) != 0 || seteuid(st.st_uid) != 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot act as user %u: %s", (unsigned)st.st_uid, strerror(errno));
    return 0;
}

int state_dir_become_oneself(struct fault *fault)
{
    if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot act as oneself again: %s", strerror(errno));
    return 0;
}

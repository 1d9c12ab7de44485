/* `tgcalld backup` and `tgcalld seal rotate`: done by the daemon that holds the state, where one does, else here. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/paths.h"
#include "daemon/app.h"
#include "daemon/base/file.h"
#include "daemon/crypto/seal.h"
#include "daemon/store_place.h"
#include "daemon/upkeep.h"

struct upkeep_asked {
    const struct options *options;
    enum upkeep_task task;
    int fd; /* of the copy; -1 */
    char said[UPKEEP_TEXT];
};

static int complain(int err, const struct fault *fault)
{
    fprintf(stderr, "tgcalld: %s\n", fault->text[0] ? fault->text : tgc_err_text(err));
    return err == TGC_EBUSY ? EXIT_HELD : err == TGC_EUNKNOWN ? EXIT_CONFIG : 1;
}

/* --- no daemon runs --- */

static int is_the_database(const char *path, struct fault *fault)
{
    return fault_set(fault, TGC_EEXIST, "%s is no backup but a database in use: choose another name", path);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;

    return a && stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int do_here(struct upkeep_asked *a, const struct settings *settings, const struct state_dir *state,
                   struct fault *fault)
{
    struct store *s = NULL;
    int err = state_dir_become_owner(state->path, fault);

    if (!err)
        err = store_place_open_kept(settings, state, &s, fault);
    if (!err && is_same_file(a->options->backup, store_path(s)))
        err = is_the_database(a->options->backup, fault);
    if (!err)
        err = upkeep_do(s, a->task, a->fd, NULL, a->said, fault);
    struct fault closing = {0};
    int close_err = store_close(s, &closing);
    if (!err && close_err)
        err = fault_set(fault, close_err, "%s", closing.text);
    int back = state_dir_become_oneself(err ? &closing : fault);
    return err ? err : back;
}

/* 0 or the exit status, having said why. */
static int run_here(struct upkeep_asked *a, const struct state_dir *state)
{
    struct settings settings = {0};
    struct settings_report report = {0};
    struct fault fault = {0};
    int err = settings_load(a->options, &settings, &report);

    for (size_t i = 0; i < report.errors.n; i++)
        fprintf(stderr, "tgcalld: %s\n", report.errors.items[i]);
    settings_report_fini(&report);
    if (err)
        return EXIT_CONFIG;
    err = do_here(a, &settings, state, &fault);
    settings_fini(&settings);
    return err ? complain(err, &fault) : 0;
}

/* --- either --- */

static int run_anywhere(struct upkeep_asked *a)
{
    struct state_dir state = {.lock_fd = -1};
    struct fault fault = {0};
    char *dir = NULL;
    int err = paths_state_dir(a->options->state_dir, &dir, &fault), status;

    if (err)
        return complain(TGC_EUNKNOWN, &fault);
    err = state_dir_find(dir, &fault);
    if (err) {
        free(dir);
        return complain(err, &fault);
    }
    err = state_dir_open(dir, &state, &fault);
    if (err == TGC_EBUSY) {
        fault = (struct fault){0};
        err = upkeep_ask(dir, a->task, a->fd, a->said, &fault);
        status = err ? complain(err, &fault) : 0;
    } else {
        status = err ? complain(err, &fault) : run_here(a, &state);
    }
    state_dir_close(&state);
    free(dir);
    return status;
}

int app_rotate_seal(const struct options *o)
{
    struct upkeep_asked a = {.options = o, .task = UPKEEP_SEAL_ROTATE, .fd = -1};
    int status = run_anywhere(&a);

    if (!status)
        printf("%s\n", a.said);
    return status;
}

/* --- the copy's file --- */

static int exists(const char *path, struct fault *fault)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return fault_set(fault, TGC_EEXIST, "%s is a folder: name a file in it", path);
    return fault_set(fault, TGC_EEXIST, "%s is there already: choose another name, or give --replace", path);
}

/* A slip of the pen should not cost all accounts. */
static bool is_seal_key(const char *path)
{
    char text[SEAL_KEY_TEXT + 1];
    struct seal_key *key = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

    if (fd >= 0)
        close(fd);
    bool is = n > 0 && seal_key_parse(text, (size_t)n, &key) == 0;
    seal_key_free(key);
    explicit_bzero(text, sizeof(text));
    return is;
}

/* A name of its own beside the backup's: who asks for the same one at the same time has another. */
static int make_part(const struct options *o, char **ret_part, int *ret, struct fault *fault)
{
    struct stat st;
    char *part;

    if (lstat(o->backup, &st) == 0) {
        if (!o->replace || S_ISDIR(st.st_mode))
            return exists(o->backup, fault);
        if (store_is_in_use(o->backup))
            return is_the_database(o->backup, fault);
        if (is_seal_key(o->backup))
            return fault_set(fault, TGC_EEXIST, "%s is no backup but a seal key: choose another name", o->backup);
    }
    if (asprintf(&part, "%s.XXXXXX.part", o->backup) < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int fd = mkostemps(part, (int)strlen(".part"), O_CLOEXEC);
    if (fd < 0) {
        int err = fault_set(fault, TGC_ESYSTEM, "cannot make a file beside %s: %s", o->backup, strerror(errno));
        free(part);
        return err;
    }
    *ret_part = part;
    *ret = fd;
    return 0;
}

static int give_name(const struct options *o, const char *part, struct fault *fault)
{
    if ((o->replace ? rename(part, o->backup) : file_name_new(part, o->backup)) == 0)
        return file_sync_folder(o->backup, fault);
    if (errno == EEXIST)
        return exists(o->backup, fault);
    return fault_set(fault, TGC_ESYSTEM, "cannot make %s: %s", o->backup, strerror(errno));
}

int app_back_up(const struct options *o)
{
    struct upkeep_asked a = {.options = o, .task = UPKEEP_BACKUP, .fd = -1};
    struct fault fault = {0};
    char *part = NULL;
    int err = make_part(o, &part, &a.fd, &fault);
    int status = err ? complain(err, &fault) : run_anywhere(&a);

    if (!err && !status && (err = give_name(o, part, &fault)) != 0)
        status = complain(err, &fault);
    if (a.fd >= 0) {
        close(a.fd);
        if (status)
            unlink(part);
    }
    free(part);
    if (!status)
        printf("%s: %s\n", o->backup, a.said);
    return status;
}

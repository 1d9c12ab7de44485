#include "config.h"

#include "config/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A variable that is set and not empty, or NULL. */
static const char *variable(const char *name)
{
    const char *text = getenv(name);

    return text && *text ? text : NULL;
}

static int join(char **ret, const char *a, const char *b, const char *c)
{
    char *path;

    if (asprintf(&path, "%s%s%s", a, b, c) < 0)
        return TGC_ENOMEM;
    *ret = path;
    return 0;
}

int paths_state_dir(const char *given, char **ret, struct fault *fault)
{
    const char *dir;
    int err;

    if (given)
        err = join(ret, given, "", "");
    else if ((dir = variable("STATE_DIRECTORY"))) {
        /* systemd lists several with colons between. */
        char *copy = strndup(dir, strcspn(dir, ":"));
        if (!copy)
            return fault_set(fault, TGC_ENOMEM, "out of memory");
        *ret = copy;
        err = 0;
    } else if ((dir = variable("XDG_STATE_HOME")))
        err = join(ret, dir, "/tgcalld", "");
    else if ((dir = variable("HOME")))
        err = join(ret, dir, "/.local/state/tgcalld", "");
    else
        return fault_set(fault, TGC_EINVAL, "no place for the state: give --state-dir, or set STATE_DIRECTORY or HOME");
    return err ? fault_set(fault, err, "out of memory") : 0;
}

int paths_unix_socket(const char *asked, bool state_dir_given, const char *state_dir, char **ret, struct fault *fault)
{
    const char *dir;
    char *path;
    int err;

    if (asked)
        err = join(&path, asked, "", "");
    else if (!state_dir_given && (dir = variable("RUNTIME_DIRECTORY"))) {
        int first = (int)strcspn(dir, ":");
        err = asprintf(&path, "%.*s/api.sock", first, dir) < 0 ? TGC_ENOMEM : 0;
    } else if (!state_dir_given && (dir = variable("XDG_RUNTIME_DIR")))
        err = join(&path, dir, "/tgcalld/api.sock", "");
    else
        err = join(&path, state_dir, "/api.sock", "");
    if (err)
        return fault_set(fault, err, "out of memory");
    if (strlen(path) > PATHS_UNIX_MAX) {
        err = fault_set(fault, TGC_ELIMIT, "a Unix socket's path has at most %d bytes, this one has %zu",
                        PATHS_UNIX_MAX, strlen(path));
        free(path);
        return err;
    }
    *ret = path;
    return 0;
}

/* A program that was not installed lies where configure left its config.status. */
static bool is_uninstalled(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("config.status"));

    if (n <= 0)
        return false;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    memcpy(slash + 1, "config.status", sizeof("config.status"));
    return access(path, F_OK) == 0;
}

int paths_data(const char *name, char **ret)
{
    const char *dir = variable("TGCALLD_DATADIR");

    if (dir)
        return join(ret, dir, "/", name);
    if (!is_uninstalled())
        return join(ret, TGCALLD_PKGDATADIR, "/", name);
    /* In the sources the dashboard lies with the code that serves it. */
    return join(ret, TGCALLD_SOURCE_DATADIR, strncmp(name, "dashboard", 9) == 0 ? "/api/" : "/config/", name);
}

#include "daemon/ctl/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/paths.h"

/* The service's RuntimeDirectory. */
#define SERVICE_SOCKET "/run/tgcalld/api.sock"
enum { TOKEN_SIZE = 512, PLACES = 3 };

/* A socket that a killed daemon left behind is none. 0, or errno. */
static int try_socket(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd, failed = 0;

    if (strlen(path) >= sizeof(a.sun_path))
        return ENAMETOOLONG;
    memcpy(a.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0)
        failed = errno;
    close(fd);
    return failed;
}

/* PATH (taken; NULL is none), unless it is there already. */
static void add_place(char *places[PLACES], size_t *n, char *path)
{
    for (size_t i = 0; path && i < *n; i++) {
        if (strcmp(places[i], path) == 0) {
            free(path);
            return;
        }
    }
    if (path)
        places[(*n)++] = path;
}

static size_t list_places(char *places[PLACES])
{
    char *state = NULL, *path;
    size_t n = 0;

    if (paths_state_dir(NULL, &state, NULL) == 0) {
        if (paths_unix_socket(NULL, false, state, &path, NULL) == 0)
            add_place(places, &n, path);
        if (paths_unix_socket(NULL, true, state, &path, NULL) == 0)
            add_place(places, &n, path);
    }
    free(state);
    add_place(places, &n, strdup(SERVICE_SOCKET));
    return n;
}

/* The caller frees *ret. */
static int find_socket(char **ret, struct fault *fault)
{
    char *places[PLACES], tried[FAULT_TEXT_MAX] = "", *found = NULL;
    size_t n = list_places(places), used = 0;
    bool is_closed = false;

    for (size_t i = 0; i < n; i++) {
        int failed = found ? -1 : try_socket(places[i]);
        if (failed > 0 && used < sizeof(tried))
            used += (size_t)snprintf(tried + used, sizeof(tried) - used, "%s%s: %s", used ? "; " : "", places[i],
                                     strerror(failed));
        is_closed = is_closed || failed == EACCES;
        if (failed == 0)
            found = places[i];
        else
            free(places[i]);
    }
    if (!found && is_closed)
        return fault_set(fault, TGC_ECLOSED,
                         "this user may not use the daemon's Unix socket (%s): use sudo, or be in its unix_group",
                         tried);
    if (!found)
        return fault_set(fault, TGC_ECLOSED,
                         "no daemon serves a Unix socket here (%s): start it, or say with --unix or --url where it is",
                         tried);
    *ret = found;
    return 0;
}

static int read_token(const char *path, char out[static TOKEN_SIZE], struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t len = 0;
    ssize_t n = 1;

    if (fd < 0)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    while (n > 0 && len < TOKEN_SIZE - 1) {
        n = read(fd, out + len, TOKEN_SIZE - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    int failed = n < 0 ? errno : 0;
    close(fd);
    if (failed)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(failed));
    out[len] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    /* Nothing in it may end its header. */
    if (!*out || strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=") != strlen(out))
        return fault_set(fault, TGC_EINVAL, "%s: its first line is no token", path);
    return 0;
}

/* libcurl says of a file only that something is wrong with it. */
static int judge_file(const char *option, const char *path, struct fault *fault)
{
    if (!path || access(path, R_OK) == 0)
        return 0;
    return fault_set(fault, TGC_ESYSTEM, "%s: %s: %s", option, path, strerror(errno));
}

static int judge_files(const struct ctl_tls *tls, struct fault *fault)
{
    int err = judge_file("--cacert", tls->authorities, fault);

    if (!err)
        err = judge_file("--cert", tls->certificate, fault);
    if (!err)
        err = judge_file("--key", tls->key, fault);
    return err;
}

int door_open(const struct ctl_door *d, struct ctl_http **ret, struct fault *fault)
{
    char token[TOKEN_SIZE] = "", *found = NULL;
    int err = 0;

    if (d->url)
        err = ctl_http_check(d->url, d->is_insecure, fault);
    if (!err && d->token_file)
        err = read_token(d->token_file, token, fault);
    if (!err)
        err = judge_files(&d->tls, fault);
    if (!err && !d->url && !d->unix_path)
        err = find_socket(&found, fault);
    if (!err && ctl_http_new(d->url, d->unix_path ? d->unix_path : found, *token ? token : NULL, &d->tls, ret) != 0)
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    explicit_bzero(token, sizeof(token));
    free(found);
    return err;
}

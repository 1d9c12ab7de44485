#include "daemon/listen.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/paths.h"
#include "daemon/app.h"
#include "daemon/base/log.h"
#include "daemon/tls_files.h"

enum { GROUPS_MAX = 1024 };

static int complain(int status, const struct fault *fault, const char *what)
{
    log_error("main", "%s: %s", what, fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return status;
}

unsigned listen_count(const struct settings *s, const struct passed *p)
{
    return (unsigned)(p->tcp_n ? p->tcp_n : s->listen_n) + (unsigned)(p->unix_n ? p->unix_n : s->unix_off ? 0 : 1);
}

int listen_group(const struct settings *s, gid_t *ret)
{
    const struct group *group;

    *ret = (gid_t)-1;
    if (!s->unix_group)
        return 0;
    group = getgrnam(s->unix_group);
    if (!group) {
        log_error("main", "there is no group %s (unix_group)", s->unix_group);
        return EXIT_CONFIG;
    }
    *ret = group->gr_gid;
    return 0;
}

/* Only who is in a group, or root, can give it a socket. */
static bool can_give_to(gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int n = getgroups(GROUPS_MAX, groups);
    bool can = geteuid() == 0 || getegid() == group;

    for (int i = 0; i < n && !can; i++)
        can = groups[i] == group;
    return can;
}

static void warn_of_closed_folder(const char *folder, const char *name, gid_t group)
{
    struct stat st;

    if (stat(folder, &st) == 0 && !(st.st_mode & S_IXOTH) && !(st.st_gid == group && (st.st_mode & S_IXGRP)))
        log_warning("main",
                    "members of %s cannot reach the Unix socket, since %s is closed to them: set unix = to a place "
                    "that they can enter",
                    name, folder);
}

/* PATH's folder, made where it is one of ours that does not exist yet. */
static void prepare_folder(char *path, const struct settings *s, gid_t group)
{
    char *slash = strrchr(path, '/');

    if (!slash || slash == path)
        return;
    *slash = '\0';
    mkdir(path, 0700);
    if (group != (gid_t)-1)
        warn_of_closed_folder(path, s->unix_group, group);
    *slash = '/';
}

/* tgcalldctl does not look into a directory that nobody can name before it is made. */
static void say_how_to_ask(const char *path)
{
    printf("in another terminal: tgcalldctl --unix %s accounts\n", path);
    fflush(stdout);
}

static int listen_unix(struct api *api, const struct settings *s, const struct state_dir *state, gid_t group,
                       struct buf *said)
{
    struct fault fault = {0};
    char *path = NULL;
    int err;

    if (s->unix_off)
        return 0;
    err = paths_unix_socket(s->unix_path, s->state_dir_given || state->is_private, state->path, &path, &fault);
    if (err == TGC_ELIMIT && !s->unix_path) {
        log_warning("main", "no Unix socket: %s", fault.text);
        return 0;
    }
    if (err)
        return complain(err == TGC_ELIMIT ? EXIT_CONFIG : 1, &fault, "Unix socket");
    if (group != (gid_t)-1 && !can_give_to(group)) {
        log_error(
            "main",
            "the Unix socket cannot be given to the group %s (unix_group), as this process is not in it: put "
            "SupplementaryGroups=%s into the unit (systemctl edit tgcalld), or add the daemon's user to the group",
            s->unix_group, s->unix_group);
        free(path);
        return EXIT_CONFIG;
    }
    prepare_folder(path, s, group);
    err = api_listen_unix(api, path, group == (gid_t)-1 ? 0600 : 0660, group, &fault);
    if (!err) {
        buf_printf(said, "unix:%s\n", path);
        log_notice("main", "listening on unix:%s", path);
        if (state->is_private)
            say_how_to_ask(path);
    }
    free(path);
    return err ? complain(1, &fault, "Unix socket") : 0;
}

static int listen_passed(struct api *api, struct passed *p, struct buf *said)
{
    struct fault fault = {0};
    char url[256];

    for (size_t i = 0; i < p->n; i++) {
        if (api_listen_passed(api, p->fds[i], p->is_tls[i], url, sizeof(url), &fault) != 0)
            return complain(EXIT_CONFIG, &fault, "a socket that was passed");
        p->fds[i] = -1;
        buf_printf(said, "%s\n", url);
        log_notice("main", "listening on %s, as it was passed by the service manager", url);
    }
    return 0;
}

/* What is passed without TLS takes the place of what was asked for with it. */
static int refuse_plain(const struct settings *s, const struct passed *p)
{
    if (p->tcp_n == 0 || p->tls_n > 0 || !tls_files_are_needed(s, NULL))
        return 0;
    log_error("main", "a socket by TCP was passed that is served without TLS, beside a listener by https://: give it "
                      "FileDescriptorName=https in tgcalld.socket, or take its ListenStream= out of there or the "
                      "https:// out of the configuration");
    return TGC_EINVAL;
}

static int listen_tcp(struct api *api, const struct settings *s, struct buf *said)
{
    struct fault fault = {0};
    char url[256];

    for (size_t i = 0; i < s->listen_n; i++) {
        int (*bind)(struct api *, const char *, char *, size_t, struct fault *) =
            s->listen[i].tls ? api_listen_tls : api_listen_tcp;
        if (bind(api, s->listen[i].address, url, sizeof(url), &fault) != 0)
            return complain(1, &fault, "cannot listen");
        buf_printf(said, "%s\n", url);
        log_notice("main", "listening on %s", url);
    }
    return 0;
}

int listen_all(struct api *api, const struct settings *s, const struct state_dir *state, struct passed *p, gid_t group)
{
    struct fault fault = {0};
    struct buf said; /* the text of the file */
    int err = refuse_plain(s, p);

    if (!err)
        err = tls_files_read(api, s, p);
    int status = err ? err == TGC_ENOMEM ? 1 : EXIT_CONFIG : 0;

    buf_init(&said, 64 << 10);
    if (!status)
        status = listen_passed(api, p, &said);
    if (!status && !p->tcp_n)
        status = listen_tcp(api, s, &said);
    if (!status && !p->unix_n)
        status = listen_unix(api, s, state, group, &said);
    if (!status && (buf_err(&said) || state_dir_write(state, "listen", (const char *)said.data, said.len, &fault) != 0))
        status = complain(1, &fault, "listen");
    buf_fini(&said);
    return status;
}

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/upkeep_internal.h"

/* One asks at a time, and has so long to say what. */
enum { STACK_SIZE = 256 << 10, BACKLOG = 8, REQUEST_S = 5, RETRY_MS = 500 };

struct upkeep_socket {
    struct store *store;
    int fd, dir;
    int stopped; /* an eventfd */
    atomic_bool stop;
    pthread_t thread;
};

/* --- one request --- */

/* Who opens the socket's file is the daemon's user or root already; a directory that is open to all would not matter.
 */
static bool may_ask(const struct ucred *peer)
{
    return peer->uid == 0 || peer->uid == geteuid();
}

/* One descriptor; more than that are closed. -1: none, or more. */
static int take_descriptor(const struct msghdr *message)
{
    const struct cmsghdr *head = CMSG_FIRSTHDR(message);
    int fds[sizeof(union upkeep_control) / sizeof(int)];

    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
        return -1;
    size_t len = head->cmsg_len - CMSG_LEN(0), n = len / sizeof(int);
    memcpy(fds, CMSG_DATA(head), n * sizeof(int));
    for (size_t i = 0; n > 1 && i < n; i++)
        close(fds[i]);
    return n == 1 ? fds[0] : -1;
}

/* The task, and where a backup goes: -1 where nothing was given. */
static enum upkeep_task take_request(int from, int *ret_fd)
{
    union upkeep_control control;
    char text[32] = "";
    struct iovec piece = {text, sizeof(text) - 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};

    *ret_fd = -1;
    ssize_t n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    if (n >= 0)
        *ret_fd = take_descriptor(&message);
    return n > 0 && !(message.msg_flags & MSG_TRUNC) ? upkeep_parse(text) : UPKEEP_TASKS;
}

/* A pipe or a device could keep the thread for ever. */
static bool is_file(int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int serve(struct upkeep_socket *u, enum upkeep_task task, int fd, const struct ucred *peer,
                 char said[static UPKEEP_TEXT], struct fault *fault)
{
    int64_t from_us = clock_mono_us(&clock_system);

    if (!may_ask(peer))
        return fault_set(fault, TGC_EREFUSED, "only the daemon's user and root may ask for this");
    if (task == UPKEEP_TASKS || (task == UPKEEP_BACKUP && !is_file(fd)))
        return fault_set(fault, TGC_EPROTO,
                         "this daemon does not understand the request: is the command of its version?");
    int err = upkeep_do(u->store, task, fd, &u->stop, said, fault);
    if (err)
        log_warning("main", "%s, asked for by user %u: %s", upkeep_text(task), (unsigned)peer->uid, fault->text);
    else
        log_notice("main", "%s, asked for by user %u, took %.3f s", upkeep_text(task), (unsigned)peer->uid,
                   (double)(clock_mono_us(&clock_system) - from_us) / SECOND_US);
    return err;
}

static void answer_one(struct upkeep_socket *u, int with)
{
    struct timeval patience = {REQUEST_S, 0};
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);
    char said[UPKEEP_TEXT] = "", answer[UPKEEP_TEXT + 16];
    struct fault fault = {0};
    int fd;

    if (getsockopt(with, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        setsockopt(with, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
        return;
    enum upkeep_task task = take_request(with, &fd);
    int err = serve(u, task, fd, &peer, said, &fault);
    int n = snprintf(answer, sizeof(answer), "%d %s", err, err ? fault.text : said);
    if (n > 0)
        (void)!send(with, answer, (size_t)n < sizeof(answer) ? (size_t)n : sizeof(answer) - 1,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    if (fd >= 0)
        close(fd);
}

/* Where no descriptor is to be had, who asks stays in the queue and would keep poll() awake. */
static void answer_next(struct upkeep_socket *u, struct pollfd *stopped)
{
    int with = accept4(u->fd, NULL, NULL, SOCK_CLOEXEC);

    if (with < 0) {
        poll(stopped, 1, RETRY_MS);
        return;
    }
    answer_one(u, with);
    close(with);
}

static void *answer_all(void *ctx)
{
    struct upkeep_socket *u = ctx;
    struct pollfd p[] = {{u->fd, POLLIN, 0}, {u->stopped, POLLIN, 0}};

    while (!atomic_load(&u->stop))
        if (poll(p, 2, -1) > 0 && p[0].revents)
            answer_next(u, &p[1]);
    return NULL;
}

/* --- the socket --- */

/* Its mode is that of the descriptor when it gets its name, so that nobody else can come in before. */
static int bind_to(struct upkeep_socket *u, const char *state_dir, struct fault *fault)
{
    struct sockaddr_un address;
    int err = upkeep_address(state_dir, &address, &u->dir, fault);

    if (err)
        return err;
    unlinkat(u->dir, "upkeep.sock", 0); /* of a daemon that was killed: the directory is held */
    u->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (u->fd < 0 || fchmod(u->fd, 0600) != 0 || bind(u->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(u->fd, BACKLOG) != 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot listen on %s/upkeep.sock: %s", state_dir, strerror(errno));
    return 0;
}

static void free_socket(struct upkeep_socket *u)
{
    if (u->dir >= 0)
        unlinkat(u->dir, "upkeep.sock", 0);
    int *const fds[] = {&u->fd, &u->dir, &u->stopped};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (*fds[i] >= 0)
            close(*fds[i]);
    free(u);
}

int upkeep_socket_open(const char *state_dir, struct store *s, struct upkeep_socket **ret, struct fault *fault)
{
    struct upkeep_socket *u = malloc(sizeof(*u));

    if (!u)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *u = (struct upkeep_socket){.store = s, .fd = -1, .dir = -1, .stopped = eventfd(0, EFD_CLOEXEC)};
    int err = u->stopped < 0 ? fault_set(fault, TGC_ESYSTEM, "no descriptor is to be had: %s", strerror(errno)) : 0;
    if (!err)
        err = bind_to(u, state_dir, fault);
    if (!err)
        err = thread_start(&u->thread, STACK_SIZE, answer_all, u, "the thread for upkeep", fault);
    if (err) {
        free_socket(u);
        return err;
    }
    *ret = u;
    return 0;
}

void upkeep_socket_close(struct upkeep_socket *u)
{
    if (!u)
        return;
    atomic_store(&u->stop, true);
    (void)!eventfd_write(u->stopped, 1);
    pthread_join(u->thread, NULL);
    free_socket(u);
}

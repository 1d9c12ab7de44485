#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/terminal_text.h"
#include "daemon/upkeep_internal.h"

/* So long without an answer, and somebody at a terminal wants to know. */
enum { PATIENCE_MS = 2000 };

int upkeep_address(const char *state_dir, struct sockaddr_un *ret, int *ret_dir, struct fault *fault)
{
    int dir = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return fault_set(fault, TGC_ESYSTEM, "cannot open %s: %s", state_dir, strerror(errno));
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/upkeep.sock", dir);
    *ret_dir = dir;
    return 0;
}

static int reach(const char *state_dir, int *ret, struct fault *fault)
{
    struct sockaddr_un address;
    int dir, err = upkeep_address(state_dir, &address, &dir, fault);

    if (err)
        return err;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        *ret = fd;
    } else if (errno == EACCES || errno == EPERM) {
        err =
            fault_set(fault, TGC_ESYSTEM, "%s is another user's: run this as the daemon's user, or as root", state_dir);
    } else {
        err = fault_set(fault, TGC_EBUSY,
                        "%s is held by a tgcalld that cannot be asked (%s): it may be starting or stopping; try again, "
                        "or stop it first",
                        state_dir, strerror(errno));
    }
    close(dir);
    if (err && fd >= 0)
        close(fd);
    return err;
}

static int send_request(int to, enum upkeep_task task, int fd, struct fault *fault)
{
    union upkeep_control control = {0};
    const char *text = upkeep_text(task);
    struct iovec piece = {(char *)text, strlen(text)};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) < 0
               ? fault_set(fault, TGC_EBUSY, "the daemon cannot be asked: %s", strerror(errno))
               : 0;
}

static void tell_progress(enum upkeep_task task, int fd)
{
    struct stat st;

    if (task == UPKEEP_BACKUP && fstat(fd, &st) == 0 && st.st_size)
        fprintf(stderr, "tgcalld: the daemon is at it: %lld bytes so far\n", (long long)st.st_size);
    else
        fprintf(stderr, "tgcalld: the daemon is at it\n");
}

static int take_answer(int from, enum upkeep_task task, int fd, char said[static UPKEEP_TEXT], struct fault *fault)
{
    struct pollfd p = {from, POLLIN, 0};
    char answer[UPKEEP_TEXT + 16], *text;
    ssize_t n = -1;

    while (poll(&p, 1, PATIENCE_MS) == 0)
        tell_progress(task, fd);
    do
        n = recv(from, answer, sizeof(answer) - 1, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return fault_set(fault, TGC_ELOST,
                         "the daemon ended before it answered: whether this was done is not known; do it again");
    answer[n] = '\0';
    long err = strtol(answer, &text, 10);
    if (text == answer || *text != ' ' || err > 0 || err <= -1000)
        return fault_set(fault, TGC_EPROTO,
                         "the daemon's answer is none: whether this was done is not known; is the command of its "
                         "version?");
    terminal_text(text + 1, false, true, said, UPKEEP_TEXT);
    return err ? fault_set(fault, (int)err, "%s", said) : 0;
}

int upkeep_ask(const char *state_dir, enum upkeep_task task, int fd, char said[static UPKEEP_TEXT], struct fault *fault)
{
    int to = -1, err = reach(state_dir, &to, fault);

    if (err)
        return err;
    err = send_request(to, task, fd, fault);
    if (!err)
        err = take_answer(to, task, fd, said, fault);
    close(to);
    return err;
}

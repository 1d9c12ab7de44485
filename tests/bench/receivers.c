/* Receivers of webhooks, good and bad ones, in one process: receivers NAME… listens on a free port, which is its first
 * line. What is posted to /NAME is answered as the name begins: fast… with 204; slow… with 204 after 20 ms; fail… with
 * 500; hang… never; move… with a redirect; lies… with less than its Content-Length; gone… with 410. At a line on stdin
 * each NAME is told of, a line of JSON: the ids that came to it in the order in which they first came, how many came
 * again, and how many came that were neither new nor known: those that are out of order. At the end of stdin it ends.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NAMES_MAX = 64, FDS_MAX = 4096, TEXT_MAX = 256 * 1024, IDS_MAX = 1 << 21, SLOW_MS = 20, EVENTS = 256 };

struct hook {
    const char *name;
    uint64_t *ids;
    size_t ids_n, again, astray;
};

struct line {
    struct hook *hook; /* of the request that waits; NULL: none does */
    char *text;
    size_t len;
    int64_t due_ms; /* of its answer; 0: none is due */
};

static struct hook hooks[NAMES_MAX];
static size_t hooks_n;
static struct line lines[FDS_MAX];
static int poller;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end(int fd)
{
    close(fd);
    free(lines[fd].text);
    lines[fd] = (struct line){0};
}

static bool is_known(const struct hook *h, uint64_t id)
{
    size_t from = 0, to = h->ids_n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (h->ids[middle] < id)
            from = middle + 1;
        else
            to = middle;
    }
    return from < h->ids_n && h->ids[from] == id;
}

static void note(struct hook *h, uint64_t id)
{
    if (h->ids_n == 0 || id > h->ids[h->ids_n - 1]) {
        if (h->ids_n < IDS_MAX)
            h->ids[h->ids_n++] = id;
    } else if (is_known(h, id)) {
        h->again++;
    } else {
        h->astray++;
    }
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        end(fd);
}

static bool begins(const struct hook *h, const char *kind)
{
    return strncmp(h->name, kind, strlen(kind)) == 0;
}

static void answer(int fd, const struct hook *h)
{
    if (begins(h, "fail"))
        say(fd, "HTTP/1.1 500 Not today\r\nContent-Length: 0\r\n\r\n");
    else if (begins(h, "move"))
        say(fd, "HTTP/1.1 307 Elsewhere\r\nLocation: /fast\r\nContent-Length: 0\r\n\r\n");
    else if (begins(h, "gone"))
        say(fd, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
    else
        say(fd, "HTTP/1.1 204 Taken\r\n\r\n");
}

static void take(int fd, struct hook *h, uint64_t id)
{
    note(h, id);
    if (begins(h, "hang")) {
        lines[fd].hook = h;
    } else if (begins(h, "slow")) {
        lines[fd].hook = h;
        lines[fd].due_ms = now_ms() + SLOW_MS;
    } else if (begins(h, "lies")) {
        say(fd, "HTTP/1.1 500 So long\r\nContent-Length: 1000\r\n\r\nshort");
        if (lines[fd].text)
            end(fd);
    } else {
        answer(fd, h);
    }
}

static struct hook *hook_of(const char *head)
{
    for (size_t i = 0; i < hooks_n; i++) {
        size_t n = strlen(hooks[i].name);
        if (strncmp(head, "POST /", 6) == 0 && strncmp(head + 6, hooks[i].name, n) == 0 && head[6 + n] == ' ')
            return &hooks[i];
    }
    return NULL;
}

static uint64_t number_of(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);

    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* One whole request, if it is there. */
static void look(int fd)
{
    struct line *l = &lines[fd];
    const char *end_of_head = l->hook ? NULL : strstr(l->text, "\r\n\r\n");

    if (!end_of_head)
        return;
    size_t whole = (size_t)(end_of_head - l->text) + 4 + number_of(l->text, "\r\ncontent-length:");
    if (l->len < whole)
        return;
    struct hook *h = hook_of(l->text);
    uint64_t id = number_of(l->text, "\r\nwebhook-id:");
    l->len -= whole;
    memmove(l->text, l->text + whole, l->len + 1);
    if (h && id)
        take(fd, h, id);
    else
        end(fd);
}

static void hear(int fd)
{
    struct line *l = &lines[fd];
    ssize_t n = recv(fd, l->text + l->len, TEXT_MAX - 1 - l->len, MSG_DONTWAIT);

    /* What was told of a line that has ended meanwhile is not of this one. */
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        end(fd);
        return;
    }
    l->len += (size_t)n;
    l->text[l->len] = '\0';
    look(fd);
}

static void greet(int door)
{
    int fd = accept(door, NULL, NULL), one = 1;

    if (fd < 0)
        return;
    if (fd >= FDS_MAX || !(lines[fd].text = malloc(TEXT_MAX))) {
        close(fd);
        return;
    }
    lines[fd].text[0] = '\0';
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
}

static void answer_slow(void)
{
    int64_t now = now_ms();

    for (int fd = 0; fd < FDS_MAX; fd++)
        if (lines[fd].due_ms && lines[fd].due_ms <= now) {
            const struct hook *h = lines[fd].hook;
            lines[fd].hook = NULL;
            lines[fd].due_ms = 0;
            answer(fd, h);
            if (lines[fd].text)
                look(fd);
        }
}

static void tell(void)
{
    for (size_t i = 0; i < hooks_n; i++) {
        printf("{\"name\": \"%s\", \"again\": %zu, \"astray\": %zu, \"ids\": [", hooks[i].name, hooks[i].again,
               hooks[i].astray);
        for (size_t k = 0; k < hooks[i].ids_n; k++)
            printf("%s%" PRIu64, k ? ", " : "", hooks[i].ids[k]);
        puts("]}");
    }
    fflush(stdout);
}

static int open_door(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int door = socket(AF_INET, SOCK_STREAM, 0);

    if (door < 0 || bind(door, (struct sockaddr *)&at, len) != 0 || listen(door, SOMAXCONN) != 0 ||
        getsockname(door, (struct sockaddr *)&at, &len) != 0)
        fail("receivers");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return door;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    char line[64];

    for (int i = 1; i < argc && hooks_n < NAMES_MAX; i++) {
        hooks[hooks_n].name = argv[i];
        hooks[hooks_n].ids = malloc(IDS_MAX * sizeof(uint64_t));
        if (!hooks[hooks_n++].ids)
            fail("receivers");
    }
    int door = open_door();
    poller = epoll_create1(0);
    for (int k = 0; k < 2; k++) {
        struct epoll_event e = {.events = EPOLLIN, .data.fd = k ? door : STDIN_FILENO};
        if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, e.data.fd, &e) != 0)
            fail("receivers");
    }
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, 5);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == door)
                greet(door);
            else if (fd == STDIN_FILENO && read(fd, line, sizeof(line)) <= 0)
                return 0;
            else if (fd == STDIN_FILENO)
                tell();
            else if (lines[fd].text)
                hear(fd);
        }
        answer_slow();
    }
}

/* Many clients of GET /v1/events in one process: what time each event takes until its line is there. An event has its
 * time as text: "at=N;", microseconds of the monotonic clock. followers PORT TOKEN N: says "ready" when all follow, and
 * at the end of its input {"lines", "p50_us", "p99_us", "longest_us"} of what came since the last "reset" there. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 64 << 10, EVENTS = 256, TIMES_MAX = 8 << 20 };

/* A client keeps what may be the beginning of a time. */
struct follower {
    int fd;
    size_t len;
    char kept[32];
};

static uint32_t *times;
static size_t times_n;

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int follow(unsigned port, const char *token)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char request[512];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int n = snprintf(request, sizeof(request),
                     "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", token);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 || send(fd, request, (size_t)n, 0) != n)
        fail("connect");
    ssize_t got = recv(fd, request, sizeof(request) - 1, 0);
    if (got < 12 || memcmp(request, "HTTP/1.1 200", 12) != 0)
        fail("the stream");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void look(struct follower *f, char *text, size_t len)
{
    int64_t now = now_us();
    char *at = text, *end;

    text[len] = '\0';
    while ((at = memmem(at, len - (size_t)(at - text), "at=", 3)) != NULL) {
        int64_t sent = strtoll(at + 3, &end, 10);
        if (*end != ';')
            break;
        if (times_n < TIMES_MAX)
            times[times_n++] = (uint32_t)(now - sent);
        at = end;
    }
    /* A time that is cut, or three bytes that may be one's beginning. */
    size_t keep = at ? len - (size_t)(at - text) : len < 2 ? len : 2;
    f->len = keep < sizeof(f->kept) ? keep : 0;
    memcpy(f->kept, text + len - f->len, f->len);
}

static void read_one(struct follower *f)
{
    static char text[ROOM + 64];

    for (;;) {
        memcpy(text, f->kept, f->len);
        ssize_t n = recv(f->fd, text + f->len, ROOM, 0);
        if (n == 0)
            fail("a stream ended");
        if (n < 0)
            return;
        look(f, text, f->len + (size_t)n);
        if (n < ROOM)
            return;
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void report(void)
{
    qsort(times, times_n, sizeof(*times), compare);
    size_t last = times_n ? times_n - 1 : 0;
    printf("{\"lines\": %zu, \"p50_us\": %u, \"p99_us\": %u, \"longest_us\": %u}\n", times_n, times[last / 2],
           times[(size_t)((double)last * 0.99)], times[last]);
}

/* False at the end of the input. */
static bool obey(void)
{
    char line[64];
    ssize_t n = read(STDIN_FILENO, line, sizeof(line));

    if (n > 0)
        times_n = 0;
    return n > 0;
}

int main(int argc, char **argv)
{
    struct rlimit limit = {65536, 65536};
    struct epoll_event events[EVENTS], in = {.events = EPOLLIN, .data.ptr = NULL};
    bool goes_on = true;

    if (argc != 4)
        return 2;
    size_t n = strtoul(argv[3], NULL, 10);
    struct follower *all = calloc(n, sizeof(*all));
    int set = epoll_create1(0);
    times = calloc(TIMES_MAX, sizeof(*times));
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (!all || !times || set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, STDIN_FILENO, &in) < 0)
        fail("start");
    for (size_t i = 0; i < n; i++) {
        all[i].fd = follow((unsigned)strtoul(argv[1], NULL, 10), argv[2]);
        in.data.ptr = &all[i];
        epoll_ctl(set, EPOLL_CTL_ADD, all[i].fd, &in);
    }
    puts("ready");
    fflush(stdout);
    while (goes_on) {
        int k = epoll_wait(set, events, EVENTS, -1);
        for (int i = 0; i < k; i++) {
            if (events[i].data.ptr)
                read_one(events[i].data.ptr);
            else
                goes_on = obey();
        }
    }
    report();
    return 0;
}

#include "daemon/base/log_writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/base/log_internal.h"

enum {
    /* From one write to the next, so that events that come close together go out together. */
    REST_MS = 5,
    STOP_MS = 1000,
    STACK_SIZE = 256 << 10,
};

/* Before each event's bytes: its pairs, each with its length before it, and the line behind them. */
struct record {
    uint32_t len; /* of all that follows */
    uint32_t line_len;
    uint32_t pairs;
};

struct batch {
    char *data;
    size_t len;
};

/* One event, as a line and as the journal's pairs: none where it does not go there. */
struct event_text {
    char line[LOG_LINE_MAX], of_pairs[LOG_LINE_MAX];
    size_t line_len;
    struct iovec pairs[LOG_PAIRS_MAX];
    int n;
};

enum writer_state {
    WRITER_OFF,
    WRITER_ON,
    WRITER_STOPPING,
    WRITER_GIVEN_UP, /* stderr takes nothing, and the thread is stuck in it */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t came; /* on the monotonic clock, as its twin */
    pthread_cond_t done;
    pthread_t thread;
    _Atomic enum writer_state state; /* changes under the lock */
    bool is_urgent, is_done;
    bool is_resting;             /* the thread: it looks by itself when that is over */
    struct batch waiting, going; /* LIMIT_LOG_WAITING bytes each; `going` is the thread's */
    uint64_t lost;
} writer = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct timespec in_ms(int ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)ms * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* --- who logs --- */

static void put(struct batch *b, const void *data, size_t n)
{
    memcpy(b->data + b->len, data, n);
    b->len += n;
}

/* False where there is no room. */
static bool append(struct batch *b, const struct event_text *t)
{
    const struct iovec *pairs = t->pairs;
    struct record r = {.len = (uint32_t)t->line_len, .line_len = (uint32_t)t->line_len, .pairs = (uint32_t)t->n};

    for (int i = 0; i < t->n; i++)
        r.len += (uint32_t)(sizeof(uint32_t) + pairs[i].iov_len);
    if (LIMIT_LOG_WAITING - b->len < sizeof(r) + r.len)
        return false;
    put(b, &r, sizeof(r));
    for (int i = 0; i < t->n; i++) {
        uint32_t len = (uint32_t)pairs[i].iov_len;
        put(b, &len, sizeof(len));
        put(b, pairs[i].iov_base, len);
    }
    put(b, t->line, t->line_len);
    return true;
}

static void write_text(const struct log_entry *e, enum log_format format, struct event_text *t)
{
    t->n = log_goes_to_journal(format) ? log_pairs(e, t->pairs, t->of_pairs, sizeof(t->of_pairs)) : 0;
    t->line_len = log_line(e, format, t->line, sizeof(t->line));
}

bool log_writer_take(const struct log_entry *e, enum log_format format)
{
    struct event_text t;

    enum writer_state state = writer.state;
    if (state != WRITER_ON)
        return state == WRITER_GIVEN_UP;
    write_text(e, format, &t);
    pthread_mutex_lock(&writer.lock);
    bool is_taken = writer.state == WRITER_ON;
    if (is_taken) {
        bool was_empty = writer.waiting.len == 0 && writer.lost == 0;
        bool was_urgent = writer.is_urgent;
        writer.lost += !append(&writer.waiting, &t);
        writer.is_urgent |= e->level <= LOG_LEVEL_WARNING || writer.waiting.len > LIMIT_LOG_WAITING / 4;
        if ((was_empty && !writer.is_resting) || writer.is_urgent != was_urgent)
            pthread_cond_signal(&writer.came);
    }
    pthread_mutex_unlock(&writer.lock);
    return is_taken;
}

/* --- the thread --- */

/* There is nobody to tell when it fails. */
static void write_all(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, data, len);
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            /* Who shares the terminal or the pipe may have made it so. */
            struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
            (void)poll(&fd, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return;
        }
    }
}

/* Returns whether the journal has it. */
static bool send_pairs(const char *body, uint32_t n)
{
    struct iovec pairs[LOG_PAIRS_MAX];

    for (uint32_t i = 0; i < n; i++) {
        uint32_t len;
        memcpy(&len, body, sizeof(len));
        pairs[i] = (struct iovec){(char *)(uintptr_t)body + sizeof(len), len};
        body += sizeof(len) + len;
    }
    return n > 0 && log_send_to_journal(pairs, (int)n);
}

/* Lines are moved together over the records' heads, so that all go out at once. */
static void write_batch(struct batch *b)
{
    struct record r;
    size_t out = 0;

    for (size_t at = 0; at < b->len; at += r.len) {
        memcpy(&r, b->data + at, sizeof(r));
        at += sizeof(r);
        if (send_pairs(b->data + at, r.pairs))
            continue;
        memmove(b->data + out, b->data + at + r.len - r.line_len, r.line_len);
        out += r.line_len;
    }
    write_all(b->data, out);
    b->len = 0;
}

static void tell_lost(uint64_t lost)
{
    char message[128];
    struct log_entry e = {.level = LOG_LEVEL_WARNING, .room = "log", .message = message};
    struct event_text t;

    snprintf(message, sizeof(message), "%llu events are not in this log: what takes it was too slow",
             (unsigned long long)lost);
    clock_gettime(CLOCK_REALTIME, &e.at);
    write_text(&e, log_format_now(), &t);
    (void)append(&writer.going, &t); /* it is empty */
    write_batch(&writer.going);
}

/* Waits until there is something. What comes after a rest is written at once, what comes close behind it together.
 * False: nothing more comes. Holds the lock. */
static bool wait_for_events(const struct timespec *rest_until)
{
    writer.is_resting = true;
    while (!writer.is_urgent && writer.state == WRITER_ON &&
           pthread_cond_timedwait(&writer.came, &writer.lock, rest_until) != ETIMEDOUT)
        ;
    writer.is_resting = false;
    while (writer.waiting.len == 0 && writer.lost == 0 && writer.state == WRITER_ON)
        pthread_cond_wait(&writer.came, &writer.lock);
    return writer.waiting.len > 0 || writer.lost > 0;
}

static void *run(void *ctx)
{
    struct timespec rest_until = {0};

    pthread_mutex_lock(&writer.lock);
    while (wait_for_events(&rest_until)) {
        struct batch full = writer.waiting;
        uint64_t lost = writer.lost;
        writer.waiting = writer.going;
        writer.going = full;
        writer.lost = 0;
        writer.is_urgent = false;
        pthread_mutex_unlock(&writer.lock);
        write_batch(&writer.going);
        if (lost)
            tell_lost(lost);
        rest_until = in_ms(REST_MS);
        pthread_mutex_lock(&writer.lock);
    }
    writer.is_done = true;
    pthread_cond_signal(&writer.done);
    pthread_mutex_unlock(&writer.lock);
    return NULL;
}

/* --- start and stop --- */

static void free_batches(void)
{
    free(writer.waiting.data);
    free(writer.going.data);
    writer.waiting = writer.going = (struct batch){0};
}

static int start_thread(void)
{
    pthread_condattr_t monotonic;
    pthread_attr_t small;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer.came, &monotonic);
    pthread_cond_init(&writer.done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_SIZE);
    int failed = pthread_create(&writer.thread, &small, run, NULL);
    pthread_attr_destroy(&small);
    if (failed) {
        pthread_cond_destroy(&writer.came);
        pthread_cond_destroy(&writer.done);
    }
    return failed ? TGC_ESYSTEM : 0;
}

int log_writer_start(struct fault *fault)
{
    pthread_mutex_lock(&writer.lock);
    writer.waiting = (struct batch){.data = malloc(LIMIT_LOG_WAITING)};
    writer.going = (struct batch){.data = malloc(LIMIT_LOG_WAITING)};
    writer.is_urgent = writer.is_done = false;
    writer.lost = 0;
    writer.state = WRITER_ON;
    int err = writer.waiting.data && writer.going.data ? start_thread() : TGC_ENOMEM;
    if (err) {
        writer.state = WRITER_OFF;
        free_batches();
    }
    pthread_mutex_unlock(&writer.lock);
    return err ? fault_set(fault, err, "%s", err == TGC_ESYSTEM ? "no thread is to be had" : tgc_err_text(err)) : 0;
}

void log_writer_stop(void)
{
    pthread_mutex_lock(&writer.lock);
    if (writer.state != WRITER_ON) {
        pthread_mutex_unlock(&writer.lock);
        return;
    }
    writer.state = WRITER_STOPPING;
    pthread_cond_signal(&writer.came);
    struct timespec until = in_ms(STOP_MS);
    int late = 0;
    while (!writer.is_done && !late)
        late = pthread_cond_timedwait(&writer.done, &writer.lock, &until);
    bool is_done = writer.is_done;
    writer.state = is_done ? WRITER_OFF : WRITER_GIVEN_UP;
    pthread_mutex_unlock(&writer.lock);
    if (!is_done) {
        pthread_detach(writer.thread);
        return;
    }
    pthread_join(writer.thread, NULL);
    pthread_cond_destroy(&writer.came);
    pthread_cond_destroy(&writer.done);
    free_batches();
}

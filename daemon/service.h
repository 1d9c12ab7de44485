/* What systemd is told of this service: that it listens, that it reads its configuration again and is done, and then in
 * a few words how it is ("3 accounts ready, 2 calls live"), as `systemctl status` shows it; and where it keeps a
 * watchdog (WatchdogSec), that each worker's loop turned. Where nobody listens (no NOTIFY_SOCKET) nothing is looked at.
 * The main thread.
 */
#ifndef TGCALLD_SERVICE_H
#define TGCALLD_SERVICE_H

#include <stdint.h>

#include "daemon/bridge/workers.h"
#include "daemon/worker/worker.h"

enum { SERVICE_WORDS_SIZE = 96 };

struct service {
    const struct workers *all; /* NULL: nobody listens */
    char said[SERVICE_WORDS_SIZE];
    struct worker *const *workers;
    size_t workers_n;
    int64_t watchdog_us; /* so often it is to be fed; 0: there is none */
    int64_t feed_us;     /* when it is the next time */
};

/* All is borrowed, until the stop. */
void service_ready(struct service *s, const struct workers *all, struct worker *const *workers, size_t n);
/* Before that, as often as one likes: the start takes long for a good reason. */
void service_starting(void);
/* Or it has come as far as it can, WORDS: whoever waits for the start is told that it is done, as what follows may take
 * weeks. */
void service_waiting(const char *words, int64_t now_us);
/* After it, between two steps that may take long each. */
void service_busy(void);
/* Tells what changed. When to look again (monotonic µs); INT64_MAX: never. */
int64_t service_look(struct service *s, int64_t now_us);
/* Around a reload: `systemctl reload` waits for the second. */
void service_reloading(const struct service *s);
void service_reloaded(const struct service *s);
void service_stopping(struct service *s);

#endif

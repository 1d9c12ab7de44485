#include "daemon/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "daemon/base/clock.h"

/* A watchdog is fed well before it bites (WatchdogSec=60 in the unit). */
#define WAITING_PACE_US (5 * SECOND_US)

static void ask_all(struct service *s)
{
    for (size_t i = 0; i < s->workers_n; i++)
        worker_ask_sign(s->workers[i]);
}

void service_ready(struct service *s, const struct workers *all, struct worker *const *workers, size_t n)
{
    uint64_t watchdog_us = 0;

    *s = (struct service){.all = getenv("NOTIFY_SOCKET") ? all : NULL, .workers = workers, .workers_n = n};
    if (s->all && sd_watchdog_enabled(0, &watchdog_us) > 0)
        s->watchdog_us = (int64_t)watchdog_us;
    if (s->watchdog_us)
        ask_all(s);
    sd_notify(0, "READY=1");
}

/* A start is given up that takes too long (TimeoutStartSec=), unless it says that it goes on. */
void service_starting(void)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d", 60 * 1000 * 1000);
}

void service_busy(void)
{
    sd_notify(0, "WATCHDOG=1");
}

void service_waiting(const char *words, int64_t now_us)
{
    static int64_t told_us;

    if (told_us && now_us - told_us < WAITING_PACE_US)
        return;
    sd_notifyf(0, "%sSTATUS=%s\nWATCHDOG=1", told_us ? "" : "READY=1\n", words);
    told_us = now_us;
}

/* A thread that waits for signals would always be well: what is to be shown is that the loops turn. */
static void feed(struct service *s, int64_t now_us)
{
    for (size_t i = 0; i < s->workers_n; i++)
        if (!worker_gave_sign(s->workers[i]))
            return;
    sd_notify(0, "WATCHDOG=1");
    ask_all(s);
    s->feed_us = now_us + s->watchdog_us / 4;
}

static void put_words(const struct workers *all, char out[static SERVICE_WORDS_SIZE])
{
    struct directory_census census = {0};
    struct directory_pick pick;
    size_t calls[DIRECTORY_PHASES];
    int n;

    if (workers_are_elsewhere(all)) {
        snprintf(out, SERVICE_WORDS_SIZE, "stands by: the accounts are another node's");
        return;
    }
    (void)directory_find_only(all->directory, NULL, &pick, &census);
    directory_count_calls(all->directory, calls);
    if (census.accounts == 0)
        n = snprintf(out, SERVICE_WORDS_SIZE, "no account yet");
    else if (census.ready == census.accounts)
        n = snprintf(out, SERVICE_WORDS_SIZE, "%zu account%s ready", census.ready, census.ready == 1 ? "" : "s");
    else
        n = snprintf(out, SERVICE_WORDS_SIZE, "%zu of %zu account%s ready", census.ready, census.accounts,
                     census.accounts == 1 ? "" : "s");
    size_t live = calls[DIRECTORY_ACTIVE];
    snprintf(out + n, SERVICE_WORDS_SIZE - (size_t)n, ", %zu call%s live", live, live == 1 ? "" : "s");
}

int64_t service_look(struct service *s, int64_t now_us)
{
    char words[SERVICE_WORDS_SIZE];

    if (!s->all)
        return INT64_MAX;
    put_words(s->all, words);
    if (strcmp(words, s->said) != 0)
        sd_notifyf(0, "STATUS=%s", words);
    memcpy(s->said, words, sizeof(words));
    if (!s->watchdog_us)
        return now_us + SECOND_US;
    if (now_us >= s->feed_us)
        feed(s, now_us);
    return now_us + (s->watchdog_us / 8 < SECOND_US ? s->watchdog_us / 8 : SECOND_US);
}

void service_reloading(const struct service *s)
{
    struct timespec now;

    if (!s->all)
        return;
    /* Not the daemon's own clock, which counts sleep: systemd holds this against CLOCK_MONOTONIC. */
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64, now.tv_sec * SECOND_US + now.tv_nsec / 1000);
}

void service_reloaded(const struct service *s)
{
    if (s->all)
        sd_notify(0, "READY=1");
}

void service_stopping(struct service *s)
{
    s->all = NULL;
    sd_notify(0, "STOPPING=1");
}

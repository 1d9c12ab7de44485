/* What Telegram says, and what becomes of accounts and calls, as events: each is written as JSON text once, for all who
 * read. The worker's thread. */
#ifndef TGCALLD_WORKER_TELL_EVENTS_H
#define TGCALLD_WORKER_TELL_EVENTS_H

#include "daemon/tg/listener.h"
#include "daemon/tl/schema.h"
#include "daemon/worker/event_log.h"

struct tell_events;

/* LOG, SCHEMA (the layer that is spoken) and CLOCK are borrowed. */
int tell_events_new(struct event_log *log, const struct tl_schema *schema, const struct clock_source *clock,
                    struct tell_events **ret) TGC_MUST;
/* NULL is fine. */
void tell_events_free(struct tell_events *t);

/* An account was added, or is removed for good. */
void tell_account_made(struct tell_events *t, struct tg_account *account);
void tell_account_forgotten(struct tell_events *t, const char *account);

/* A job was made or has changed: JOB is its JSON text. ACCOUNT "" where it is of none. */
void tell_job(struct tell_events *t, const char *account, const char *job, size_t len);

/* WHAT happened to a schedule, or to its occurrence AT (0: none), of which there were N; SCHEDULE is its JSON text. */
void tell_schedule(struct tell_events *t, const char *account, const char *what, int64_t at, int n,
                   const char *schedule);

/* As the members of struct tg_listener. */
void tell_account(struct tell_events *t, struct tg_account *account, int state_before, const char *reason_before);
void tell_call(struct tell_events *t, struct tg_account *account, const struct tg_call *call,
               const struct tg_call_news *news);
/* But for what update_is_service_notice() says is nobody else's to read. */
void tell_update(struct tell_events *t, struct tg_account *account, const struct tg_update *update);
void tell_updates_missed(struct tell_events *t, struct tg_account *account, int64_t channel_id);

#endif

/* What a schedule is asked to do: dates, and the call that is to be there. */
#ifndef TGCALLD_WORKER_SCHEDULE_SPEC_H
#define TGCALLD_WORKER_SCHEDULE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/bridge/problem.h"
#include "daemon/calendar/rule.h"

/* Texts are its own; NULL, and 0, is none. */
struct schedule_spec {
    int64_t peer; /* marked: what does not change of a chat */
    char *title;
    bool rtmp_stream;
    int64_t at; /* the only date, in Unix seconds; 0: START in TIMEZONE, and again as RRULE says */
    char *start, *timezone, *rrule;
    int32_t announce, end_after, late_max;
};

/* Members of a request or of the store, whose forms were judged; PEER is left as it is where it is no marked id. NOW:
 * dates have to be behind it; 0: dates that were judged before may be over; SCHEDULE_SPEC_KEPT: nothing is judged,
 * since a zone may have gone from the system meanwhile, which is no reason not to start. TGC_EINVAL: *RET_PROBLEM says
 * what is wrong; TGC_ENOMEM. */
enum { SCHEDULE_SPEC_KEPT = -1 };
int schedule_spec_read(const json_t *members, int64_t now, struct schedule_spec *ret,
                       struct problem **ret_problem) TGC_MUST;
void schedule_spec_fini(struct schedule_spec *s);

/* The same members, a new reference; NULL where memory is gone. */
json_t *schedule_spec_json(const struct schedule_spec *s);
/* MEMBERS as BODY changes them, null taking one away. A new reference; NULL where memory is gone. */
json_t *schedule_spec_change(const struct schedule_spec *s, const json_t *body);

/* Its dates, for as long as they are asked for: a rule takes memory, and is made when it is needed. */
struct schedule_dates {
    int64_t at;
    struct calendar_rule *rule;
};
/* FAULT: the rule cannot be read any more, as where the system's zones are gone; or memory is. */
int schedule_dates_open(const struct schedule_spec *s, struct schedule_dates *ret, struct fault *fault) TGC_MUST;
void schedule_dates_close(struct schedule_dates *d);
/* The first occurrence after AFTER; false: there is none. DATES are such. */
bool schedule_dates_next(const void *dates, int64_t after, int64_t *ret);
/* The same of a single look; false also where the rule cannot be read. */
bool schedule_spec_next(const struct schedule_spec *s, int64_t after, int64_t *ret);
/* The call's title at the occurrence AT; *RET is the caller's, NULL for none. */
int schedule_spec_title(const struct schedule_spec *s, int64_t at, char **ret) TGC_MUST;

#endif

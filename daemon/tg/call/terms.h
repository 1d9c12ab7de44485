/* What is asked of a call that is to be created, and whether a call has it. */
#ifndef TGCALLD_TG_TERMS_H
#define TGCALLD_TG_TERMS_H

#include "daemon/tg/known/calls.h"
#include "daemon/tl/values.h"

struct tg_terms {
    const char *title; /* UTF-8, not NUL-terminated; NULL: not asked for */
    size_t title_len;
    int32_t schedule_date; /* Unix seconds; 0: not asked for */
    bool has_rtmp_stream, rtmp_stream;
    bool has_auto_start, auto_start; /* our own part: Telegram is not asked for it */
};

enum tg_differs {
    TG_DIFFERS_TITLE = 1,
    TG_DIFFERS_SCHEDULE_DATE = 2,
    TG_DIFFERS_RTMP_STREAM = 4,
    TG_DIFFERS_AUTO_START = 8
};

/* Which of the terms (of enum tg_differs, ored) the call does not have. What was not asked for is no difference. */
unsigned tg_terms_differ(const struct tg_terms *terms, const struct tg_call *call);
/* Whether the call is scheduled for the date that was asked for, and is to be started then. */
bool tg_terms_wish_start_of(const struct tg_terms *terms, const struct tg_call *call);
/* As parameters of phone.createGroupCall, into PARAMS. */
void tg_terms_put(const struct tg_terms *terms, struct tl_values *params);

#endif

#include "daemon/tg/call/terms.h"

#include <string.h>

unsigned tg_terms_differ(const struct tg_terms *terms, const struct tg_call *call)
{
    unsigned differs = 0;

    if (terms->title && (terms->title_len != call->title_len ||
                         (terms->title_len && memcmp(terms->title, call->title, terms->title_len) != 0)))
        differs |= TG_DIFFERS_TITLE;
    if (terms->schedule_date && terms->schedule_date != call->schedule_date)
        differs |= TG_DIFFERS_SCHEDULE_DATE;
    if (terms->has_rtmp_stream && terms->rtmp_stream != call->rtmp_stream)
        differs |= TG_DIFFERS_RTMP_STREAM;
    if (terms->has_auto_start && terms->auto_start != tg_call_is_to_start(call))
        differs |= TG_DIFFERS_AUTO_START;
    return differs;
}

bool tg_terms_wish_start_of(const struct tg_terms *terms, const struct tg_call *call)
{
    return terms->auto_start && call->state == TG_CALL_SCHEDULED && call->schedule_date == terms->schedule_date;
}

void tg_terms_put(const struct tg_terms *terms, struct tl_values *params)
{
    if (terms->title)
        tl_values_text(params, "title", terms->title, terms->title_len);
    if (terms->schedule_date)
        tl_values_int(params, "schedule_date", terms->schedule_date);
    if (terms->has_rtmp_stream)
        tl_values_bool(params, "rtmp_stream", terms->rtmp_stream);
}

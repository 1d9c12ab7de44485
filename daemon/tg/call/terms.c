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
    return differs;
}

int tg_terms_put(const struct tg_terms *terms, json_t *params)
{
    int err = 0;

    if (terms->title)
        err |= json_object_set_new(params, "title", json_stringn_nocheck(terms->title, terms->title_len));
    if (terms->schedule_date)
        err |= json_object_set_new(params, "schedule_date", json_integer(terms->schedule_date));
    if (terms->has_rtmp_stream)
        err |= json_object_set_new(params, "rtmp_stream", json_boolean(terms->rtmp_stream));
    return err ? TGC_ENOMEM : 0;
}

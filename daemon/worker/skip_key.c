#include "daemon/worker/skip_key.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/worker/journal_internal.h"

/* A member of the job's path that no client gives. */
#define SKIP_KEY "skip_key"

void skip_key_note(struct job *job)
{
    char key[2 * STORE_INTENT_KEY + 1];
    uint8_t bytes[STORE_INTENT_KEY];

    if (!journal_key_of_attempt(job, bytes))
        return;
    hex_encode(bytes, sizeof(bytes), key);
    json_object_set_new(job->path, SKIP_KEY, json_string(key));
}

static const char *key_of(const struct job *job)
{
    const char *key = json_string_value(json_object_get(job->path, SKIP_KEY));

    return key ? key : "";
}

bool skip_key_was_used(const struct schedule *s, const struct job *job)
{
    return s->skip_key[0] && strcmp(key_of(job), s->skip_key) == 0 &&
           schedule_now_us(s) < s->skip_asked_at * SECOND_US + JOURNAL_KEPT_US;
}

void skip_key_remember(struct schedule *s, const struct job *job)
{
    if (!key_of(job)[0])
        return;
    snprintf(s->skip_key, sizeof(s->skip_key), "%s", key_of(job));
    s->skip_asked_at = schedule_now_us(s) / SECOND_US;
}

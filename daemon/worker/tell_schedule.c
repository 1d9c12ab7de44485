/* What becomes of a schedule, and of its occurrences, as an event. */
#include <string.h>

#include "daemon/tl/text.h"
#include "daemon/worker/tell_events.h"
#include "daemon/worker/tell_internal.h"

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

void tell_schedule(struct tell_events *t, const char *account, const char *what, int64_t at, int n,
                   const char *schedule)
{
    int64_t received_at = tell_begin(t, account);

    PUT(&t->text, ",\"what\":");
    tl_text_put_string(&t->text, what, strlen(what));
    if (at) {
        PUT(&t->text, ",\"at\":");
        tl_text_put_number(&t->text, at);
    }
    if (n > 1) {
        PUT(&t->text, ",\"count\":");
        tl_text_put_number(&t->text, n);
    }
    PUT(&t->text, ",\"schedule\":");
    buf_put_text(&t->text, schedule);
    tell_end(t, account, "schedule", received_at);
}

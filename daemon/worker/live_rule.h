/* What is to be done for the wish that a call runs in a chat (live.h), as a rule without clock, account or network. */
#ifndef TGCALLD_WORKER_LIVE_RULE_H
#define TGCALLD_WORKER_LIVE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIVE_PER_HOUR = 6, LIVE_PER_HOUR_MAX = 60 };

/* Where the account lacks the right it is looked whether it has it again, by a read, so often at least. */
#define LIVE_LOOK_US (15 * 60 * INT64_C(1000000))
/* And not more often, whatever comes. */
#define LIVE_LOOK_LEAST_US (5 * INT64_C(1000000))

/* What a wish's people see of it. */
enum live_state { LIVE_RUNNING, LIVE_RECREATING, LIVE_PAUSED, LIVE_STATES };

enum live_chat {
    LIVE_CHAT_OPEN, /* no call, or nobody knows: a create that keeps what is there asks first */
    LIVE_CHAT_RUNS,
    LIVE_CHAT_SCHEDULED,
};

enum live_word {
    LIVE_RUNS,
    LIVE_LOOK,   /* read the chat and the account's rights in it */
    LIVE_CREATE, /* unless the chat has a call */
    LIVE_WAIT,
};

enum live_why {
    LIVE_WHY_NONE,
    LIVE_WHY_ACCOUNT,   /* it is not ready */
    LIVE_WHY_SCHEDULED, /* the chat's call has a date, and a create would end it */
    LIVE_WHY_REFUSED,   /* Telegram's word, which stands until the account's rights are others */
    LIVE_WHY_TROUBLE,   /* the last attempt came to nothing, and is made again */
    LIVE_WHY_LIMIT,     /* as many calls were made anew within the hour as are wished for */
};

/* Monotonic µs (…_us), Unix seconds (…_s). */
struct live_facts {
    bool is_ready; /* the account is */
    enum live_chat chat;
    bool must_look; /* an earlier process may have made a call that is not known yet */
    bool is_refused;
    int64_t look_at_us;     /* is_refused: not before */
    int64_t pause_until_us; /* of an attempt that came to nothing; 0 */
    bool counts;            /* a create now would be one more within the hour */
    const int64_t *times_s; /* of those before, in their order */
    size_t times_n;
    int max_per_hour;
    int64_t now_us, now_s;
};

struct live_verdict {
    enum live_word word;
    enum live_why why; /* LIVE_WAIT */
    int64_t wait_us;   /* LIVE_WAIT: then judge again; -1: when something changes */
};

struct live_verdict live_judge(const struct live_facts *facts);

/* A time that lies ahead is of a clock that was set back since: it counts from now on. Whether one did. */
bool live_clamp_times(int64_t *times_s, size_t n, int64_t now_s);

/* The pause after an attempt that came to nothing, TRIES in a row before; at least RETRY_AFTER_S. */
int64_t live_pause_us(unsigned tries, int64_t retry_after_s);
/* The same where Telegram refused, and a look said that the account may: what was said to be so is not taken for it
 * again at once. REFUSALS: in a row, at least 1. */
int64_t live_refused_pause_us(unsigned refusals);

#endif

/* Knowledge of one account, with time in the test's hand and a listener that counts; most of it is of channel 6001. */
#ifndef TGCALLD_TESTS_TG_KNOWN_BED_H
#define TGCALLD_TESTS_TG_KNOWN_BED_H

#include "daemon/tg/known/known_internal.h"
#include "tests/support/fake_clock.h"

extern struct known_bed {
    struct fake_clock clock;
    struct tg_known *k;
    unsigned told[4], chats_told; /* by enum tg_change */
} kb;
extern const struct tg_listener kb_listener;

/* In layer 229. */
void kb_set_up(void);
void kb_tear_down(void);

/* The answer to METHOD, asked for at MARK, or (NULL) an update: JSON with ' for ". */
void kb_learn(const char *method, uint64_t mark, const char *text);
/* A call as an update tells of it. */
struct tg_call_seen kb_seen_in(int64_t id, enum peer_kind kind, int64_t chat);
/* Updates of channel 6001: a call runs, has ended. */
void kb_runs(int64_t id);
void kb_ends(int64_t id);
/* The full channel 6001, asked for at MARK, shows this call, or (0) none. */
void kb_shows(int64_t id, uint64_t mark);

enum { KB_EMPTY = 0, KB_UNKNOWN = -1 };

/* Of channel 6001: the id of its call, KB_EMPTY or KB_UNKNOWN. */
int64_t kb_chat(void);
const struct tg_call *kb_record(int64_t id);

#endif

/* An account whose process ends, whatever is under way, and the next one, which goes on with what the keeper had. */
#ifndef TGCALLD_TESTS_TG_SAVED_BED_H
#define TGCALLD_TESTS_TG_SAVED_BED_H

#include "daemon/tg/account/saved.h"
#include "daemon/tg/account/saved_updates.h"
#include "tests/support/unit.h"
#include "tests/unit/tg/bed.h"

enum { SAVED_CALLS_MAX = 16, SAVED_PEERS_MAX = 64, SAVED_UPDATES_MAX = 8 };

/* A keeper is as a disk is: what it has is what was told, and nothing else survives. */
struct saved_bed {
    struct bed bed;
    struct bed_answer answer;
    struct saved_kept {
        struct tg_saved record;
        char reason[192], remedy[256];
        json_t *user, *login;
        struct {
            bool is_there;
            uint8_t key[256];
            uint64_t salt;
        } keys[BED_CENTRES + 1];
        struct tg_peer peers[SAVED_PEERS_MAX];
        size_t peers_n;
        struct tg_call calls[SAVED_CALLS_MAX];
        size_t calls_n;
        struct tg_saved_updates updates[SAVED_UPDATES_MAX]; /* by channel; of pts 0: none */
        size_t updates_n;
        unsigned notes, keys_made;
    } kept;
};
extern struct saved_bed saved;
extern const struct tg_keeper saved_keeper;

void saved_set_up(void);
void saved_tear_down(void);
void saved_log_in(void);
void saved_keep_all(struct tg_account *a);
void saved_forget_calls(void);
/* The process is gone; WRITTEN: what was noted last had reached the disk. */
void saved_restart(bool written);
void saved_expect_state(const char *state);
void saved_expect_goes_on(void);

#endif

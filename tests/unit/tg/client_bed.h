/* A client of its own in front of the fake data centres, without an account: what it says is noted, what is done with a
 * key that it made is the test's to say, and each of its states is seen. */
#ifndef TGCALLD_TESTS_TG_CLIENT_BED_H
#define TGCALLD_TESTS_TG_CLIENT_BED_H

#include "daemon/tg/connection/client.h"
#include "tests/unit/tg/bed.h"

enum client_commits { CLIENT_KEEPS, CLIENT_REFUSES, CLIENT_HOLDS };

struct client_bed {
    struct bed b;
    struct tg_client *c;
    enum client_commits commits; /* what becomes of a key that was made */
    struct tg_commit *commit;    /* held, and owed a word */
    unsigned made, sessions, links_lost, links_back, keys_lost, results;
    uint8_t key[256]; /* the last that was made */
    uint64_t salt;
};

/* No client yet. The permanent key is to speak itself; or temporary ones are, that live so long. */
void client_bed_init(struct client_bed *t);
void client_bed_init_temporary(struct client_bed *t, int32_t life_s);
/* Frees the client too. */
void client_bed_fini(struct client_bed *t);

/* With a key (256 bytes), or without. */
void client_start(struct client_bed *t, const uint8_t *key);
/* Without a key, in front of the servers of FIRST, which is all that T, zeroed, needs of a bed: client_end() ends it.
 */
void client_start_beside(struct client_bed *t, struct client_bed *first);
void client_end(struct client_bed *t);
/* The word on the key that is held. */
void client_commit(struct client_bed *t, int err, const char *why);
/* Asks help.getNearestDc; its answer is counted. */
void client_ask(struct client_bed *t);

/* Letters: Off, Waiting, Dialing, eXchanging, Ready. */
char client_state(const struct client_bed *t);
/* Time passes until the client's state is another, again and again: fails the test where these are not STATES, or one
 * does not come within two minutes. */
void client_expect(struct client_bed *t, const char *states);

#endif

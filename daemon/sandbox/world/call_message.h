/* What was said in a call lately, and what was paid for it. Only who is in the call hears it, so it is kept for as long
 * as a client may ask about it, and ends with the call. */
#ifndef TGCALLD_SANDBOX_WORLD_CALL_MESSAGE_H
#define TGCALLD_SANDBOX_WORLD_CALL_MESSAGE_H

#include "daemon/sandbox/world/world.h"

enum { WORLD_CALL_MESSAGES = 64, WORLD_DONORS_MAX = 1024 };

struct world_call_message {
    int id; /* 1, 2, … in its call; 0: there is none */
    int date;
    struct world_identity from; /* with the user behind it */
    bool from_admin;
    int64_t random_id, stars;
    json_t *text; /* TextWithEntities */
};

struct world_donor {
    struct world_identity as;
    int64_t stars;
};

struct world_talk {
    struct world_call_message messages[WORLD_CALL_MESSAGES]; /* a ring, by id */
    int last_id;
    struct world_donor *donors;
    unsigned donors_n;
    int64_t stars; /* all of them */
};

/* One more message in CALL, as M says but for its id; M->text is stolen. NULL: no memory, or too many donors. */
const struct world_call_message *world_call_message_add(struct world_call *call, const struct world_call_message *m);
/* Those that are kept; NULL where there is none. */
const struct world_call_message *world_call_message_by_id(const struct world_call *call, int64_t id);
/* What USER sent with RANDOM_ID. */
const struct world_call_message *world_call_message_by_intent(const struct world_call *call,
                                                              const struct world_user *user, int64_t random_id);
/* It is not kept any more; the stars stay paid. */
void world_call_message_drop(struct world_call *call, int id);
bool world_identity_is(const struct world_identity *a, const struct world_identity *b);

#endif

/* Calls into the world as text: "@call" is the call's inputGroupCall, "@peer:6001" a chat as an InputPeer,
 * "@user:1002" an InputUser, "@as:1002" the same as an InputPeer. */
#ifndef TGCALLD_TESTS_SANDBOX_STEPS_H
#define TGCALLD_TESTS_SANDBOX_STEPS_H

#include "tests/unit/sandbox/fixture.h"

struct step {
    int64_t user;
    const char *method, *params;
};

/* --- what tests say often; for struct step --- */
#define JOIN(source)                                                                                                   \
    "{\"call\":\"@call\",\"join_as\":{\"_\":\"inputPeerSelf\"},\"video_stopped\":true,"                                \
    "\"params\":{\"_\":\"dataJSON\",\"data\":\"{\\\"ssrc\\\":" #source "}\"}}"
#define JOIN_AS(peer, data)                                                                                            \
    "{\"call\":\"@call\",\"join_as\":\"" peer "\","                                                                    \
    "\"params\":{\"_\":\"dataJSON\",\"data\":\"" data "\"}}"
#define CALL(more) "{\"call\":\"@call\"" more "}"
#define EDIT(peer, more) "{\"call\":\"@call\",\"participant\":\"" peer "\"," more "}"
#define INVALID "{\"call\":{\"_\":\"inputGroupCall\",\"id\":\"1\",\"access_hash\":\"2\"}}"
#define DISCARD                                                                                                        \
    {                                                                                                                  \
        ALICE, "phone.discardGroupCall", CALL("")                                                                      \
    }
#define ALICE_IN                                                                                                       \
    {                                                                                                                  \
        ALICE, "phone.joinGroupCall", JOIN(11)                                                                         \
    }
#define BOB_IN                                                                                                         \
    {                                                                                                                  \
        BOB, "phone.joinGroupCall", JOIN(22)                                                                           \
    }
#define PRESENT(source) CALL(",\"params\":{\"_\":\"dataJSON\",\"data\":\"{\\\"ssrc\\\":" #source "}\"}")
#define SAY(id, text, more)                                                                                            \
    CALL(",\"random_id\":" #id ",\"message\":{\"_\":\"textWithEntities\",\"text\":\"" text "\",\"entities\":[]}" more)
#define MUTE_NEW                                                                                                       \
    {                                                                                                                  \
        ALICE, "phone.toggleGroupCallSettings", CALL(",\"join_muted\":true")                                           \
    }

/* A call in CHAT, which is in the world's table then; SCHEDULED: in an hour. Alice creates it, Carol her own. */
void steps_create(struct fixture *f, int64_t chat, bool scheduled, bool rtmp);
/* The answer, or NULL with f->rpc's error. Becomes the user. */
json_t *steps_call(struct fixture *f, const struct step *step);
/* The first update of this kind in Updates, or NULL. */
const json_t *steps_update(const json_t *updates, const char *tag);
/* groupCall out of the first updateGroupCall. */
const json_t *steps_group_call(const json_t *updates);
/* The participant of the first updateGroupCallParticipants. */
const json_t *steps_participant(const json_t *updates);
/* What was pushed to USER last, or NULL. */
const json_t *steps_pushed(const struct fixture *f, int64_t user);

#endif

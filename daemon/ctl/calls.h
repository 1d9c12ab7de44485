/* What the commands about calls share; those about what goes on within one are in call_within.c. */
#ifndef TGCALLD_CTL_CALLS_H
#define TGCALLD_CTL_CALLS_H

#include <jansson.h>

#include "daemon/ctl/verb.h"

/* A member "name" for each of ANSWER's participants, or peers, out of its users and chats. */
void call_name_participants(json_t *answer);
void call_name_peers(json_t *answer);

extern const struct ctl_word call_participants_words[], call_participant_words[];
extern const struct ctl_word call_join_words[], call_check_words[], call_leave_words[];
extern const struct ctl_word call_message_words[], call_unsay_words[];
extern const struct ctl_view call_participants, call_sources, call_message;
enum ctl_exit call_join(const struct ctl *ctl, const struct ctl_words *words);

#define CALL_WORD_ID                                                                                                   \
    {                                                                                                                  \
        .name = "id", .arg = "ID", .place = CTL_IN_PATH, .help = "The call"                                            \
    }

#endif

/* Whose ids the answers about calls bear. */
#ifndef TGCALLD_CTL_CALLS_H
#define TGCALLD_CTL_CALLS_H

#include <jansson.h>

/* A member "name" for each of ANSWER's participants, or peers, out of its users and chats. */
void call_name_participants(json_t *answer);
void call_name_peers(json_t *answer);

#endif

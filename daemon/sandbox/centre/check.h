/* The judgement of message ids and seqnos ("Message Identifier", "Message Sequence Number", bad_msg_notification): 0,
 * or a code of enum session_bad. */
#ifndef TGCALLD_SANDBOX_CENTRE_CHECK_H
#define TGCALLD_SANDBOX_CENTRE_CHECK_H

#include "daemon/sandbox/centre/session.h"

int check_time(const struct session *ss, uint64_t msg_id);
/* Its last part: where the window is full, nothing is known of what lies below it. */
int check_window(const struct session *ss, uint64_t msg_id);
int check_seq(const struct session *ss, const struct mt_message *m);
/* The same for the messages of one container against each other, the container among them. Sorts LIST. */
int check_order(struct seen *list, size_t n);

#endif

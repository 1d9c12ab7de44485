/* The call that a chat has right now, read from Telegram: full_chat.call. The account's thread. */
#ifndef TGCALLD_TG_CHAT_H
#define TGCALLD_TG_CHAT_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/known/peers.h"

/* CALL is the chat's record (borrowed, for the call), NULL where it has none; FAILURE where that could not be learnt.
 */
typedef void tg_chat_call_fn(void *ctx, struct tg_call *call, const struct tg_answer *failure);

/* From what is known where that is enough, else messages.getFullChat or channels.getFullChannel and phone.getGroupCall.
 * DONE is called once; from inside this function where nothing had to be asked. A user has no call. */
void tg_chat_call(struct tg_account *a, const struct tg_peer *peer, int64_t deadline_us, tg_chat_call_fn *done,
                  void *ctx);
/* The same, but what is known does not count: Telegram is asked. */
void tg_chat_call_again(struct tg_account *a, const struct tg_peer *peer, int64_t deadline_us, tg_chat_call_fn *done,
                        void *ctx);

#endif

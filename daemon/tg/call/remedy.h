/* What a person can do about an RPC error: one sentence, or NULL where none is known. */
#ifndef TGCALLD_TG_REMEDY_H
#define TGCALLD_TG_REMEDY_H

/* FAMILY is mt_rpc_error's: digits are X. The sentence has {account} where the account's name belongs,
 * {call} where the id of the call that was meant does, and {peer} where its chat does. */
const char *tg_remedy(const char *family);

#endif

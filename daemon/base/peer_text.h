/* The grammar of a peer as people and programs write it; only text here, nobody is asked. One grammar everywhere:
 *   "@name" "name"        a username: 4 to 32 of [A-Za-z0-9_], a letter first
 *   "me"                  the account itself
 *   "+phone"              a contact's phone, 5 to 20 digits; spaces, dashes and brackets are dropped
 *   "123" "-456" "-100789"  a marked id as Bot API has it, by arithmetic, never by prefix
 * and links, with or without http:// or https://, of t.me, telegram.me and telegram.dog, with or without www.; a query,
 * a fragment and the numbers of a message are passed over:
 *   "t.me/name" "t.me/@name" "t.me/s/name" "t.me/name/123" "name.t.me"
 *   "t.me/+hash" "t.me/joinchat/hash"  an invite; "t.me/+" and a phone's digits is a phone, as in Telegram's own links
 *   "t.me/c/ID/123"       a private channel by its bare id
 *   "tg://resolve?domain=" "tg://resolve?phone=" "tg://join?invite=" "tg://privatepost?channel=" "tg://user?id="
 */
#ifndef TGCALLD_BASE_PEER_TEXT_H
#define TGCALLD_BASE_PEER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum peer_kind { PEER_USER, PEER_CHAT, PEER_CHANNEL };

enum peer_text_kind { PEER_TEXT_NAME, PEER_TEXT_INVITE, PEER_TEXT_SELF, PEER_TEXT_PHONE, PEER_TEXT_ID };

struct peer_text {
    enum peer_text_kind kind;
    char text[128];      /* NAME: lower case, without @; INVITE: the hash as given; PHONE: digits without +; else "" */
    enum peer_kind peer; /* ID: what the id is of */
    int64_t id;          /* ID: bare and positive */
};

/* TGC_EINVAL: not a peer; FAULT says what was expected. NUL bytes are refused. */
int peer_text_parse(const char *text, size_t len, struct peer_text *ret, struct fault *fault) TGC_MUST;

/* Marked ids. Users 1..2^40-1; basic groups -1..-999999999999; channels -(10^12 + 1)..-(10^12 + 997852516352);
 * monoforums lie behind those and count as channels (bare ids 1002147483649..3000000000000). */
int peer_marked_id_parse(int64_t marked, enum peer_kind *ret_kind, int64_t *ret_id) TGC_MUST;
/* 0 where the bare id is out of its kind's range. */
int64_t peer_marked_id(enum peer_kind kind, int64_t id);

#endif

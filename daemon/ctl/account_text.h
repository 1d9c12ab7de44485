/* Accounts, as the API answers them, for people and for scripts. */
#ifndef TGCALLD_CTL_ACCOUNT_TEXT_H
#define TGCALLD_CTL_ACCOUNT_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* A member that is a text, or "". Borrowed. */
const char *account_member(const json_t *object, const char *name);

/* "Alice Liddell (@alice, id 1001)"; "" where nobody is logged in. Cut at SIZE. */
void account_user_text(const json_t *account, char *out, size_t size);

/* One line: name, state, user id, username, full name, data centre, state of the connection. */
void account_say_row(const json_t *account);

#endif

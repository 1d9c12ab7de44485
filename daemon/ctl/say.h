/* Words to a person, on stderr, and results on stdout. What comes from Telegram is foreign text: whatever could move
 * the cursor, set colours or begin a line of its own does not reach the terminal. */
#ifndef TGCALLD_CTL_SAY_H
#define TGCALLD_CTL_SAY_H

#include <stdbool.h>

#include <jansson.h>

#include "daemon/base/err.h"

/* Whether the locale, and so the terminal, is UTF-8. */
bool say_is_utf8(void);

/* A whole line, its break included. */
void say(const char *format, ...) TGC_PRINTF(1, 2);
/* The same, with the program's name in front. */
void say_fault(const char *format, ...) TGC_PRINTF(1, 2);
/* Without a break: what is typed goes behind it. */
void say_prompt(const char *text);
/* A text of several lines. */
void say_lines(const char *text);
/* Bytes of ours as they are: a QR code, with its escapes. */
void say_raw(const char *text);

/* A result's fields as one line, whole, with tabs between. */
void say_row(const char *const *fields, size_t n);
/* The beginning of such a line in a table: TEXT, filled up with blanks to COLUMNS, and a blank. */
void say_cell(const char *text, int columns);
/* A result as one line of JSON, on a terminal in printable ASCII alone. TGC_ENOMEM. */
int say_result(const json_t *json) TGC_MUST;

#endif

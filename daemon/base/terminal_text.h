/* Foreign text on its way to a terminal, which takes some characters for commands. */
#ifndef TGCALLD_BASE_TERMINAL_TEXT_H
#define TGCALLD_BASE_TERMINAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* TEXT for a terminal: a control character (of C0, DEL or C1, or what turns the direction of writing) is '?', and in a
 * locale that is not UTF-8 everything that is not ASCII. Line breaks stay with KEEP_LINES. Returns OUT; cut at SIZE. */
char *terminal_text(const char *text, bool keep_lines, bool is_utf8, char *out, size_t size);

#endif

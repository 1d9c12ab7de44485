/* One line of stdin: from a person who is asked for it, or out of a pipe. */
#ifndef TGCALLD_CTL_PROMPT_H
#define TGCALLD_CTL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"

/* The longest line, its NUL included. */
enum { PROMPT_SIZE = 2048 };

/* The next line without its break into OUT, which the caller wipes where it is secret; no other copy stays in the
 * process. Bytes behind the line are not read. At a terminal with HIDDEN what is typed does not show, and however the
 * wait ends, by Ctrl-C, Ctrl-Z or a kill that can be caught too, the terminal is as it was. TGC_ECLOSED: the input
 * ended; TGC_ELIMIT: the line is too long, and was read away; TGC_EIO. */
int prompt_line(bool hidden, char out[static PROMPT_SIZE]) TGC_MUST;

/* Takes blanks off both ends. */
void prompt_trim(char *text);

#endif

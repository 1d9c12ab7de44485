/* Changes to honest bytes, as an input tells them. */
#ifndef TGCALLD_TESTS_EDITS_H
#define TGCALLD_TESTS_EDITS_H

#include "tests/fuzz/fuzz.h"

/* Takes from F: a count (u8, the low three bits), for each an offset (u16) and what to XOR there (u8); then how many
 * bytes longer (zeros) or shorter it is to be (a signed u8). */
void edits_apply(struct feed *f, struct buf *b);

#endif

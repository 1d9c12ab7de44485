/* What it does to run a method twice: said by a table of names. What is not in it is never sent again by itself once it
 * may have run. */
#ifndef TGCALLD_TG_REPEAT_H
#define TGCALLD_TG_REPEAT_H

#include <jansson.h>

#include "daemon/tl/model.h"

enum tg_repeat {
    TG_REPEAT_NEVER, /* something else may come of it */
    TG_REPEAT_READ,  /* it changes nothing */
    TG_REPEAT_SAME,  /* it changes something to the same end, and is answered the same: a random_id, a value set */
};

/* PARAMS are the parameters as TL JSON: some methods do more where one is given, and are taken to do so where PARAMS is
 * NULL. */
enum tg_repeat tg_repeat_judge(const struct tl_comb *method, const json_t *params);

#endif

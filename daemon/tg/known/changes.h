/* Which records of a table are not as they were told last: ids, each once in a while or twice, in order. What is not
 * found any more was forgotten. Belongs to the account's thread. */
#ifndef TGCALLD_TG_CHANGES_H
#define TGCALLD_TG_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tg_changes {
    struct tg_changed {
        int kind; /* enum peer_kind; of calls: 0, or what known.h says */
        int64_t id;
    } * list;
    size_t n, cap;
    bool all; /* too many, or no memory for them: whatever the table has now is all that there is */
};

void tg_changes_add(struct tg_changes *c, int kind, int64_t id);
/* What there was goes to the caller, to be freed with _fini(); nothing has changed since. */
struct tg_changes tg_changes_take(struct tg_changes *c);
void tg_changes_fini(struct tg_changes *c);

#endif

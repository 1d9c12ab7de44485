#include "daemon/sandbox/centre/expel.h"

#include "daemon/sandbox/centre/line.h"
#include "daemon/sandbox/centre/session.h"

static void hang_up(struct auth *a)
{
    for (struct session *ss = a->sessions; ss; ss = ss->next)
        if (ss->seat.line)
            line_close(ss->seat.line);
}

unsigned expel(struct centres *s, const struct world_user *user, int code, const char *error)
{
    unsigned n = 0;

    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (struct auth *a = s->keys.buckets[i]; a; a = a->next) {
            const struct account *account = keys_account(&s->keys, a);
            if (!account || account->user != user)
                continue;
            hang_up(a);
        }
    }
    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (struct auth *a = s->keys.buckets[i]; a; a = a->next) {
            if (a->temporary || a->account.user != user)
                continue;
            account_end(&a->account, code, error);
            keys_file(&s->keys, a);
            n++;
        }
    }
    return n;
}

#include "daemon/tg/known/names.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"
#include "daemon/base/table.h"

enum { KEY_MAX = sizeof(((struct peer_text *)0)->text) + 1 };

struct name_entry {
    struct tg_name name;
    struct name_entry *prev, *next; /* in the order of use: the longest unused first */
    UT_hash_handle hh;
    char key[]; /* a letter for the kind, then the text */
};

struct tg_names {
    struct name_entry *by_key, *used;
};

int tg_names_new(struct tg_names **ret)
{
    struct tg_names *n = calloc(1, sizeof(*n));

    if (!n)
        return TGC_ENOMEM;
    *ret = n;
    return 0;
}

static void drop(struct tg_names *n, struct name_entry *e)
{
    DL_DELETE(n->used, e);
    HASH_DEL(n->by_key, e);
    free(e);
}

void tg_names_clear(struct tg_names *n)
{
    while (n->used)
        drop(n, n->used);
}

void tg_names_free(struct tg_names *n)
{
    if (!n)
        return;
    tg_names_clear(n);
    free(n);
}

static size_t key_of(const struct peer_text *asked, char out[static KEY_MAX])
{
    static const char letters[] = {[PEER_TEXT_NAME] = '@',
                                   [PEER_TEXT_INVITE] = '+',
                                   [PEER_TEXT_SELF] = '.',
                                   [PEER_TEXT_PHONE] = '=',
                                   [PEER_TEXT_ID] = '#'};

    out[0] = letters[asked->kind];
    if (asked->kind == PEER_TEXT_ID)
        return 1 + long_text(out + 1, peer_marked_id(asked->peer, asked->id));
    size_t len = strnlen(asked->text, sizeof(asked->text));
    memcpy(out + 1, asked->text, len);
    return 1 + len;
}

static struct name_entry *find(struct tg_names *n, const struct peer_text *asked)
{
    char key[KEY_MAX];
    size_t len = key_of(asked, key);
    struct name_entry *e;

    HASH_FIND(hh, n->by_key, key, len, e);
    if (e && e->next) {
        DL_DELETE(n->used, e);
        DL_APPEND(n->used, e);
    }
    return e;
}

const struct tg_name *tg_names_find(struct tg_names *n, const struct peer_text *asked)
{
    const struct name_entry *e = find(n, asked);

    return e ? &e->name : NULL;
}

int tg_names_put(struct tg_names *n, const struct peer_text *asked, const struct tg_name *name)
{
    struct name_entry *e = find(n, asked);
    char key[KEY_MAX];

    if (!e) {
        size_t len = key_of(asked, key);
        e = calloc(1, sizeof(*e) + len);
        if (!e)
            return TGC_ENOMEM;
        memcpy(e->key, key, len);
        HASH_ADD_KEYPTR(hh, n->by_key, e->key, len, e);
        if (!e->hh.tbl) {
            free(e);
            return TGC_ENOMEM;
        }
        DL_APPEND(n->used, e);
        if (HASH_COUNT(n->by_key) > LIMIT_NAMES)
            drop(n, n->used);
    }
    e->name = *name;
    return 0;
}

void tg_names_drop(struct tg_names *n, const struct peer_text *asked)
{
    struct name_entry *e = find(n, asked);

    if (e)
        drop(n, e);
}

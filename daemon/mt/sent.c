#include "daemon/mt/sent.h"

#include <stdlib.h>
#include <string.h>

struct sent *sent_new(enum sent_kind kind, const void *body, size_t len)
{
    struct sent *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->kind = kind;
    if (len) {
        e->body = malloc(len);
        if (!e->body) {
            free(e);
            return NULL;
        }
        memcpy(e->body, body, len);
        e->len = len;
    }
    return e;
}

void sent_free(struct sent *e)
{
    if (!e)
        return;
    free(e->body);
    free(e);
}

void sent_list_add(struct sent_list *l, struct sent *e)
{
    e->next = NULL;
    if (l->last)
        l->last->next = e;
    else
        l->first = e;
    l->last = e;
    l->n++;
}

struct sent *sent_list_take(struct sent_list *l)
{
    struct sent *e = l->first;

    if (!e)
        return NULL;
    l->first = e->next;
    if (!l->first)
        l->last = NULL;
    l->n--;
    e->next = NULL;
    return e;
}

void sent_list_clear(struct sent_list *l)
{
    while (l->first)
        sent_free(sent_list_take(l));
}

void sent_list_remove(struct sent_list *l, struct sent *e)
{
    struct sent **at = &l->first, *before = NULL;

    while (*at != e) {
        before = *at;
        at = &(*at)->next;
    }
    *at = e->next;
    if (l->last == e)
        l->last = before;
    l->n--;
    e->next = NULL;
}

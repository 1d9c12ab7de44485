#include "config.h"

#include "config/text_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes TEXT, freeing it on failure. */
static int give(struct text_list *list, char *text)
{
    int err = TGC_ENOMEM;

    if (!text)
        return err;
    if (list->n >= TEXT_LIST_MAX) {
        err = TGC_ELIMIT;
        goto refused;
    }
    char **items = realloc(list->items, (list->n + 2) * sizeof(*items));
    if (!items)
        goto refused;
    list->items = items;
    items[list->n++] = text;
    items[list->n] = NULL;
    return 0;
refused:
    free(text);
    return err;
}

int text_list_add(struct text_list *list, const char *text)
{
    return give(list, strdup(text));
}

int text_list_printf(struct text_list *list, const char *format, ...)
{
    char *text;
    va_list ap;

    va_start(ap, format);
    int n = vasprintf(&text, format, ap);
    va_end(ap);
    return n < 0 ? TGC_ENOMEM : give(list, text);
}

void text_list_fini(struct text_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct text_list){0};
}

/* A growing list of strings that it owns. One thread at a time. */
#ifndef TGCALLD_CONFIG_TEXT_LIST_H
#define TGCALLD_CONFIG_TEXT_LIST_H

#include <stddef.h>

#include "daemon/base/err.h"

/* Zeroed is empty. */
struct text_list {
    char **items; /* NULL-terminated; NULL while the list is empty */
    size_t n;
};

/* Appends a copy. TGC_ENOMEM; TGC_ELIMIT past TEXT_LIST_MAX items. */
enum { TEXT_LIST_MAX = 1000 };
int text_list_add(struct text_list *list, const char *text) TGC_MUST;
int text_list_printf(struct text_list *list, const char *format, ...) TGC_PRINTF(2, 3) TGC_MUST;

/* Frees all; the list is empty afterwards. */
void text_list_fini(struct text_list *list);

#endif

#include "daemon/ctl/wiped.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <jansson.h>

void wiped_free(void *block)
{
    if (block)
        explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

/* realloc() may leave the old bytes behind. */
static void *wiped_realloc(void *block, size_t size)
{
    void *moved = malloc(size);

    if (!moved || !block)
        return moved;
    size_t old = malloc_usable_size(block);
    memcpy(moved, block, old < size ? old : size);
    wiped_free(block);
    return moved;
}

int wiped_begin(void)
{
    json_set_alloc_funcs(malloc, wiped_free);
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiped_free, wiped_realloc, strdup, calloc) == CURLE_OK
               ? 0
               : TGC_ENOMEM;
}

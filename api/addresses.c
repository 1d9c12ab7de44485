#include "api/addresses.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/address.h"

enum { BUCKETS = 1024, KEY_SIZE = 8 };

struct address_count {
    struct addresses *all;
    struct address_count *next; /* in its bucket */
    uint8_t key[KEY_SIZE];
    unsigned n;
};

struct addresses {
    pthread_mutex_t lock;
    struct address_count *buckets[BUCKETS];
    uint64_t refused;
};

struct addresses *addresses_new(void)
{
    struct addresses *all = calloc(1, sizeof(*all));

    if (all)
        pthread_mutex_init(&all->lock, NULL);
    return all;
}

void addresses_free(struct addresses *all)
{
    if (!all)
        return;
    pthread_mutex_destroy(&all->lock);
    free(all);
}

/* No network of IPv6 begins as an address of IPv4 is written here. */
static void key_of(const struct sockaddr *from, uint8_t key[static KEY_SIZE])
{
    const uint8_t *bytes;
    size_t n = address_bytes(from, &bytes);

    memset(key, 0, KEY_SIZE);
    if (n == 4)
        memcpy(key + KEY_SIZE - 4, bytes, 4);
    else if (n > 0)
        memcpy(key, bytes, KEY_SIZE);
}

static struct address_count **bucket_of(struct addresses *all, const uint8_t key[static KEY_SIZE])
{
    uint64_t number;

    memcpy(&number, key, sizeof(number));
    return &all->buckets[(number * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

struct address_count *addresses_take(struct addresses *all, const struct sockaddr *from, unsigned max)
{
    uint8_t key[KEY_SIZE];

    key_of(from, key);
    pthread_mutex_lock(&all->lock);
    struct address_count **bucket = bucket_of(all, key), *a = *bucket;
    while (a && memcmp(a->key, key, KEY_SIZE) != 0)
        a = a->next;
    if (!a && (a = calloc(1, sizeof(*a)))) {
        a->all = all;
        memcpy(a->key, key, KEY_SIZE);
        a->next = *bucket;
        *bucket = a;
    }
    bool has_room = a && a->n < max;
    if (has_room)
        a->n++;
    else
        all->refused++;
    pthread_mutex_unlock(&all->lock);
    return has_room ? a : NULL;
}

void addresses_give(struct address_count *a)
{
    if (!a)
        return;
    struct addresses *all = a->all;
    pthread_mutex_lock(&all->lock);
    if (--a->n == 0) {
        struct address_count **at = bucket_of(all, a->key);
        while (*at != a)
            at = &(*at)->next;
        *at = a->next;
        free(a);
    }
    pthread_mutex_unlock(&all->lock);
}

uint64_t addresses_refused(struct addresses *all)
{
    pthread_mutex_lock(&all->lock);
    uint64_t n = all->refused;
    pthread_mutex_unlock(&all->lock);
    return n;
}

#include "daemon/base/secret.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "daemon/base/log.h"

/* A chunk serves one slot size and is aligned to its own size, so that an address alone leads to its header. Chunks
 * stay for the process's life: keys come and go, their number hardly does. */
enum { CHUNK = 16 << 10, HEADER = 64, SLOT_MIN = 32, CLASSES = 6 };

_Static_assert(SLOT_MIN << (CLASSES - 1) == SECRET_MAX, "the largest class holds the largest secret");

struct chunk {
    int class;
};

struct slot {
    struct slot *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot *free_slots[CLASSES];
static bool warned;

static size_t slot_size(int class)
{
    return (size_t)SLOT_MIN << class;
}

static int class_of(size_t len)
{
    int class = 0;

    while (slot_size(class) < len)
        class ++;
    return class;
}

/* mmap aligns to pages only: twice the size is asked for and the ends go back. */
static uint8_t *map_chunk(void)
{
    uint8_t *p = mmap(NULL, 2 * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    size_t before = (CHUNK - (uintptr_t)p % CHUNK) % CHUNK;
    if (before)
        munmap(p, before);
    munmap(p + before + CHUNK, CHUNK - before);
    return p + before;
}

static bool add_chunk(int class)
{
    uint8_t *p = map_chunk();

    if (!p)
        return false;
    madvise(p, CHUNK, MADV_DONTDUMP);
    if (mlock(p, CHUNK) != 0 && !warned) {
        warned = true;
        log_warning("base", "keys cannot be locked in memory and may reach swap: raise RLIMIT_MEMLOCK");
    }
    struct chunk *c = (void *)p;
    c->class = class;
    for (size_t at = HEADER; at + slot_size(class) <= CHUNK; at += slot_size(class)) {
        struct slot *s = (void *)(p + at);
        s->next = free_slots[class];
        free_slots[class] = s;
    }
    return true;
}

void *secret_new(size_t len)
{
    if (len == 0 || len > SECRET_MAX)
        return NULL;
    int class = class_of(len);
    struct slot *s = NULL;

    pthread_mutex_lock(&lock);
    if (free_slots[class] || add_chunk(class)) {
        s = free_slots[class];
        free_slots[class] = s->next;
        s->next = NULL; /* the rest was wiped when it was given back */
    }
    pthread_mutex_unlock(&lock);
    return s;
}

void secret_free(void *secret)
{
    if (!secret)
        return;
    struct chunk *c = (struct chunk *)((uintptr_t)secret & ~((uintptr_t)CHUNK - 1));
    struct slot *s = secret;

    sodium_memzero(secret, slot_size(c->class));
    pthread_mutex_lock(&lock);
    s->next = free_slots[c->class];
    free_slots[c->class] = s;
    pthread_mutex_unlock(&lock);
}

void secret_harden_process(void)
{
    struct rlimit none = {0, 0};

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        log_warning("base", "core dumps could not be switched off");
}

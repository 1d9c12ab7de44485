#include "daemon/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void pages_ready(void *data, size_t len)
{
#ifdef MADV_POPULATE_WRITE
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE), first = ((uintptr_t)data + size - 1) / size * size,
              end = ((uintptr_t)data + len) / size * size;

    /* Where it cannot, they come one by one. */
    if (first < end)
        (void)!madvise((void *)first, end - first, MADV_POPULATE_WRITE);
#endif
}

void *pages_new(size_t len)
{
    void *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return data == MAP_FAILED ? NULL : data;
}

void pages_free(void *data, size_t len)
{
    if (data)
        munmap(data, len);
}

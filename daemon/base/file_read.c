#include "daemon/base/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many bytes FD gave, at most SIZE; -1. */
static ssize_t read_up_to(int fd, char *out, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t n = read(fd, out + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static char *read_open(int fd, size_t max, size_t *ret_len)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return NULL;
    if (!S_ISREG(st.st_mode) || (size_t)st.st_size > max) {
        errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
        return NULL;
    }
    size_t size = (size_t)st.st_size;
    char *text = malloc(size + 1);
    ssize_t len = text ? read_up_to(fd, text, size + 1) : -1;
    if (len >= 0 && (size_t)len > size)
        errno = EFBIG;
    if (len < 0 || (size_t)len > size) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    *ret_len = (size_t)len;
    return text;
}

char *file_read(const char *path, size_t max, size_t *ret_len)
{
    /* A FIFO of that name keeps nobody waiting. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return NULL;
    char *text = read_open(fd, max, ret_len);
    int err = errno;
    close(fd);
    errno = err;
    return text;
}

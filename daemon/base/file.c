#include "daemon/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

int file_replace(const char *path, const void *data, size_t len, struct fault *fault)
{
    char *temp;
    int err = 0;

    if (asprintf(&temp, "%s.new", path) < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    unlink(temp);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write_all(fd, data, len) != 0 || rename(temp, path) != 0) {
        err = fault_set(fault, TGC_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
        unlink(temp);
    }
    if (fd >= 0)
        close(fd);
    free(temp);
    return err;
}

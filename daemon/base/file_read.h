/* A file as a whole. Any thread. */
#ifndef TGCALLD_BASE_FILE_READ_H
#define TGCALLD_BASE_FILE_READ_H

#include <stddef.h>

/* The bytes of PATH, a regular file of at most MAX, with a NUL behind them and no room besides; the caller frees them.
 * NULL and errno where it cannot be read: EFBIG where there are more than MAX, or more than there were at first; EINVAL
 * where it is no regular file. */
char *file_read(const char *path, size_t max, size_t *ret_len);

#endif

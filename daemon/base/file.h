/* Files of our own that are written whole. */
#ifndef TGCALLD_BASE_FILE_H
#define TGCALLD_BASE_FILE_H

#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* Puts LEN bytes in PATH's place, mode 0600: on the disk first, then by rename, so that who stops in between leaves the
 * old file. PATH.new is ours. TGC_ESYSTEM, TGC_ENOMEM. */
int file_replace(const char *path, const void *data, size_t len, struct fault *fault) TGC_MUST;

#endif

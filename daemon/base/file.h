/* Files of our own that are written whole. */
#ifndef TGCALLD_BASE_FILE_H
#define TGCALLD_BASE_FILE_H

#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* Puts LEN bytes in PATH's place, mode 0600: on the disk first, then by rename, so that who stops in between leaves the
 * old file; and when this returns the new one survives the machine's end too. PATH.new is ours. TGC_EFULL,
 * TGC_ESYSTEM, TGC_ENOMEM. */
int file_replace(const char *path, const void *data, size_t len, struct fault *fault) TGC_MUST;

/* Puts the folder that holds PATH onto the disk: what was renamed, made or removed in it stays so. TGC_ESYSTEM,
 * TGC_ENOMEM. */
int file_sync_folder(const char *path, struct fault *fault) TGC_MUST;

/* PART becomes PATH, unless there is a PATH: then -1 and EEXIST. Where that fails PART stays; errno says why. */
int file_name_new(const char *part, const char *path) TGC_MUST;

#endif

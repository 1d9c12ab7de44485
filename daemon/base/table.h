/* uthash and utlist for the rooms above, which include this file and never theirs. Plain uthash ends the process when
 * memory is gone; here an add that failed leaves the element out, and `element->hh.tbl` is NULL afterwards. */
#ifndef TGCALLD_BASE_TABLE_H
#define TGCALLD_BASE_TABLE_H

#define HASH_NONFATAL_OOM 1

#include <uthash.h>
#include <utlist.h>

#endif

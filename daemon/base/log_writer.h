/* Writes the log from a thread of its own, so that nobody who logs waits for a slow disk, for a reader of stderr that
 * has stopped, or for the journal; and so that many lines go out in one write. Events keep their order. At most
 * LIMIT_LOG_WAITING bytes wait behind as many that are being written: what is more is not, and a line says how many
 * were not.
 *
 * Of events that come close together the later ones wait for some milliseconds, warnings and errors do not; a process
 * that is killed loses what waits. */
#ifndef TGCALLD_BASE_LOG_WRITER_H
#define TGCALLD_BASE_LOG_WRITER_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* From now on events go to the thread. Before it who logs writes itself. TGC_ENOMEM, TGC_ESYSTEM. The caller's signal
 * mask is the thread's. */
int log_writer_start(struct fault *fault) TGC_MUST;
/* Writes what waits, for a second at most: then it is given up, and so are events that come later. Otherwise who logs
 * writes itself again. Does nothing where none was started. */
void log_writer_stop(void);

#endif

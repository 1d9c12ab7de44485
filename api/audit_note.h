/* What the audit (bridge/audit.h) has of a request that was answered: of each that would change something, and of each
 * that was refused for who asked, or from where. */
#ifndef TGCALLD_API_AUDIT_NOTE_H
#define TGCALLD_API_AUDIT_NOTE_H

#include "api/request.h"

/* R is answered with STATUS, with R->told where that is a problem. */
void audit_note(struct request *r, unsigned status);
/* R ends. Where its client left before the answer, it was done all the same. */
void audit_note_end(struct request *r);

#endif

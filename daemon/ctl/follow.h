/* A request that went on as a job: it is waited for, and what it waits for is said. */
#ifndef TGCALLD_CTL_FOLLOW_H
#define TGCALLD_CTL_FOLLOW_H

#include "daemon/ctl/view.h"

extern const struct ctl_view follow_job_view;

/* Until JOB (as the API answers it; taken) has ended: CTL_DONE, and *RET is what the request would have answered (the
 * caller's; NULL where it has no body, or the token may not read it), else why not was said. */
enum ctl_exit follow_job(const struct ctl *ctl, json_t *job, json_t **ret) TGC_MUST;

#endif

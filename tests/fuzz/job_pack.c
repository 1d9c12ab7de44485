/* What another node says: a request that is understood is packed and understood again as the same; an answer that is
 * not leaves the job without one. */
#include <string.h>

#include "daemon/bridge/job_pack.h"
#include "tests/fuzz/fuzz.h"

enum { MAX = 4 << 20 };

static void go_again(const struct job *job)
{
    struct job *again;
    struct buf one, other;

    buf_init(&one, MAX);
    buf_init(&other, MAX);
    FUZZ_CHECK(job_pack(job, 0, &one) == 0);
    FUZZ_CHECK(job_unpack(one.data, one.len, 0, &again) == 0);
    FUZZ_CHECK(job_pack(again, 0, &other) == 0);
    FUZZ_CHECK(one.len == other.len && memcmp(one.data, other.data, one.len) == 0);
    job_free(again);
    buf_fini(&one);
    buf_fini(&other);
}

static void answer(const uint8_t *data, size_t len)
{
    struct job *job = job_new(JOB_READY, NULL, NULL, NULL);
    struct buf text;

    buf_init(&text, MAX);
    FUZZ_CHECK(job != NULL);
    if (job_unpack_answer(data, len, job) != 0)
        FUZZ_CHECK(!job->problem && job->status == 0 && job->text.len == 0);
    else
        FUZZ_CHECK(job_pack_answer(job, &text) == 0);
    buf_fini(&text);
    job_free(job);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct job *job;

    fuzz_begin();
    if (job_unpack(data, len, 0, &job) == 0) {
        go_again(job);
        job_free(job);
    }
    answer(data, len);
    return 0;
}

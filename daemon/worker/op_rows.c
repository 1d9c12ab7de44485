/* Answers that all workers add to: each puts its rows, the last one writes them. */
#include "daemon/worker/op.h"

bool op_pass_on(struct worker *w, struct job *job)
{
    const struct workers *all = w->config.workers;

    if (job->worker + 1 >= all->n)
        return false;
    job->worker++;
    int err = mailbox_pass(job, all->mailboxes[job->worker]);
    if (err == TGC_EBUSY) {
        struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "The queue to a worker is full");
        problem_set_retry_after(p, 1);
        op_reply_problem(job, p);
    } else if (err) {
        op_reply_problem(job, problem_stopping(true));
    }
    return true;
}

static void reply(struct job *job, const char *name, size_t max, bool has_cursor)
{
    struct buf *text = &job->text;

    rows_sort(&job->rows);
    buf_reset(text);
    buf_printf(text, "{\"%s\":[", name);
    rows_put(&job->rows, max, text);
    buf_put_byte(text, ']');
    if (has_cursor && job->rows.n > max)
        buf_printf(text, ",\"next_cursor\":\"%s\"", job->rows.list[max - 1].account);
    buf_put_byte(text, '}');
    if (buf_err(text))
        op_reply_no_memory(job);
    else
        op_reply_text(job, 200);
}

void op_reply_rows(struct job *job, const char *name, size_t max)
{
    reply(job, name, max, false);
}

void op_reply_page(struct job *job, const char *name, size_t max)
{
    reply(job, name, max, true);
}

#include "daemon/sandbox/centre/deliver.h"

#include "daemon/sandbox/centre/answer.h"
#include "daemon/sandbox/centre/late.h"

/* The reorder fault; a second one in the same packet takes its turn at once. */
static bool hold(struct invocation *v, struct buf *out)
{
    struct session *ss = v->ss;

    if (ss->held.len || !invocation_is_struck(v, "reorder", NULL))
        return false;
    ss->held = *out;
    ss->held_request = v->m->msg_id;
    buf_init(out, CENTRES_ANSWER_MAX);
    return true;
}

/* The packet fault: the lie is told first, the truth follows on the next connection. */
static void choose_lie(struct invocation *v)
{
    json_t *rule = inject_take(&v->ss->s->inject, "packet", v->method);

    if (!rule)
        return;
    session_flush(v->ss);
    v->ss->lie = packet_lie_find(json_get_text(rule, "lie"));
    json_decref(rule);
}

void deliver(struct invocation *v)
{
    struct session *ss = v->ss;
    struct seen *seen = session_seen(ss, v->m->msg_id);
    struct buf out;
    int64_t ms = 0;

    if (seen)
        seen->has_failed = v->rpc.code != 0;
    buf_init(&out, CENTRES_ANSWER_MAX);
    if (answer_wrap(v, &out)) {
        session_ack_later(ss, v->m->msg_id);
    } else if (invocation_is_struck(v, "no_answer", NULL)) {
        session_ack_later(ss, v->m->msg_id);
    } else if (invocation_is_struck(v, "delay", &ms)) {
        session_ack_later(ss, v->m->msg_id);
        late_send(ss, &out, v->m->msg_id, (uint64_t)ms);
    } else if (hold(v, &out)) {
        session_ack_later(ss, v->m->msg_id);
    } else {
        choose_lie(v);
        if (invocation_is_struck(v, "container", NULL)) {
            session_ack_later(ss, v->m->msg_id);
            ss->boxed = true;
        }
        if (seen)
            seen->is_answered = true;
        session_send(ss, out.data, out.len, true, v->m->msg_id);
        if (invocation_is_struck(v, "drop_after", NULL)) {
            if (ss->seat.line)
                line_close(ss->seat.line);
        } else if (invocation_is_struck(v, "duplicate", NULL)) {
            session_flush(ss);
            session_resend_answer(ss, v->m->msg_id);
        }
    }
    buf_fini(&out);
}

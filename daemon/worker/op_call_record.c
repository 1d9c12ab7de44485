/* PUT, DELETE /v1/calls/{id}/recording and /v1/calls/{id}/subscription. */
#include "daemon/worker/call_act.h"

/* In TL the picture's form is a part of recording it: one flag says both. */
void op_call_record(struct worker *w, struct job *job)
{
    const json_t *video = json_object_get(job->body, "video");
    const json_t *portrait = json_object_get(job->body, "video_portrait");
    json_t *params = json_pack("{s:b}", "start", 1);

    if (portrait && !json_is_true(video)) {
        struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "video_portrait is the form of a video");
        problem_add_error(p, "/video_portrait", "goes together with \"video\": true");
        json_decref(params);
        op_reply_problem(job, p);
        return;
    }
    call_act_copy(&params, job->body, "title", "title");
    if (json_is_true(video) && !portrait && json_object_set_new(job->body, "video_portrait", json_false()) != 0) {
        json_decref(params);
        params = NULL;
    }
    if (json_is_true(video)) {
        call_act_copy(&params, job->body, "video", "video");
        call_act_copy(&params, job->body, "video_portrait", "video_portrait");
    }
    call_act(w, job, "phone.toggleGroupCallRecord", params, call_act_reply_updates);
}

void op_call_record_end(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.toggleGroupCallRecord", json_object(), call_act_reply_updates);
}

void op_call_subscribe(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.toggleGroupCallStartSubscription", json_pack("{s:b}", "subscribed", 1),
             call_act_reply_updates);
}

void op_call_unsubscribe(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.toggleGroupCallStartSubscription", json_pack("{s:b}", "subscribed", 0),
             call_act_reply_updates);
}

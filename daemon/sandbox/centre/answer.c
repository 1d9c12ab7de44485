#include "daemon/sandbox/centre/answer.h"

#include "daemon/base/gzip.h"
#include "daemon/base/log.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"
#include "daemon/tl/writer.h"

void answer_put_error(struct invocation *v)
{
    buf_reset(&v->answer);
    buf_put_u32(&v->answer, MT_RPC_ERROR);
    buf_put_u32(&v->answer, (uint32_t)v->rpc.code);
    tl_write_text(&v->answer, v->rpc.message);
}

/* The large fault: results of any size, for clients that think they are small. */
static bool enlarge(struct invocation *v, json_t *answer)
{
    json_t *users = json_object_get(answer, "users");
    json_t *rule = json_is_array(users) ? inject_take(&v->ss->s->inject, "large", v->method) : NULL;

    for (int64_t i = 0; i < json_get_long(rule, "n"); i++)
        json_array_append_new(users, json_pack("{s:s, s:I}", "_", "userEmpty", "id", (json_int_t)(100000 + i)));
    json_decref(rule);
    return rule != NULL;
}

/* As a tree that can be changed, where a fault is to do that; else NULL, and the bytes stay. */
static json_t *take_back(struct invocation *v)
{
    struct tl_walk_stats stats = {0};
    struct fault fault;
    json_t *answer = NULL;

    if (!inject_find(&v->ss->s->inject, "large", v->method))
        return NULL;
    fault_clear(&fault);
    (void)!tl_tree_object(v->q.schema, v->answer.data, v->answer.len, &answer, &stats, &fault);
    if (!enlarge(v, answer)) {
        json_decref(answer);
        return NULL;
    }
    buf_reset(&v->answer);
    return answer;
}

void answer_put(struct invocation *v, json_t *answer)
{
    struct fault fault;
    bool is_in_bytes = answer == rpc_in_bytes();
    json_t *changed = is_in_bytes ? take_back(v) : NULL;

    if (is_in_bytes && !changed)
        return;
    if (!is_in_bytes)
        (void)enlarge(v, answer);
    fault_clear(&fault);
    int err = tl_encode_value(v->q.schema, &v->comb->result, is_in_bytes ? changed : answer, TL_ENCODE_LENIENT,
                              &v->answer, &fault);
    json_decref(changed);
    if (!err)
        return;
    /* Our own fault: a world that a layer cannot express. */
    log_error("sandbox", "%s in layer %d: %s at %s", v->method, v->q.layer, fault.text, fault.path);
    rpc_fail(&v->rpc, 500, "RPC_CALL_FAIL");
    answer_put_error(v);
}

int answer_wrap(struct invocation *v, struct buf *out)
{
    struct centres *s = v->ss->s;
    json_t *rule = inject_take(&s->inject, "gzip", v->method);
    bool zip = rule || (s->options.gzip_min && v->answer.len >= s->options.gzip_min);
    struct buf packed;

    json_decref(rule);
    buf_init(&packed, CENTRES_ANSWER_MAX);
    buf_put_u32(out, MT_RPC_RESULT);
    buf_put_u64(out, v->m->msg_id);
    if (zip && !gzip_pack(v->answer.data, v->answer.len, &packed)) {
        buf_put_u32(out, MT_GZIP_PACKED);
        tl_write_bytes(out, packed.data, packed.len);
    } else {
        buf_put(out, v->answer.data, v->answer.len);
    }
    buf_fini(&packed);
    return out->err;
}

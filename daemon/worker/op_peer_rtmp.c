/* POST /v1/peers/{peer}/rtmp: where to stream to. The key is a secret, and so is the whole answer. */
#include "daemon/worker/peer_act.h"
#include "daemon/worker/tell_stream_key.h"

/* A line for a shell, which takes what stands in single quotes as it is. */
static json_t *ffmpeg_line(const char *url, const char *key)
{
    for (const char *text = url; text; text = text == url ? key : NULL)
        for (const char *p = text; *p; p++)
            if (*p == '\'' || (unsigned char)*p < ' ')
                return NULL;
    return json_sprintf("ffmpeg -re -i INPUT -c:v libx264 -preset veryfast -b:v 2500k -maxrate 2500k -bufsize 5000k "
                        "-g 60 -pix_fmt yuv420p -c:a aac -b:a 128k -ar 44100 -f flv '%s%s'",
                        url, key);
}

static bool revokes(const json_t *body)
{
    return json_is_true(json_object_get(body, "revoke"));
}

static void tell(struct worker *w, struct tg_account *account, const json_t *peer, const json_t *body)
{
    const char *by = json_string_value(json_object_get(body, STREAM_KEY_ROTATED_BY));

    if (w->tell && revokes(body))
        tell_stream_key(w->tell, account, peer, by ? by : "request");
}

static void reply_address(struct worker *w, struct job *job, struct tg_account *account, const json_t *peer,
                          const struct tg_answer *answer)
{
    tell(w, account, peer, job->body);
    json_t *tree = op_tree(w, job, account, answer);
    json_t *url = json_object_get(tree, "url"), *key = json_object_get(tree, "key");

    if (!tree)
        return;
    json_t *body = json_pack("{s:O, s:O}", "url", url, "key", key);
    if (json_is_string(url) && json_is_string(key))
        json_object_set_new(body, "ffmpeg", ffmpeg_line(json_string_value(url), json_string_value(key)));
    op_reply_json(job, 200, body);
    json_decref(tree);
}

void op_peer_rtmp(struct worker *w, struct job *job)
{
    bool revoke = revokes(job->body);

    peer_act(w, job, "phone.getGroupCallStreamRtmpUrl", json_pack("{s:b}", "revoke", revoke), revoke, reply_address,
             revoke ? tell : NULL);
}

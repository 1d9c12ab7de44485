#include "api/audit_note.h"

#include <string.h>

#include "api/api_internal.h"
#include "daemon/base/address.h"
#include "daemon/bridge/audit.h"

static bool is_write(const struct request *r)
{
    return r->method != HTTP_GET && r->method != HTTP_OTHER;
}

/* For who asks, or from where: Telegram's own 403 is another matter. */
static bool is_refusal(const struct request *r, unsigned status)
{
    return status == MHD_HTTP_UNAUTHORIZED ||
           (status == MHD_HTTP_FORBIDDEN && r->told && problem_slug_of(r->told) == PROBLEM_FORBIDDEN);
}

static void read_address(const struct request *r, struct audit_record *to)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    const uint8_t *bytes;

    if (r->door->listener->is_unix || !address)
        return;
    size_t n = address_bytes(address, &bytes);
    if (n == 0)
        return;
    to->family = n == 4 ? AUDIT_IP4 : AUDIT_IP6;
    memcpy(to->address, bytes, n);
}

/* The path alone, since a query may hold what is nobody else's business. As much of it as fits. */
static size_t copy_path(const struct target *target, char out[static AUDIT_PATH_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < target->count && i < TARGET_SEGMENTS_MAX && n < AUDIT_PATH_MAX; i++) {
        if (i)
            out[n++] = '\0';
        size_t len = strnlen(target->segments[i], AUDIT_PATH_MAX - n);
        memcpy(out + n, target->segments[i], len);
        n += len;
    }
    return n;
}

static void read_telegram(const struct request *r, struct audit_record *to)
{
    const json_t *telegram = r->told ? problem_member(r->told, "telegram") : NULL;
    const char *message = json_string_value(json_object_get(telegram, "message"));

    to->telegram = message ? message : "";
    to->telegram_code = (int32_t)json_integer_value(json_object_get(telegram, "code"));
}

void audit_note(struct request *r, unsigned status)
{
    char path[AUDIT_PATH_MAX];

    if ((!is_write(r) && !is_refusal(r, status)) || !r->api->config.audit)
        return;
    struct audit_record note = {.at_us = clock_wall_us(r->api->config.clock),
                                .count = 1,
                                .status = (uint16_t)status,
                                .method = r->is_head                ? "HEAD"
                                          : r->method == HTTP_OTHER ? "other"
                                                                    : http_method_text(r->method),
                                .request_id = r->id,
                                .who = r->grant.name,
                                .account = r->account,
                                .path = path};
    note.path_len = copy_path(&r->target, path);
    read_address(r, &note);
    read_telegram(r, &note);
    audit_add(r->api->config.audit, r->authed ? AUDIT_KNOWN : AUDIT_STRANGERS, &note);
    r->is_noted = true;
}

void audit_note_end(struct request *r)
{
    const struct job *job = r->job;

    if (!job || r->is_noted || r->state == REQUEST_DONE)
        return;
    memcpy(r->account, job->account, sizeof(r->account));
    r->told = job->problem;
    audit_note(r, (unsigned)(job->problem ? problem_status(job->problem) : job->status));
}

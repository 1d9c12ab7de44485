/* What is written of a schedule, and what the process before left. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/schedule_rows.h"
#include "daemon/worker/records.h"
#include "daemon/worker/schedule_internal.h"

/* --- writing --- */

struct schedule_writing {
    struct schedules *room;
    int64_t id;
    schedule_written_fn *done;
};

static void end_write(struct schedule *s, int err, const char *why)
{
    const char *why_not = err ? (why ? why : tgc_err_text(err)) : NULL;
    schedule_written_fn *written = s->written;

    s->is_writing = false;
    s->write_err = err;
    s->is_unwritten = why_not != NULL;
    s->written = NULL;
    if (!why_not)
        schedule_settle(s);
    written(s, why_not);
}

static void on_written(void *ctx, int err, const char *why)
{
    struct schedule_writing w = *(struct schedule_writing *)ctx;
    struct schedule *s = schedules_find_id(w.room, w.id);

    free(ctx);
    w.room->asked_n--;
    if (s)
        end_write(s, err, why);
}

static int put(struct schedule *s, const char *spec, const char *order, const char *last, struct schedule_writing *w)
{
    struct store_schedule row = {.id = s->id,
                                 .account = s->owner->account,
                                 .name = s->name,
                                 .spec = spec,
                                 .cursor = s->cursor,
                                 .phase = s->phase,
                                 .at = s->at,
                                 .started_at = s->started_at,
                                 .call_id = s->call_id,
                                 .turn = s->turn,
                                 .skipped_at = s->skipped_at,
                                 .order = order,
                                 .last = last};

    return store_put_schedule(records_desk(s->room->worker->records), &row, on_written, w);
}

static int write_row(struct schedule *s)
{
    json_t *members = schedule_spec_json(&s->spec);
    if (members && s->user_id)
        json_object_set_new(members, "user", json_integer(s->user_id));
    if (members && s->skip_key[0])
        json_object_set_new(members, "skip",
                            json_pack("{s:s, s:I}", "key", s->skip_key, "at", (json_int_t)s->skip_asked_at));
    char *spec = members ? json_dumps(members, JSON_COMPACT) : NULL;
    char *order = s->order ? json_dumps(s->order, JSON_COMPACT) : NULL;
    char *last = s->last ? json_dumps(s->last, JSON_COMPACT) : NULL;
    struct schedule_writing *w = malloc(sizeof(*w));
    int err = TGC_ENOMEM;

    if (w && spec && !order == !s->order && !last == !s->last) {
        *w = (struct schedule_writing){.room = s->room, .id = s->id};
        err = put(s, spec, order, last, w);
    }
    json_decref(members);
    free(spec);
    free(order);
    free(last);
    if (err)
        free(w);
    return err;
}

void schedule_write(struct schedule *s, schedule_written_fn *written)
{
    int err = 0;

    s->written = written;
    s->is_writing = true;
    if (s->room->worker->records && (err = write_row(s)) == 0) {
        s->room->asked_n++;
        return;
    }
    end_write(s, err, NULL);
}

static void on_dropped(void *ctx, int err, const char *why)
{
    struct schedule_writing w = *(struct schedule_writing *)ctx;
    struct schedule *s = schedules_find_id(w.room, w.id);

    free(ctx);
    w.room->asked_n--;
    if (!s)
        return;
    s->is_writing = false;
    s->write_err = err;
    w.done(s, err ? (why ? why : tgc_err_text(err)) : NULL);
}

int schedule_unwrite(struct schedule *s, schedule_written_fn *done)
{
    struct records *records = s->room->worker->records;
    struct schedule_writing *w = records ? malloc(sizeof(*w)) : NULL;
    int err = TGC_ENOMEM;

    if (!records) {
        done(s, NULL);
        return 0;
    }
    if (w) {
        *w = (struct schedule_writing){s->room, s->id, done};
        err = store_drop_schedule(records_desk(records), s->id, on_dropped, w);
    }
    if (err) {
        free(w);
        s->write_err = err;
        return err;
    }
    s->is_writing = true;
    s->room->asked_n++;
    return 0;
}

/* --- loading --- */

static json_t *parse(const char *text)
{
    return text ? json_loads(text, 0, NULL) : NULL;
}

static void read_skip(struct schedule *s, const json_t *o)
{
    const char *key = json_string_value(json_object_get(o, "key"));

    if (key && strlen(key) < sizeof(s->skip_key))
        memcpy(s->skip_key, key, strlen(key) + 1);
    s->skip_asked_at = json_integer_value(json_object_get(o, "at"));
}

/* TGC_EDAMAGED: the row is none of this version's. */
static int restore(struct schedules *room, const struct store_schedule *row)
{
    struct directory *d = room->worker->config.workers->directory;
    json_t *members = parse(row->spec), *order = parse(row->order), *last = parse(row->last);
    struct schedule_spec spec = {0};
    struct problem *problem = NULL;
    struct schedule *s = NULL;
    int err = members && row->phase >= SCHEDULE_IDLE && row->phase <= SCHEDULE_BACK &&
                      (row->phase != SCHEDULE_MAKING || order)
                  ? schedule_spec_read(members, SCHEDULE_SPEC_KEPT, &spec, &problem)
                  : TGC_EDAMAGED;

    int64_t user_id = json_integer_value(json_object_get(members, "user"));
    json_t *skip = json_incref(json_object_get(members, "skip"));
    problem_free(problem);
    json_decref(members);
    bool is_gone = json_object_get(order, "name") != NULL;
    if (!err && !is_gone)
        err = directory_put_schedule(d, row->name, row->account);
    if (!err && !(s = schedules_add(room, row->account, row->name, row->id, &spec))) {
        directory_drop_schedule(d, row->name, row->account);
        err = TGC_ENOMEM;
    }
    schedule_spec_fini(&spec);
    if (s)
        read_skip(s, skip);
    json_decref(skip);
    if (!s) {
        json_decref(order);
        json_decref(last);
        return err == TGC_ENOMEM ? err : TGC_EDAMAGED;
    }
    s->user_id = user_id;
    s->phase = (enum schedule_phase)row->phase;
    s->cursor = row->cursor;
    s->at = row->at;
    s->started_at = row->started_at;
    s->call_id = row->call_id;
    s->turn = row->turn;
    s->skipped_at = row->skipped_at;
    s->order = order;
    s->last = last;
    s->is_in_doubt = true;
    if (is_gone)
        schedule_be_gone(s);
    schedule_recount(s);
    return 0;
}

static void on_loaded(void *ctx, int err, const char *why, const struct store_schedule *list, size_t n)
{
    struct schedules *room = ctx;
    char text[256];

    room->asked_n--;
    if (err)
        records_fail(room->worker->records, err, why);
    for (size_t i = 0; i < n; i++) {
        err = restore(room, &list[i]);
        if (!err)
            continue;
        snprintf(
            text, sizeof(text),
            "the schedule %s cannot be read (%s): put a backup in the database's place, or forget it with \"DELETE "
            "FROM schedules WHERE id = %" PRId64 "\"",
            list[i].name ? list[i].name : "", tgc_err_text(err), list[i].id);
        records_fail(room->worker->records, err, text);
    }
    records_loaded_more(room->worker->records);
}

void schedules_load(struct schedules *room, const char *account)
{
    struct records *records = room->worker->records;

    records_load_one_more(records);
    if (store_load_schedules(records_desk(records), account, on_loaded, room) != 0) {
        records_fail(records, TGC_ENOMEM, NULL);
        records_loaded_more(records);
        return;
    }
    room->asked_n++;
}

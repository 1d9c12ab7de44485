/* tgcalldctl doctor: the nodes that share a database, and the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/doctor_internal.h"
#include "daemon/ctl/member.h"

/* A node has so many at once, and some more while it starts. */
enum { CONNECTIONS_OF_A_NODE = 5 };
/* No lease depends on a clock that is set; what is read in two logs does. */
enum { CLOCK_MAX_MS = 10 * 1000 };

static void look_at_nodes(struct visit *v, const json_t *nodes)
{
    char list[DOCTOR_TEXT_SIZE] = "", detail[DOCTOR_TEXT_SIZE];
    const char *active = NULL;
    const json_t *node;
    size_t i, len = 0, n = json_array_size(nodes);

    json_array_foreach (nodes, i, node) {
        const char *name = member_text(node, "name"), *state = member_text(node, "state");
        if (strcmp(state, "active") == 0)
            active = name;
        if (len < sizeof(list))
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%.64s %.16s%s", i ? ", " : "", name, state,
                                    json_is_true(json_object_get(node, "self")) ? " (this one)" : "");
    }
    snprintf(detail, sizeof(detail), "%zu: %.900s", n, list);
    if (!active)
        doctor_add(
            v, "nodes", "fault", detail,
            "None has the accounts. One takes them when the lease of the one before has lapsed; where none does, "
            "the nodes' logs say why: journalctl -u tgcalld");
    else if (n == 1)
        doctor_add(v, "nodes", "warning", detail, "None is there to take over: start a second one.");
    else
        doctor_add(v, "nodes", "good", detail, "");
}

static bool is_off(const json_t *database, const char *setting)
{
    return json_is_false(json_object_get(database, setting));
}

static bool look_at_disk(struct visit *v, const json_t *database)
{
    static const struct {
        const char *setting, *state, *detail, *remedy;
    } list[] = {
        {"fsync", "fault", "fsync is off: what it committed may be gone when its machine fails, and a call made twice",
         "Set fsync = on in the server's postgresql.conf, and reload it."},
        {"synchronous_commit", "fault", "a commit does not wait for the disk, though it is asked to",
         "Let nothing between the daemon and the server change synchronous_commit."},
        {"full_page_writes", "warning",
         "full_page_writes is off: it may be damaged when its machine fails, unless its file system writes pages whole",
         "Set full_page_writes = on in the server's postgresql.conf, and reload it."},
    };
    bool is_good = true;

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (!is_off(database, list[i].setting))
            continue;
        doctor_add(v, "database", list[i].state, list[i].detail, list[i].remedy);
        is_good = false;
    }
    return is_good;
}

static void look_at_database(struct visit *v, const json_t *database)
{
    char detail[DOCTOR_TEXT_SIZE];
    json_int_t ahead = json_integer_value(json_object_get(database, "clock_ahead_ms"));
    json_int_t left = json_integer_value(json_object_get(database, "connections_left"));
    bool is_synced = look_at_disk(v, database), is_few = left < CONNECTIONS_OF_A_NODE;
    bool is_off_time = llabs(ahead) > CLOCK_MAX_MS;

    snprintf(detail, sizeof(detail), "%" JSON_INTEGER_FORMAT " connections are left%s", left,
             is_few ? ", fewer than one more node needs" : "");
    doctor_add(v, "database", is_few ? "warning" : "good", detail,
               is_few ? "Raise max_connections of the server, or the limit of the database or the role." : "");
    snprintf(detail, sizeof(detail), "its clock is %.3f s %s the node's", (double)llabs(ahead) / 1000,
             ahead < 0 ? "behind" : "ahead of");
    doctor_add(v, "database", is_off_time ? "warning" : "good", detail,
               is_off_time ? "Have both set over the network: timedatectl set-ntp true" : "");
    if (is_synced)
        doctor_add(v, "database", "good",
                   json_is_true(json_object_get(database, "synchronous_standby"))
                       ? "what is committed is on its disk and a standby's"
                       : "what is committed is on its disk",
                   "");
}

/* What is left of one that is renewed at a third says no more of how long it is. */
void doctor_leases(struct visit *v, const struct settings *settings)
{
    char detail[DOCTOR_TEXT_SIZE];
    struct fault fault = {0};
    const json_t *node;
    size_t i;
    int status;

    if (!settings->cluster_node)
        return;
    json_t *answer = doctor_ask(v, "GET", "/v1/nodes", NULL, &status, &fault);
    json_array_foreach (json_object_get(answer, "nodes"), i, node) {
        json_int_t left_ms = json_integer_value(json_object_get(node, "lease_left_ms"));
        if (left_ms * 1000 <= settings->cluster_lease_us)
            continue;
        snprintf(detail, sizeof(detail),
                 "the lease of the node %.64s is longer than the %g s of %.800s: %.1f s of it are left",
                 member_text(node, "name"), (double)settings->cluster_lease_us / SECOND_US, settings_file(settings),
                 (double)left_ms / 1000);
        doctor_add(v, "nodes", "warning", detail, "Give all nodes the same, [cluster] lease, and start them anew.");
    }
    json_decref(answer);
}

void doctor_nodes(struct visit *v)
{
    struct fault fault = {0};
    int status;
    json_t *answer = doctor_ask(v, "GET", "/v1/nodes", NULL, &status, &fault);
    const json_t *nodes = json_object_get(answer, "nodes"), *database = json_object_get(answer, "database");

    /* That a token may not ask is said where the accounts are looked at; an older daemon knows of none. */
    if (status == 200 && json_array_size(nodes) > 0)
        look_at_nodes(v, nodes);
    if (status == 200 && json_is_object(database))
        look_at_database(v, database);
    json_decref(answer);
}

/* Telegram's servers on the fake network (fake_net.h): data centres that exchange keys, keep sessions and run the
 * methods of a little world (fake_world.h). They are as strict as the documents: a client that breaks a rule of message
 * ids, sequence numbers, containers or initConnection fails the test. Any method may be told to fail, and any answer to
 * be late or lost, or the method be executed late; what was executed is counted.
 *
 * A test sets a rule, has the client ask, lets time pass, and looks at what was executed and what lives in the world:
 *
 *     fake_dc_rule(dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_DROP_AFTER});
 *     …ask…
 *     fake_net_advance(&net, 60 * SECOND_US);
 *     ck_assert_uint_eq(fake_dc_executed(dc, "phone.createGroupCall"), 1);
 *     ck_assert_uint_eq(fake_world_alive(fake_dc_world(dc)), 1);
 *
 * DC N listens at 10.0.0.N, port 443, and shows test_server_key().
 */
#ifndef TGCALLD_TESTS_FAKE_DC_H
#define TGCALLD_TESTS_FAKE_DC_H

#include "daemon/tl/schema.h"
#include "tests/support/fake_net.h"
#include "tests/support/fake_world.h"

struct fake_dc;

/* CENTRES of them, from DC 1 on. All say what SCHEMA (borrowed) has, and take no other layer. */
struct fake_dc *fake_dc_new(struct fake_net *net, const struct tl_schema *schema, int centres);
void fake_dc_free(struct fake_dc *dc);

struct fake_world *fake_dc_world(struct fake_dc *dc);

/* --- what becomes of a query --- */

enum fake_fate {
    FAKE_ANSWER,      /* executed and answered: as without a rule */
    FAKE_ERROR,       /* not executed: the error CODE TEXT */
    FAKE_ERROR_AFTER, /* executed, and answered with the error CODE TEXT */
    FAKE_DROP_BEFORE, /* the link is dropped: the query was never seen */
    FAKE_DROP_AFTER,  /* executed, and the link is dropped before the answer leaves; the session still has it */
    FAKE_LATE,        /* executed and acknowledged; the answer comes AFTER_US later, on the link that is there then */
    FAKE_LATER,       /* acknowledged; executed AFTER_US later and answered then, unless it is SILENT */
    FAKE_NEVER,       /* executed and acknowledged, and never answered */
    FAKE_LOST,        /* acknowledged; neither executed nor answered */
};

enum { FAKE_ALWAYS = -1 };

struct fake_rule {
    enum fake_fate fate;
    int times; /* how often it strikes; 0 means once, FAKE_ALWAYS for ever */
    int64_t after_us;
    int code;
    const char *text; /* borrowed, as JSON */
    bool silent;      /* FAKE_LATER: and never answered */
    const char *json; /* where it is executed: the answer (JSON, ' for "), and nothing happens in the world */
};

/* For queries of METHOD (as the schema writes it; "*" for any): of several rules the first given strikes first. A query
 * that the session sends again under another id is another query. */
void fake_dc_rule(struct fake_dc *dc, const char *method, struct fake_rule rule);
/* Takes all rules away. */
void fake_dc_no_rules(struct fake_dc *dc);

/* How often a method was executed; how often it was asked for, whatever became of that. "*" for all. */
unsigned fake_dc_executed(const struct fake_dc *dc, const char *method);
unsigned fake_dc_asked(const struct fake_dc *dc, const char *method);
/* The parameters of the last query of METHOD as TL JSON (borrowed), or NULL. */
const json_t *fake_dc_last(const struct fake_dc *dc, const char *method);
void fake_dc_forget_counts(struct fake_dc *dc);

/* --- what servers do by themselves --- */

/* Tells Updates (stolen) to every session that is connected and logged in. */
void fake_dc_push(struct fake_dc *dc, json_t *updates);
/* DC CENTRE listens there too, as behind a proxy that leads to it. */
void fake_dc_listen(struct fake_dc *dc, int centre, const char *host, uint16_t port);
/* Closes all links; what was sent before still comes. */
void fake_dc_drop_links(struct fake_dc *dc);
/* On all links: -429, -444, … */
void fake_dc_send_code(struct fake_dc *dc, int32_t code);
/* The next packet of every client meets a server that knows no session of its key, or not the key: -404. */
void fake_dc_forget_sessions(struct fake_dc *dc);
void fake_dc_forget_keys(struct fake_dc *dc);
/* The same of temporary keys alone; of their bindings alone (401 AUTH_KEY_PERM_EMPTY). */
void fake_dc_forget_temporary_keys(struct fake_dc *dc);
void fake_dc_unbind_keys(struct fake_dc *dc);
/* Packets with the salts that clients know are refused from now on. */
void fake_dc_change_salts(struct fake_dc *dc);
/* The servers' time against the wall clock of the test. */
void fake_dc_set_offset(struct fake_dc *dc, int64_t us);

unsigned fake_dc_links(const struct fake_dc *dc);
/* Permanent keys that were made and not forgotten or destroyed; temporary ones that are bound to one of them; sessions
 * that are known. */
unsigned fake_dc_keys(const struct fake_dc *dc);
unsigned fake_dc_bound_keys(const struct fake_dc *dc);
/* Temporary keys that are known, bound or not. */
unsigned fake_dc_temporary_keys(const struct fake_dc *dc);
unsigned fake_dc_sessions(const struct fake_dc *dc);
/* Packets that came so far: of key exchanges, and under a key, known or not. */
unsigned fake_dc_plain_packets(const struct fake_dc *dc);
unsigned fake_dc_sealed_packets(const struct fake_dc *dc);
/* Permanent keys that were ever made; keys of both kinds; queries that came under a temporary key which is bound to
 * none. */
unsigned fake_dc_made_keys(const struct fake_dc *dc);
unsigned fake_dc_exchanges(const struct fake_dc *dc);
unsigned fake_dc_unbound_queries(const struct fake_dc *dc);

#endif

#include "config/options_internal.h"

static const struct argp_option sandbox_options[] = {
    {"listen", KEY_LISTEN, "ADDR:PORT", 0, "Data centre 1; default 127.0.0.1:0, any free port", 0},
    {"second", KEY_SECOND, "ADDR:PORT", 0, "Data centre 2; default 127.0.0.1:0", 0},
    {"control", KEY_CONTROL, "ADDR:PORT", 0, "The control port, JSON over HTTP; default 127.0.0.1:0", 0},
    {"public-key-out", KEY_PUBLIC_KEY_OUT, "FILE", 0, "Write the RSA public key here as PEM", 0},
    {"key", KEY_KEY, "FILE", 0, "An RSA private key of your own (PEM) instead of the published test pair", 0},
    {"seed", KEY_SEED, "N", 0, "The same ids, hashes and salts at every start", 0},
    {"chats", KEY_CHATS, "N", 0, "Add N supergroups @sandbox_load_1, @sandbox_load_2, …; default 0", 0},
    {"accounts", KEY_ACCOUNTS, "N", 0,
     "Add N users who are logged in already; the control port gives their keys. Default 0", 0},
    {"stored-answers", KEY_STORED_ANSWERS, NULL, 0,
     "For measuring clients: a create that was asked for before is answered with the bytes of then and new ids", 0},
    {"schema", KEY_SCHEMA, "FILE", 0, "A schema beside the shipped ones; repeatable", 0},
    {0},
};

static error_t take_sandbox(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_LISTEN:
        if (o->listen.n > 0)
            argp_error(state, "--listen is given twice; data centre 2 is --second");
        options_want_loopback(state, "--listen", arg);
        return options_add_text(&o->listen, arg);
    case KEY_SECOND:
        options_want_loopback(state, "--second", arg);
        return options_set_text(state, &o->second, "--second", arg);
    case KEY_CONTROL:
        options_want_loopback(state, "--control", arg);
        return options_set_text(state, &o->control, "--control", arg);
    case KEY_PUBLIC_KEY_OUT:
        return options_set_text(state, &o->public_key_out, "--public-key-out", arg);
    case KEY_KEY:
        return options_set_text(state, &o->key, "--key", arg);
    case KEY_SEED:
        o->seed = options_number(state, "--seed", arg, 0, UINT64_MAX);
        o->seeded = true;
        return 0;
    case KEY_CHATS:
        o->chats = (unsigned)options_number(state, "--chats", arg, 0, 100000);
        return 0;
    case KEY_ACCOUNTS:
        o->accounts = (unsigned)options_number(state, "--accounts", arg, 0, 9000);
        return 0;
    case KEY_STORED_ANSWERS:
        o->stored_answers = true;
        return 0;
    case KEY_SCHEMA:
        return options_add_text(&o->schema, arg);
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is no option", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char sandbox_doc[] =
    "Runs a local MTProto data centre pair that any Telegram client library can talk to, on loopback only.\v"
    "The first line on stdout is JSON: where the data centres and the control port listen, and the key's fingerprint.\n"
    "\n"
    "Users (code 12345): +15550001 Alice, +15550002 Bob (2FA password 'correct horse'), +15550003 Carol (data centre "
    "2); any "
    "other number signs up. Chats: @sandbox_channel, @sandbox_group, t.me/+sandboxinvite and more; see tgcalld(8).";

const struct argp options_sandbox_argp = {sandbox_options, take_sandbox, NULL, sandbox_doc, NULL, NULL, NULL};

/* Who keeps what of the accounts must outlive the process: one for all accounts of a worker, on its thread. It takes
 * note and waits for nothing; where there is none, nothing outlives the process. */
#ifndef TGCALLD_TG_KEEPER_H
#define TGCALLD_TG_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

struct tg_account;

/* A key that was made in the exchange; borrowed. */
struct tg_made_key {
    int32_t dc;
    const uint8_t *key; /* 256 bytes */
    uint64_t salt;      /* the first of the server's */
};

/* A key from before. */
struct tg_given_key {
    const uint8_t *key; /* 256 bytes, borrowed */
    uint64_t salt;      /* 0 where none is known */
    bool is_new;        /* it is kept nowhere yet: offered (on_key_made) before it is used, as one that was made */
};

/* The word that is owed on a key that was made. */
struct tg_commit;
/* The word on a key: 0, it is kept and is used now. An error: it could not be, for the reason WHY (a sentence's end;
 * NULL for the error's own); the same key is offered again after a while. COMMIT is gone then. The client may be gone
 * already. In the client's thread. */
void tg_commit_done(struct tg_commit *commit, int err, const char *why);

struct tg_keeper {
    /* A key of the account was made: tg_commit_done() is owed once it is where the next process will find it. */
    void (*keep_key)(void *ctx, struct tg_account *account, const struct tg_made_key *made, struct tg_commit *commit);
    /* The account's key of that data centre (0: of all) is used no more. */
    void (*drop_key)(void *ctx, struct tg_account *account, int32_t dc);
    /* What saved.h tells of the account is not as it was told last. Told once, until tg_account_take_note(). */
    void (*noted)(void *ctx, struct tg_account *account);
    /* What Telegram says of its data centres was heard: see dc_learnt_write(). NULL: nobody keeps it. */
    void (*keep_dc_options)(void *ctx);
    void *ctx;
};

#endif

/* A login of user 1001 that another program made and has left, and an account "guest" that takes it over. */
#ifndef TGCALLD_TESTS_TG_IMPORT_BED_H
#define TGCALLD_TESTS_TG_IMPORT_BED_H

#include "daemon/tg/keeper.h"
#include "daemon/tg/login/export.h"
#include "daemon/tg/login/import.h"
#include "tests/unit/tg/bed.h"

struct import_bed {
    struct bed b;            /* its account: the imported one, or NULL */
    struct session_string s; /* what the other program told */
    struct bed_answer step;  /* of the import that was begun last */
    struct tg_keeper keeper;
    struct {
        bool is_there;
        uint8_t key[SESSION_KEY_SIZE];
        bool before_use; /* it was kept when nothing had been asked with it */
    } kept;              /* what the keeper has */
};

void import_bed_init(struct import_bed *im);
void import_bed_fini(struct import_bed *im);

void import_begin(struct import_bed *im);
/* Until the step is answered. */
void import_all(struct import_bed *im);
/* The login is the other program's as before: nothing was ended by us, and no key was made. */
void import_expect_untouched(struct import_bed *im);

/* What Telegram may say to the question who is logged in. */
struct import_refusal {
    int code;
    const char *text;
};
enum { IMPORT_REFUSALS = 7 };
extern const struct import_refusal import_refusals[IMPORT_REFUSALS];

#endif

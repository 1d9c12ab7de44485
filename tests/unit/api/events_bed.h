/* A front end with a log of events, and streams of them; what the ring has no more, a disk in place of a worker's has.
 */
#ifndef TGCALLD_TESTS_API_EVENTS_BED_H
#define TGCALLD_TESTS_API_EVENTS_BED_H

#include "tests/unit/api/fixture.h"

enum { RING = 64, BLOCK_SIZE = 16 << 10, STREAMS_MAX = 20 };

/* What the disk has of the events that the ring has no more: those from this one on; none at first. */
extern uint64_t disk_oldest;

/* For checked fixtures, with fixture_down(). */
void events_bed_up(void);

/* It happens. */
void tell(const char *account, const char *type, const char *data);
/* So many of alice's calls. */
void tell_many(int n);

/* A stream by TOKEN whose head was read. */
struct client *follow_as(const char *token, const char *target, const char *headers);
/* The admin's, that has told that it begins behind AFTER. */
struct client *follow(const char *target, const char *headers, uint64_t after);
/* Its next block is WANT. */
void expect_block(struct client *c, const char *want);
/* It ends in order. */
void expect_end(struct client *c);

#endif

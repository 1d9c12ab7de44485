/* Lines out of a pipe, and signals at a terminal. What else that adds is for the whole program's tests. */
#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "daemon/ctl/prompt.h"

static char line[PROMPT_SIZE];

/* Stdin is TEXT, and then its end. */
static void type(const char *text, size_t len)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, len), (ssize_t)len);
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
}

static void expect_line(const char *want)
{
    ck_assert_int_eq(prompt_line(true, line), 0);
    ck_assert_str_eq(line, want);
}

START_TEST(lines_come_one_by_one_and_as_they_are)
{
    static const char text[] = "+15550001\n  12345 \r\n\ncorrect horse\nend";

    type(text, strlen(text));
    expect_line("+15550001");
    expect_line("  12345 ");
    expect_line("");
    expect_line("correct horse");
    expect_line("end");
    ck_assert_int_eq(prompt_line(false, line), TGC_ECLOSED);
}
END_TEST

START_TEST(what_follows_a_line_stays_for_others)
{
    char rest[16];

    type("one\ntwo\n", 8);
    expect_line("one");
    ck_assert_int_eq(read(STDIN_FILENO, rest, sizeof(rest)), 4);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_read_away)
{
    char *text = malloc(PROMPT_SIZE + 8);

    memset(text, 'x', PROMPT_SIZE - 1);
    memcpy(text + PROMPT_SIZE - 1, "\nnext\n", 7);
    type(text, PROMPT_SIZE + 5);
    ck_assert_int_eq(prompt_line(true, line), 0);
    ck_assert_uint_eq(strlen(line), PROMPT_SIZE - 1);
    expect_line("next");
    memset(text, 'x', PROMPT_SIZE);
    memcpy(text + PROMPT_SIZE, "\nnext\n", 7);
    type(text, PROMPT_SIZE + 6);
    ck_assert_int_eq(prompt_line(true, line), TGC_ELIMIT);
    expect_line("next");
    free(text);
}
END_TEST

START_TEST(blanks_are_taken_off_both_ends)
{
    static const char *const cases[][2] = {{"", ""}, {" \t ", ""}, {"a", "a"}, {" a b\t", "a b"}, {"a ", "a"}};
    char text[16];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strcpy(text, cases[i][0]);
        prompt_trim(text);
        ck_assert_str_eq(text, cases[i][1]);
    }
}
END_TEST

/* A terminal with a child at it that reads hidden lines for ever. */
static pid_t read_at_terminal(int *ret_ours)
{
    int ours = posix_openpt(O_RDWR | O_NOCTTY);

    ck_assert_int_eq(grantpt(ours) | unlockpt(ours), 0);
    int its = open(ptsname(ours), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(its, 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        /* Not the way of the test's own runner. */
        signal(SIGTERM, SIG_DFL);
        dup2(its, STDIN_FILENO);
        for (;;)
            (void)!prompt_line(true, line);
    }
    close(its);
    *ret_ours = ours;
    return child;
}

static void wait_for_silence(int terminal)
{
    struct termios t;

    do {
        ck_assert_int_eq(tcgetattr(terminal, &t), 0);
    } while (t.c_lflag & ECHO);
}

static void expect_killed(pid_t child, int terminal)
{
    struct termios t;
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    ck_assert_int_eq(tcgetattr(terminal, &t), 0);
    ck_assert(t.c_lflag & ECHO);
    close(terminal);
}

START_TEST(a_signal_is_not_lost_while_a_line_is_read)
{
    char text[1025];
    int terminal;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\n';
    for (int round = 0; round < 16; round++) {
        pid_t child = read_at_terminal(&terminal);
        wait_for_silence(terminal);
        ck_assert_int_eq(write(terminal, text, sizeof(text)), (ssize_t)sizeof(text));
        kill(child, SIGTERM);
        expect_killed(child, terminal);
    }
}
END_TEST

START_TEST(a_signal_is_not_lost_just_before_the_wait)
{
    int terminal;

    for (int round = 0; round < 300; round++) {
        pid_t child = read_at_terminal(&terminal);
        wait_for_silence(terminal);
        for (volatile int late = 0; late < round * 10; late++)
            continue;
        kill(child, SIGTERM);
        expect_killed(child, terminal);
    }
}
END_TEST

Suite *suite_prompt(void)
{
    Suite *s = suite_create("prompt");
    TCase *t = tcase_create("prompt");

    tcase_add_test(t, lines_come_one_by_one_and_as_they_are);
    tcase_add_test(t, what_follows_a_line_stays_for_others);
    tcase_add_test(t, a_line_that_is_too_long_is_read_away);
    tcase_add_test(t, blanks_are_taken_off_both_ends);
    tcase_add_test(t, a_signal_is_not_lost_while_a_line_is_read);
    tcase_add_test(t, a_signal_is_not_lost_just_before_the_wait);
    suite_add_tcase(s, t);
    return s;
}

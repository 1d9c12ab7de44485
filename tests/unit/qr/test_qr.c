/* Each drawing is looked at as its reader does, and a scanner that others wrote reads the text off it again. */
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/qr/picture.h"
#include "tests/unit/qr/suites.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/qr/qr.h"

static const char link_text[] = "tg://login?token=AQJx-0000_zZ9yYxXwWvVuUtTsSrRqQpPoOnNmMlLkKjJiIhH";
enum { OUT_MAX = 1 << 20 };

static char longest[LIMIT_QR_TEXT + 1];
static const char *const texts[] = {"1", link_text, "ünïcödé ☎", longest};

static struct buf out;
static struct picture picture;

static void up(void)
{
    memset(longest, 'a', LIMIT_QR_TEXT);
    buf_init(&out, OUT_MAX);
}

static void down(void)
{
    buf_fini(&out);
}

/* Four modules of white on each side, and a finder in three of the corners. */
static void expect_frame(const struct picture *p, int side)
{
    static const char finder[7][8] = {"#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"};
    const int last = side - 4 - 7, corners[3][2] = {{4, 4}, {last, 4}, {4, last}};

    ck_assert_int_eq(p->width, side);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            if (x < 4 || y < 4 || x >= side - 4 || y >= side - 4)
                ck_assert_msg(!p->black[y][x], "black at %d,%d in the quiet zone", x, y);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 7; y++)
            for (int x = 0; x < 7; x++)
                ck_assert_int_eq(p->black[corners[c][1] + y][corners[c][0] + x], finder[y][x] == '#');
}

static void expect_read(const struct picture *p, const char *text)
{
    char *read = picture_scan(p);

    if (read)
        ck_assert_str_eq(read, text);
    free(read);
}

START_TEST(an_svg_is_read_as_its_text)
{
    ck_assert_int_eq(qr_svg(texts[_i], &out), 0);
    picture_of_svg(buf_text(&out), &picture);
    ck_assert_int_eq(picture.height, picture.width);
    expect_frame(&picture, picture.width);
    expect_read(&picture, texts[_i]);
}
END_TEST

START_TEST(an_svg_has_nothing_in_it_but_its_picture)
{
    ck_assert_int_eq(qr_svg("<script>\"&'", &out), 0);
    const char *svg = buf_text(&out);
    ck_assert_int_eq(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 40), 0);
    ck_assert_ptr_null(strstr(svg, "script"));
    ck_assert_ptr_null(strstr(svg, "href"));
    ck_assert_ptr_null(strchr(svg, '&'));
}
END_TEST

START_TEST(half_blocks_are_read_as_their_text)
{
    struct qr_size size;

    ck_assert_int_eq(qr_terminal(texts[_i], QR_BLOCKS, &out, &size), 0);
    picture_of_terminal(buf_text(&out), 1, &picture);
    ck_assert_int_eq((int)size.columns, picture.width);
    ck_assert_int_eq((int)size.lines * 2, picture.height);
    expect_frame(&picture, picture.width);
    expect_read(&picture, texts[_i]);
}
END_TEST

START_TEST(coloured_spaces_are_ascii_and_read_as_their_text)
{
    struct qr_size size;

    ck_assert_int_eq(qr_terminal(texts[_i], QR_SPACES, &out, &size), 0);
    for (const char *c = buf_text(&out); *c; c++)
        ck_assert_int_gt(*c, 0);
    picture_of_terminal(buf_text(&out), 2, &picture);
    ck_assert_int_eq((int)size.columns, picture.width * 2);
    ck_assert_int_eq((int)size.lines, picture.height);
    expect_frame(&picture, picture.width);
    expect_read(&picture, texts[_i]);
}
END_TEST

/* A login's link on the smallest terminal, with a line or two of words. */
START_TEST(a_login_fits_into_80_by_24)
{
    struct qr_size size;

    ck_assert_int_eq(qr_terminal(link_text, QR_BLOCKS, &out, &size), 0);
    ck_assert_uint_le(size.columns, 80);
    ck_assert_uint_le(size.lines, 21);
}
END_TEST

START_TEST(what_cannot_be_one_is_refused)
{
    struct qr_size size = {7, 7};
    char text[LIMIT_QR_TEXT + 2];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_int_eq(qr_svg("", &out), TGC_EINVAL);
    ck_assert_int_eq(qr_svg(text, &out), TGC_ELIMIT);
    ck_assert_int_eq(qr_terminal("", QR_BLOCKS, &out, &size), TGC_EINVAL);
    ck_assert_int_eq(qr_terminal(text, QR_SPACES, &out, &size), TGC_ELIMIT);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&out);
    buf_init(&out, 100);
    ck_assert_int_eq(qr_svg(link_text, &out), TGC_ELIMIT);
    ck_assert_int_eq(qr_terminal(link_text, QR_BLOCKS, &out, &size), TGC_ELIMIT);
    ck_assert(size.columns == 7 && size.lines == 7);
}
END_TEST

Suite *suite_qr(void)
{
    Suite *s = suite_create("qr");
    TCase *t = tcase_create("qr");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, up, down);
    tcase_add_loop_test(t, an_svg_is_read_as_its_text, 0, 4);
    tcase_add_test(t, an_svg_has_nothing_in_it_but_its_picture);
    tcase_add_loop_test(t, half_blocks_are_read_as_their_text, 0, 4);
    tcase_add_loop_test(t, coloured_spaces_are_ascii_and_read_as_their_text, 0, 4);
    tcase_add_test(t, a_login_fits_into_80_by_24);
    tcase_add_test(t, what_cannot_be_one_is_refused);
    suite_add_tcase(s, t);
    return s;
}

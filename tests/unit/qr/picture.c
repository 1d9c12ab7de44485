#include "tests/unit/qr/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/temp.h"

static void paint(struct picture *p, int x, int y, int w, int h, bool black)
{
    ck_assert(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= p->width && y + h <= p->height);
    for (int row = y; row < y + h; row++)
        for (int column = x; column < x + w; column++)
            p->black[row][column] = black;
}

/* The rectangles of one path's data, up to its quotation mark. */
static const char *paint_path(struct picture *p, const char *d, bool black)
{
    int x, y, w, h, back, used;

    while (*d == 'M') {
        ck_assert_int_eq(sscanf(d, "M%d %dh%dv%dh-%dz%n", &x, &y, &w, &h, &back, &used), 5);
        ck_assert_int_eq(w, back);
        paint(p, x, y, w, h, black);
        d += used;
    }
    ck_assert_int_eq(*d, '"');
    return d + 1;
}

void picture_of_svg(const char *svg, struct picture *ret)
{
    char color[5];
    int used = 0;

    *ret = (struct picture){0};
    const char *box = strstr(svg, " viewBox=\"0 0 ");
    ck_assert_ptr_nonnull(box);
    ck_assert_int_eq(sscanf(box, " viewBox=\"0 0 %d %d\"", &ret->width, &ret->height), 2);
    ck_assert(ret->width > 0 && ret->width <= PICTURE_MAX && ret->height > 0 && ret->height <= PICTURE_MAX);
    const char *at = strstr(svg, "<path");
    while (at && sscanf(at, "<path fill=\"%4[^\"]\" d=\"%n", color, &used) == 1 && used > 0) {
        ck_assert(strcmp(color, "#fff") == 0 || strcmp(color, "#000") == 0);
        at = paint_path(ret, at + used, strcmp(color, "#000") == 0);
        ck_assert_int_eq(strncmp(at, "/>", 2), 0);
        at += 2;
    }
    ck_assert_str_eq(at, "</svg>");
}

/* One escape of colour: 16 is black, 231 white. */
static const char *take_escape(const char *text, int *ink, int *ground)
{
    int color, used = 0;

    if (strncmp(text, "\033[0m", 4) == 0) {
        *ink = *ground = -1;
        return text + 4;
    }
    if (sscanf(text, "\033[38;5;%dm%n", &color, &used) == 1 && used > 0)
        *ink = color;
    else if (sscanf(text, "\033[48;5;%dm%n", &color, &used) == 1 && used > 0)
        *ground = color;
    else
        ck_abort_msg("no escape of colour");
    ck_assert(color == 16 || color == 231);
    return text + used;
}

/* One character; its halves' colours. */
static const char *take_character(const char *text, int ink, int ground, int *ret_upper, int *ret_lower)
{
    static const struct {
        const char *text;
        bool upper, lower;
    } known[] = {{" ", false, false}, {"▀", true, false}, {"▄", false, true}, {"█", true, true}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t len = strlen(known[i].text);
        if (strncmp(text, known[i].text, len) != 0)
            continue;
        *ret_upper = known[i].upper ? ink : ground;
        *ret_lower = known[i].lower ? ink : ground;
        return text + len;
    }
    ck_abort_msg("an unknown character: %.4s", text);
    return NULL;
}

void picture_of_terminal(const char *text, int columns_a_module, struct picture *ret)
{
    int ink = -1, ground = -1, column = 0, upper, lower;

    *ret = (struct picture){0};
    while (*text) {
        if (*text == '\033') {
            text = take_escape(text, &ink, &ground);
        } else if (*text == '\n') {
            ck_assert_int_eq(ground, -1);
            ck_assert(ret->width == 0 || ret->width == column / columns_a_module);
            ret->width = column / columns_a_module;
            ret->height += columns_a_module == 1 ? 2 : 1;
            column = 0;
            text++;
        } else {
            int x = column++ / columns_a_module, y = ret->height;
            ck_assert(x < PICTURE_MAX && y + 1 < PICTURE_MAX);
            text = take_character(text, ink, ground, &upper, &lower);
            ck_assert(upper != -1 && lower != -1);
            ret->black[y][x] = upper == 16;
            if (columns_a_module == 1)
                ret->black[y + 1][x] = lower == 16;
        }
    }
    ck_assert_int_eq(column, 0);
}

static void write_pgm(const struct picture *p, const char *path)
{
    enum { SCALE = 4 };
    FILE *f = fopen(path, "wb");

    ck_assert_ptr_nonnull(f);
    fprintf(f, "P5 %d %d 255\n", p->width * SCALE, p->height * SCALE);
    for (int y = 0; y < p->height * SCALE; y++)
        for (int x = 0; x < p->width * SCALE; x++)
            fputc(p->black[y / SCALE][x / SCALE] ? 0 : 255, f);
    ck_assert_int_eq(fclose(f), 0);
}

char *picture_scan(const struct picture *p)
{
    char command[512], *line = NULL;
    size_t size = 0;

    if (system("command -v zbarimg >/dev/null") != 0)
        return NULL;
    write_pgm(p, temp_path("code.pgm"));
    snprintf(command, sizeof(command), "zbarimg --nodbus --quiet --raw --oneshot '%s'", temp_path("code.pgm"));
    FILE *f = popen(command, "r");
    ck_assert_ptr_nonnull(f);
    ssize_t n = getline(&line, &size, f);
    ck_assert_msg(n > 0, "zbarimg finds no code");
    ck_assert_int_eq(pclose(f), 0);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* The step that another device takes: the code is shown, and shown anew as often as Telegram renews it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/ctl/account_text.h"
#include "daemon/ctl/login.h"
#include "daemon/ctl/say.h"
#include "daemon/qr/qr.h"

/* How often the account is read: the API cannot tell of a change by itself yet. */
enum { QR_EVERY_MS = 1000, QR_OUT_MAX = 256 << 10 };

struct qr_show {
    char url[LIMIT_QR_TEXT + 1]; /* what is shown; "": nothing yet */
    unsigned lines; /* that it takes on the terminal, the words and what was typed included; 0: not drawn */
};

/* A terminal that can show colours, as large as COLUMNS, and its lines. */
static bool is_large_enough(unsigned columns, unsigned *ret_lines)
{
    const char *term = getenv("TERM");
    struct winsize w;

    if (!isatty(STDERR_FILENO) || !term || !*term || strcmp(term, "dumb") == 0 ||
        ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0)
        return false;
    *ret_lines = w.ws_row;
    return w.ws_col >= columns;
}

static bool draw(struct qr_show *show, const char *url)
{
    struct buf picture;
    struct qr_size size;
    unsigned rows;
    bool is_drawn = false;

    buf_init(&picture, QR_OUT_MAX);
    if (qr_terminal(url, say_is_utf8() ? QR_BLOCKS : QR_SPACES, &picture, &size) == 0 && buf_text(&picture) &&
        is_large_enough(size.columns, &rows)) {
        char up[32] = "";
        /* Over the former one, where all of that is still to be seen. */
        if (show->lines && show->lines < rows)
            snprintf(up, sizeof(up), "\033[%uA\r\033[J", show->lines);
        say_raw(up);
        say_raw(buf_text(&picture));
        show->lines = size.lines;
        is_drawn = true;
    }
    buf_fini(&picture);
    return is_drawn;
}

static void show_code(struct qr_show *show, const char *url, bool is_asked)
{
    if (draw(show, url)) {
        say("Scan it with an app of Telegram: Settings, Devices, Link Desktop Device.");
        show->lines++;
    } else {
        show->lines = 0;
        say("Show this as a QR code to an app of Telegram (Settings, Devices, Link Desktop Device):");
        say("%s", url);
    }
    if (is_asked) {
        say("It is renewed by itself. 'cancel' and Enter gives the login up.");
        show->lines += show->lines ? 1 : 0;
    }
    snprintf(show->url, sizeof(show->url), "%s", url);
}

/* A person who types something else than a word of ours is not heard. */
static enum ctl_exit hear(struct ctl_login *l, struct qr_show *show)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[PROMPT_SIZE];

    /* A script's next line is for what comes after the scan. */
    if (poll(&in, l->ctl->is_asked ? 1 : 0, QR_EVERY_MS) <= 0)
        return CTL_DONE;
    show->lines += show->lines ? 1 : 0;
    enum ctl_exit e = login_ask(l, "", "word", false, line);
    if (e)
        return e;
    prompt_trim(line);
    return strcmp(line, "cancel") == 0 ? login_give_up(l) : CTL_DONE;
}

enum ctl_exit login_step_qr(struct ctl_login *l)
{
    struct qr_show show = {0};
    enum ctl_exit e = CTL_DONE;

    while (!e && strcmp(account_member(l->account, "state"), "wait_qr") == 0) {
        const char *url = account_member(json_object_get(l->account, "qr"), "url");
        if (*url && strcmp(url, show.url) != 0)
            show_code(&show, url, l->ctl->is_asked);
        e = hear(l, &show);
        if (!e)
            e = login_refresh(l);
    }
    return e;
}

#include "daemon/ctl/prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What would end or stop the process with the terminal still silent; and what lets it go on after a stop that cannot be
 * caught, when the terminal may be another's, or silent no more. */
static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
enum { CAUGHT = sizeof(caught) / sizeof(caught[0]) };

/* The one thing that a signal's handler can tell the reader: which came, a bit each. */
static volatile sig_atomic_t came;

static void on_signal(int signum)
{
    came |= 1 << signum;
}

static void fill_mask(sigset_t *ret)
{
    sigemptyset(ret);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(ret, caught[i]);
}

/* Until something can be read. A signal between the question whether one came and the wait would be lost to it: they
 * are held off, and let in by the wait alone. TGC_EBUSY: one came. */
static int await_input(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t held, before;
    int n = -1;

    fill_mask(&held);
    sigprocmask(SIG_BLOCK, &held, &before);
    while (!came && n < 0) {
        n = ppoll(&in, 1, NULL, &before);
        if (n < 0 && errno != EINTR)
            break;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return came ? TGC_EBUSY : n < 0 ? TGC_EIO : 0;
}

/* A byte at a time: what follows the line belongs to whoever reads next. TGC_EBUSY: a signal came. */
static int read_line(char *out, size_t *at)
{
    bool is_long = false;
    char c;

    for (;;) {
        int err = await_input();
        if (err)
            return err;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return TGC_EIO;
        if (n == 0 && *at == 0 && !is_long)
            return TGC_ECLOSED;
        if (n == 0 || c == '\n')
            break;
        if (*at + 1 < PROMPT_SIZE)
            out[(*at)++] = c;
        else
            is_long = true;
    }
    if (*at > 0 && out[*at - 1] == '\r')
        (*at)--;
    out[*at] = '\0';
    explicit_bzero(&c, sizeof(c));
    return is_long ? TGC_ELIMIT : 0;
}

/* No SA_RESTART: the wait is to end. */
static void catch_signals(struct sigaction *before)
{
    struct sigaction a = {.sa_handler = on_signal};

    fill_mask(&a.sa_mask);
    came = 0;
    for (size_t i = 0; i < CAUGHT; i++) {
        sigaction(caught[i], NULL, &before[i]);
        /* What is ignored (nohup) stays so. */
        if (before[i].sa_handler != SIG_IGN)
            sigaction(caught[i], &a, NULL);
    }
}

/* What came has its way now, all at once: a process that several have stopped goes on by one SIGCONT. That one itself
 * had its way already, and would take back the stops. */
static void release_signals(const struct sigaction *before)
{
    sigset_t held, mask;

    fill_mask(&held);
    sigprocmask(SIG_BLOCK, &held, &mask);
    for (size_t i = 0; i < CAUGHT; i++) {
        sigaction(caught[i], &before[i], NULL);
        if (caught[i] != SIGCONT && (came & 1 << caught[i]))
            kill(getpid(), caught[i]);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* The terminal as it was before it was first silent: from the background it cannot be set back, and whoever looked at
 * it anew after that would take the silence for its own. */
struct shown {
    struct termios terminal;
    bool is_known;
};

static bool be_silent(struct shown *shown)
{
    struct termios t;

    if (!shown->is_known && tcgetattr(STDIN_FILENO, &shown->terminal) != 0)
        return false;
    t = shown->terminal;
    t.c_lflag &= ~(tcflag_t)ECHO;
    /* The line's end shows, so that what comes next begins a line. */
    t.c_lflag |= ECHONL;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &t) != 0)
        return false;
    shown->is_known = true;
    return true;
}

/* One silent wait, after which the terminal is as it was, and what came has had its way. TGC_EBUSY: it came before the
 * line did. */
static int read_silent(char *out, size_t *at, struct shown *shown)
{
    struct sigaction before[CAUGHT];

    catch_signals(before);
    bool is_silent = be_silent(shown);
    int err = read_line(out, at);
    if (is_silent)
        (void)!tcsetattr(STDIN_FILENO, TCSANOW, &shown->terminal);
    release_signals(before);
    return err;
}

int prompt_line(bool hidden, char out[static PROMPT_SIZE])
{
    struct shown shown = {.is_known = false};
    size_t at = 0;
    int err;

    came = 0;
    if (!hidden || !isatty(STDIN_FILENO))
        return read_line(out, &at);
    /* After Ctrl-Z it goes on where it was; from the others it does not come back. */
    while ((err = read_silent(out, &at, &shown)) == TGC_EBUSY)
        continue;
    return err;
}

void prompt_trim(char *text)
{
    size_t skip = strspn(text, " \t"), len = strlen(text + skip);

    memmove(text, text + skip, len + 1);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        text[--len] = '\0';
}

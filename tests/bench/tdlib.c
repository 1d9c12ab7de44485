/* TDLib called directly by its JSON interface: createVideoChat from so many at a time, each in a chat of its own.
 * usage: tdlib LIBTDJSON.so HOST:PORT KEY.pem CHATS, and SANDBOX_DC2=HOST:PORT; one line of JSON when it is ready, then
 * one for each "CALLERS SECONDS" on stdin. Keeps its files in the working directory.
 *
 * TDLib goes to Telegram and trusts Telegram's keys; its users cannot say otherwise. So the keys in its memory are
 * replaced and its connect() is the one below. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { CHATS_MAX = 1000, TOOK_MAX = 1 << 22, LOGIN_SECONDS = 30, DCS = 2 };

static int client;
static int (*create_client)(void);
static void (*send_json)(int client, const char *json);
static const char *(*receive_json)(double seconds);
static const char *(*execute_json)(const char *json);
static struct sockaddr_in sandbox[DCS];
static char chats[CHATS_MAX][32];
static size_t chats_n;

static _Noreturn void die(const char *what, const char *more)
{
    fprintf(stderr, "tdlib: %s %s\n", what, more ? more : "");
    _exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- the way to the sandbox */

/* Where TDLib looks for data centres 1 and 2 before it has been told; nothing else leaves this machine. */
static const struct {
    const char *address;
    int dc;
} built_in[] = {{"149.154.175.50", 1}, {"149.154.167.51", 2}, {"95.161.76.100", 2}};

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
    const struct sockaddr_in *in = (const void *)to;
    char text[INET_ADDRSTRLEN];

    if (to->sa_family == AF_UNIX || (to->sa_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 == 127))
        return (int)syscall(SYS_connect, fd, to, size);
    if (to->sa_family == AF_INET && inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)))
        for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++)
            if (strcmp(text, built_in[i].address) == 0)
                return (int)syscall(SYS_connect, fd, &sandbox[built_in[i].dc - 1], sizeof(*sandbox));
    errno = ENETUNREACH;
    return -1;
}

static void read_address(const char *text, struct sockaddr_in *ret)
{
    char host[64];
    unsigned port;

    if (!text || sscanf(text, "%63[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &ret->sin_addr) != 1)
        die("no address:", text);
    ret->sin_family = AF_INET;
    ret->sin_port = htons((uint16_t)port);
}

/* --- its keys */

#define KEY_BEGIN "-----BEGIN RSA PUBLIC KEY-----"
#define KEY_END "-----END RSA PUBLIC KEY-----"

/* Each key between START and END that is as long as the new one. */
static size_t replace_between(char *start, char *end, int protection, const char *key, size_t size)
{
    size_t replaced = 0;
    char *at = start;

    while ((at = memmem(at, (size_t)(end - at), KEY_BEGIN, strlen(KEY_BEGIN)))) {
        char *last = memmem(at, (size_t)(end - at), KEY_END, strlen(KEY_END));
        if (last && (size_t)(last - at) + strlen(KEY_END) == size) {
            if (mprotect(start, (size_t)(end - start), PROT_READ | PROT_WRITE | protection) != 0)
                die("mprotect:", strerror(errno));
            memcpy(at, key, size);
            replaced++;
        }
        at += strlen(KEY_BEGIN);
    }
    return replaced;
}

static void replace_keys(const char *library, const char *pem)
{
    char text[4096], line[1024], mode[8];
    size_t replaced = 0;
    FILE *f = fopen(pem, "r"), *maps = fopen("/proc/self/maps", "r");

    if (!f || !maps)
        die("cannot read", f ? "maps" : pem);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    char *key = strstr(text, KEY_BEGIN), *end = strstr(text, KEY_END);
    if (!key || !end)
        die("no key in", pem);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long from, to;
        if (!strstr(line, library) || sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r')
            continue;
        replaced += replace_between((char *)from, (char *)to, mode[2] == 'x' ? PROT_EXEC : 0, key,
                                    (size_t)(end - key) + strlen(KEY_END));
    }
    if (!replaced)
        die("no key of TDLib's is as long as that in", pem);
    fclose(f);
    fclose(maps);
}

/* --- its language */

static bool has(const char *event, const char *text)
{
    return event && strstr(event, text);
}

/* Events until one has TEXT. */
static const char *until(const char *text)
{
    double end = now() + LOGIN_SECONDS;

    while (now() < end) {
        const char *event = receive_json(1);
        if (has(event, text))
            return event;
        if (has(event, "\"@type\":\"error\""))
            die("refused:", event);
    }
    die("never came:", text);
}

static void log_in(void)
{
    execute_json("{\"@type\":\"setLogVerbosityLevel\",\"new_verbosity_level\":1}");
    client = create_client();
    send_json(client, "{\"@type\":\"setOption\",\"name\":\"use_pfs\",\"value\":{\"@type\":\"optionValueBoolean\"}}");
    send_json(client,
              "{\"@type\":\"setTdlibParameters\",\"database_directory\":\"tdlib\",\"files_directory\":\"tdlib\","
              "\"api_id\":12345,\"api_hash\":\"0123456789abcdef0123456789abcdef\",\"system_language_code\":\"en\","
              "\"device_model\":\"bench\",\"application_version\":\"1.0\"}");
    until("authorizationStateWaitPhoneNumber");
    send_json(client, "{\"@type\":\"setAuthenticationPhoneNumber\",\"phone_number\":\"+15550001\"}");
    until("authorizationStateWaitCode");
    send_json(client, "{\"@type\":\"checkAuthenticationCode\",\"code\":\"12345\"}");
    until("authorizationStateReady");
}

static void find_chats(void)
{
    char json[128];

    for (size_t i = 0; i < chats_n; i++) {
        snprintf(json, sizeof(json),
                 "{\"@type\":\"searchPublicChat\",\"username\":\"sandbox_load_%zu\",\"@extra\":\"found\"}", i + 1);
        send_json(client, json);
        const char *id = strstr(until("\"@extra\":\"found\""), "\"id\":");
        if (!id || sscanf(id, "\"id\":%31[-0-9]", chats[i]) != 1)
            die("no chat", json);
    }
}

static double create(size_t caller)
{
    char json[256];

    snprintf(json, sizeof(json), "{\"@type\":\"createVideoChat\",\"chat_id\":%s,\"title\":\"bench\",\"@extra\":%zu}",
             chats[caller], caller);
    send_json(client, json);
    return now();
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void load(size_t callers, double seconds)
{
    static float took[TOOK_MAX];
    static double asked[CHATS_MAX];
    double begun = now(), end = begun + seconds;
    size_t n = 0, failed = 0, waiting = callers;

    for (size_t i = 0; i < callers; i++)
        asked[i] = create(i);
    while (waiting) {
        const char *event = receive_json(LOGIN_SECONDS), *extra = event ? strstr(event, "\"@extra\":") : NULL;
        if (!event)
            die("no answer", NULL);
        if (!extra)
            continue;
        size_t caller = strtoul(extra + strlen("\"@extra\":"), NULL, 10);
        double at = now();
        failed += has(event, "\"@type\":\"error\"");
        if (n < TOOK_MAX)
            took[n++] = (float)(at - asked[caller]);
        if (at < end)
            asked[caller] = create(caller);
        else
            waiting--;
    }
    double spent = now() - begun;
    qsort(took, n, sizeof(*took), by_size);
    printf("{\"requests\": %zu, \"seconds\": %.6f, \"failed\": %zu, \"p50_us\": %.0f, \"p99_us\": %.0f}\n", n, spent,
           failed, (double)took[n / 2] * 1e6, (double)took[n * 99 / 100] * 1e6);
}

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);

    if (!found)
        die("no", name);
    return found;
}

int main(int argc, char **argv)
{
    char line[128];
    size_t callers;
    double seconds;

    if (argc != 5 || (chats_n = strtoul(argv[4], NULL, 10)) > CHATS_MAX)
        die("usage: tdlib LIBTDJSON.so HOST:PORT KEY.pem CHATS", NULL);
    read_address(argv[2], &sandbox[0]);
    read_address(getenv("SANDBOX_DC2"), &sandbox[1]);
    char *path = realpath(argv[1], NULL);
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library)
        die("cannot load", argv[1]);
    *(void **)&create_client = symbol(library, "td_create_client_id");
    *(void **)&send_json = symbol(library, "td_send");
    *(void **)&receive_json = symbol(library, "td_receive");
    *(void **)&execute_json = symbol(library, "td_execute");
    replace_keys(path, argv[3]);
    log_in();
    find_chats();
    puts("{\"ready\": true}");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "%zu %lf", &callers, &seconds) != 2 || callers > chats_n)
            die("not to be done:", line);
        load(callers, seconds);
        fflush(stdout);
    }
    /* Its threads do not outlive an ordinary exit well. */
    _exit(0);
}

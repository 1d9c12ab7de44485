/* A sandbox alone, for tests of the sandbox itself: the flags of `tgcalld sandbox`, one JSON line when it is ready. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/sandbox/sandbox.h"

enum { SCHEMAS_MAX = 8 };

static const char *flag(const char *argument, const char *name, int *at, char **argv)
{
    return strcmp(argument, name) == 0 ? argv[++*at] : NULL;
}

static int serve(const struct sandbox_config *config)
{
    struct fault fault;
    struct sandbox *s;
    sigset_t set;
    int got;

    fault_clear(&fault);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (sandbox_start(config, &s, &fault)) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    json_t *line = sandbox_ready_line(s);
    json_dumpf(line, stdout, 0);
    putchar('\n');
    fflush(stdout);
    json_decref(line);
    sigwait(&set, &got);
    sandbox_stop(s);
    return 0;
}

int main(int argc, char **argv)
{
    struct tl_schema *schemas[SCHEMAS_MAX];
    const char *value;
    struct fault fault;
    struct sandbox_config config = {.listen = "127.0.0.1:0", .second = "127.0.0.1:0", .control = "127.0.0.1:0"};

    if (sodium_init() < 0)
        return 1;
    fault_clear(&fault);
    for (int i = 1; i + 1 < argc; i++) {
        const char *a = argv[i];
        if ((value = flag(a, "--listen", &i, argv))) {
            config.listen = value;
        } else if ((value = flag(a, "--second", &i, argv))) {
            config.second = value;
        } else if ((value = flag(a, "--control", &i, argv))) {
            config.control = value;
        } else if ((value = flag(a, "--key", &i, argv))) {
            config.key_path = value;
        } else if ((value = flag(a, "--chats", &i, argv))) {
            config.chats = (unsigned)atoi(value);
        } else if ((value = flag(a, "--seed", &i, argv))) {
            config.seeded = true;
            config.seed = strtoull(value, NULL, 10);
        } else if ((value = flag(a, "--schema", &i, argv)) && config.schemas_n < SCHEMAS_MAX) {
            if (tl_schema_read(value, &schemas[config.schemas_n], &fault)) {
                fprintf(stderr, "%s:%u:%u: %s\n", value, fault.line, fault.column, fault.text);
                return 2;
            }
            config.schemas_n++;
        }
    }
    config.schemas = (const struct tl_schema *const *)schemas;
    int status = config.key_path ? serve(&config) : 2;
    for (size_t i = 0; i < config.schemas_n; i++)
        tl_schema_free(schemas[i]);
    return status;
}

/* main() of a fuzz target as a test: every file of tests/fuzz/corpus/TARGET (or the files and folders named on the
 * command line) is run once. TAP with one line. Whatever a target finds wrong ends the process. */
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static unsigned inputs;

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;

    if (!f || fstat(fileno(f), &st) < 0) {
        printf("Bail out! %s cannot be read\n", path);
        exit(1);
    }
    /* Exactly as large as the input, so that a sanitizer or valgrind sees a read past its end. */
    uint8_t *data = malloc(st.st_size ? (size_t)st.st_size : 1);
    size_t len = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
    fclose(f);
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    inputs++;
}

static void run(const char *path)
{
    struct dirent **names;
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        run_file(path);
        return;
    }
    int n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char inner[PATH_MAX];
        if (names[i]->d_name[0] != '.' && snprintf(inner, sizeof(inner), "%s/%s", path, names[i]->d_name) < PATH_MAX)
            run_file(inner);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* ".../test_fuzz_gzip" → "gzip" */
static const char *target_of(const char *program)
{
    static const char prefix[] = "test_fuzz_";
    const char *name = strrchr(program, '/');

    name = name ? name + 1 : program;
    return strncmp(name, prefix, sizeof(prefix) - 1) == 0 ? name + sizeof(prefix) - 1 : name;
}

int main(int argc, char **argv)
{
    const char *top = getenv("TGCALLD_SRCDIR"), *target = target_of(argv[0]);
    char folder[PATH_MAX];

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top ? top : TGCALLD_SOURCE_DATADIR, target);
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    if (argc == 1)
        run(folder);
    printf("%sok 1 - fuzz target %s: %u inputs\n", inputs ? "" : "not ", target, inputs);
    return inputs ? 0 : 1;
}

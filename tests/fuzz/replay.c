/* replay.c - without libFuzzer: run the inputs of a folder once each. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

enum { INPUT_BYTES_MAX = 1 << 20 };

static int run_file(const char *path)
{
    static uint8_t bytes[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, count);
    return 0;
}

int main(int argc, char **argv)
{
    int run_count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            perror(argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (run_file(path))
                return 1;
            run_count++;
        }
        closedir(folder);
    }
    printf("%d inputs ran clean\n", run_count);
    return run_count == 0;
}

/* options.c - see options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../series.h"
#include "say.h"

enum { KEPT_USUALLY = 3 };

/* A number with k, M or G, of 1024 each. */
static int read_number(const char *text, uint64_t most, uint64_t *ret)
{
    static const char units[] = "kMG";
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (unit)
        end++;
    if (errno || end == text || *end != 0 || text[0] == '-' ||
        value > most >> shift) {
        say("%s: not a number up to %llu", text, (unsigned long long)most);
        return -EINVAL;
    }
    *ret = value << shift;
    return 0;
}

const char *mode_name(enum transfer_mode mode)
{
    static const char *const names[TRANSFER_MODES] = {
        [TRANSFER_STOP] = "stop",
        [TRANSFER_PRECOPY] = "precopy",
        [TRANSFER_POSTCOPY] = "postcopy",
        [TRANSFER_HYBRID] = "hybrid",
    };
    return names[mode];
}

static int read_mode(const char *text, enum transfer_mode *ret)
{
    for (int i = 0; i < TRANSFER_MODES; i++)
        if (strcmp(text, mode_name((enum transfer_mode)i)) == 0) {
            *ret = (enum transfer_mode)i;
            return 0;
        }
    say("%s: no such mode, say stop, precopy, postcopy or hybrid", text);
    return -EINVAL;
}

/* For the way home and on: home alone can keep pages for later. */
static int read_mode_back(const char *text, enum transfer_mode *ret)
{
    int error = read_mode(text, ret);
    if (!error && transfer_may_owe(*ret)) {
        say("%s: only the way out of home can be so, see docs/homenode.md",
            text);
        error = -EINVAL;
    }
    return error;
}

static int read_rounds(const char *text, uint32_t *ret)
{
    uint64_t rounds = 0;
    int error = read_number(text, 1000, &rounds);
    if (!error && rounds == 0) {
        say("no round is --mode stop or postcopy");
        error = -EINVAL;
    }
    *ret = (uint32_t)rounds;
    return error;
}

static int read_lease(const char *text, uint64_t *ret_us)
{
    uint64_t ms = 0;
    int error = read_number(text, 3600000, &ms);
    if (!error && ms == 0) {
        say("a lease of no time is none");
        error = -EINVAL;
    }
    if (!error)
        *ret_us = ms * 1000;
    return error;
}

int options_serve(int count, char **arguments, struct serve_options *ret)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"cgroup", required_argument, NULL, 'g'},
        {"memory", required_argument, NULL, 'm'},
        {"cpu", required_argument, NULL, 'c'},
        {"mode", required_argument, NULL, 'o'},
        {"rounds", required_argument, NULL, 'N'},
        {"lease", required_argument, NULL, 'L'},
        {"control", required_argument, NULL, 'C'},
        {0}};
    uint64_t value = 0;
    int error = 0;
    int option;
    *ret = (struct serve_options){
        .guest = {.parts_needed = 1U << SANDBOX_FILTER,
                  .transfer = transfer_limits_usual(TRANSFER_STOP),
                  .lease_us = LINK_LEASE_US}};
    while (!error &&
           (option = getopt_long(count, arguments, "+", options, NULL)) != -1)
        switch (option) {
            case 'l':
                ret->listen = optarg;
                break;
            case 'g':
                ret->guest.limits.cgroup = optarg;
                break;
            case 'm':
                error = read_number(optarg, UINT64_C(1) << 50, &value);
                ret->guest.limits.memory_bytes = value;
                break;
            case 'c':
                error = read_number(optarg, 1000000, &value);
                ret->guest.limits.cpu_milli = (uint32_t)value;
                break;
            case 'o':
                error = read_mode_back(optarg, &ret->guest.transfer.mode);
                break;
            case 'N':
                error = read_rounds(optarg, &ret->guest.transfer.rounds_max);
                break;
            case 'L':
                error = read_lease(optarg, &ret->guest.lease_us);
                break;
            case 'C':
                ret->control = optarg;
                break;
            default:
                error = -EINVAL;
        }
    if (!error && (!ret->listen || optind != count)) {
        say("say where: --listen ADDR:PORT, nothing else");
        error = -EINVAL;
    }
    return error;
}

static int add_host(struct run_options *ret, const char *host)
{
    if (ret->host_count == HOSTS_MAX) {
        say("more than %d hosts", HOSTS_MAX);
        return -EINVAL;
    }
    ret->hosts[ret->host_count++] = host;
    return 0;
}

static int run_option(struct run_options *ret, int option)
{
    uint64_t value = 0;
    int error = 0;
    switch (option) {
        case 'h':
            return add_host(ret, optarg);
        case 'o':
            return read_mode(optarg, &ret->deputy.transfer.mode);
        case 'N':
            return read_rounds(optarg, &ret->deputy.transfer.rounds_max);
        case 'a':
            ret->away = true;
            return 0;
        case 'e':
            error = read_number(optarg, 86400000, &value);
            ret->every_ms = (uint32_t)value;
            return error;
        case 'n':
            return read_number(optarg, UINT64_C(1) << 40, &ret->moves_max);
        case 'L':
            return read_lease(optarg, &ret->deputy.lease_us);
        case 's':
            error = read_number(optarg, 1000000, &value);
            ret->deputy.spin_us = (uint32_t)value;
            return error;
        case 'C':
            error = read_number(optarg, 86400000, &value);
            ret->children = true;
            ret->children_ms = (uint32_t)value;
            return error;
        case 'k':
            error = read_number(optarg, UINT32_MAX, &value);
            ret->is_child = true;
            ret->filter_count = (uint32_t)value;
            return error;
        case 'R':
            ret->rule = optarg;
            return 0;
        case 'r':
            ret->report = optarg;
            return 0;
        case 'c':
            ret->control = optarg;
            return 0;
        default:
            return -EINVAL;
    }
}

int options_run(int count,
                char **arguments,
                bool attach,
                struct run_options *ret)
{
    static const struct option options[] = {
        {"host", required_argument, NULL, 'h'},
        {"mode", required_argument, NULL, 'o'},
        {"rounds", required_argument, NULL, 'N'},
        {"away", no_argument, NULL, 'a'},
        {"every", required_argument, NULL, 'e'},
        {"moves", required_argument, NULL, 'n'},
        {"lease", required_argument, NULL, 'L'},
        {"spin", required_argument, NULL, 's'},
        {"children", required_argument, NULL, 'C'},
        {"child", required_argument, NULL, 'k'},
        {"rule", required_argument, NULL, 'R'},
        {"report", required_argument, NULL, 'r'},
        {"control", required_argument, NULL, 'c'},
        {0}};
    uint64_t process = 0;
    int error = 0;
    int option;
    *ret = (struct run_options){
        .deputy = {.transfer = transfer_limits_usual(TRANSFER_STOP),
                   .lease_us = LINK_LEASE_US},
        .moves_max = UINT64_MAX};
    while (!error &&
           (option = getopt_long(count, arguments, "+", options, NULL)) != -1)
        error = run_option(ret, option);
    if (error)
        return error;
    if (optind == count || (attach && optind + 1 != count)) {
        say(attach ? "say which process" : "say which command, behind --");
        return -EINVAL;
    }
    if (attach && ret->rule) {
        say("a rule is for a program that is begun, not for one that runs");
        return -EINVAL;
    }
    if (!attach && ret->is_child) {
        say("--child is for a process that runs");
        return -EINVAL;
    }
    if (attach) {
        error = read_number(arguments[optind], INT32_MAX, &process);
        ret->process = (pid_t)process;
    } else {
        ret->command = &arguments[optind];
    }
    return error;
}

static int add_file(struct file_options *ret, const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    bool right = end != text && number >= 0 && number < 1 << 20 &&
                 (*end == 0 || *end == '=');
    if (!right || ret->file_count == FILE_OPTIONS_MAX) {
        say("%s: not a descriptor, or NUMBER=PATH", text);
        return -EINVAL;
    }
    ret->files[ret->file_count++] = (struct file_option){
        .number = (int)number, .path = *end == '=' ? end + 1 : NULL};
    return 0;
}

/* The words stand before, between or behind the options. */
int options_files(int count, char **arguments, struct file_options *ret)
{
    static const struct option options[] = {
        {"fd", required_argument, NULL, 'f'},
        {"same-pid", no_argument, NULL, 's'},
        {"every", required_argument, NULL, 'e'},
        {"keep", required_argument, NULL, 'k'},
        {"criu", required_argument, NULL, 'c'},
        {0}};
    uint64_t every_ms = 0;
    int error = 0;
    int option;
    *ret = (struct file_options){.keep = KEPT_USUALLY};
    while (!error &&
           (option = getopt_long(count, arguments, "-", options, NULL)) != -1)
        switch (option) {
            case 'f':
                error = add_file(ret, optarg);
                break;
            case 's':
                ret->same_pid = true;
                break;
            case 'e':
                error = read_number(optarg, 86400000, &every_ms);
                break;
            case 'k':
                error = read_number(optarg, SERIES_NUMBER_MAX, &ret->keep);
                break;
            case 'c':
                ret->criu = optarg;
                break;
            case 1:
                if (ret->word_count < 2)
                    ret->words[ret->word_count] = optarg;
                ret->word_count++;
                break;
            default:
                error = -EINVAL;
        }
    ret->every_ms = (uint32_t)every_ms;
    if (!error && (ret->keep == 0 || (ret->criu && every_ms > 0))) {
        say(ret->keep == 0 ? "keep at least one"
                           : "CRIU saves once, not every so often");
        error = -EINVAL;
    }
    return error;
}

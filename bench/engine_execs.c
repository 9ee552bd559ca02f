/* engine_execs.c - completions per CPU second of sim/cpu.c.
 *
 * Usage: engine_execs [HOSTS [PER_HOST [COMPLETIONS]]]. Every host runs
 * PER_HOST exponential tasks; each that ends is followed by another there.
 * simgrid_execs.cpp does the same on bare SimGrid, with the same random works:
 * the last dates must agree.
 */
#include <stdlib.h>

#include "../sim/cpu.h"
#include "measure.h"

int main(int argc, char **argv)
{
    uint32_t host_count =
        argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
    uint32_t per_host = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10;
    uint64_t end_count = argc > 3 ? strtoull(argv[3], NULL, 10) : 4000000;
    uint64_t seed = 1;
    struct cpu *cpu = cpu_create(host_count);
    double begun_s = cpu_seconds();
    for (uint32_t i = 0; i < host_count * per_host; i++)
        cpu_add(cpu, 0, i / per_host, i, random_exponential(&seed, 10), 1, 1);
    double date = 0;
    for (uint64_t i = 0; i < end_count; i++) {
        uint32_t host;
        date = cpu_next(cpu);
        uint32_t task = cpu_pop(cpu, &host);
        cpu_add(cpu, date, host, task, random_exponential(&seed, 10), 1, 1);
    }
    double spent_s = cpu_seconds() - begun_s;
    cpu_destroy(cpu);
    print_figure("engine_completions_per_s", (double)end_count / spent_s,
                 "completions per CPU second");
    print_figure("engine_execs_last_date", date, "simulated seconds");
    print_figure("engine_execs_memory", peak_mebibytes(), "MiB");
    return EXIT_SUCCESS;
}

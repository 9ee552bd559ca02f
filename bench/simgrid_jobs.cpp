/* simgrid_jobs.cpp - jobs of an SWF file on bare SimGrid, an actor for each.
 *
 * Usage: simgrid_jobs FILE.swf [NODES [RULE [WAY]]]. WAY `upfront`, the
 * default, creates all actors at the start, each sleeping until its job's date:
 * what one writes first. `fed` creates each at its date, from one more actor:
 * as fast as an actor for each job gets.
 */
#include "grid.hpp"
#include "jobs.h"
#include "measure.h"

namespace s4u = simgrid::s4u;

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: simgrid_jobs FILE.swf [NODES [RULE]]\n");
        return 2;
    }
    const double begun_s = cpu_seconds();
    const auto node_count =
        argc > 2 ? static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10))
                 : 1000;
    size_t job_count = 0;
    job *jobs = jobs_read(argv[1], argc > 3 ? argv[3] : "round_robin",
                          node_count, &job_count);
    auto *engine = grid_engine();
    const auto hosts = grid_hosts(engine, node_count);
    double responses_s = 0;
    const auto start = [&](const job &one) {
        grid_actor(hosts[one.node], [one, &responses_s] {
            s4u::this_actor::sleep_until(one.submit_s);
            s4u::this_actor::execute(one.work_s * 1e9);
            responses_s += s4u::Engine::get_clock() - one.submit_s;
        });
    };
    if (argc > 4 && std::string(argv[4]) == "fed")
        grid_actor(hosts[0], [&] {
            for (size_t i = 0; i < job_count; i++) {
                s4u::this_actor::sleep_until(jobs[i].submit_s);
                start(jobs[i]);
            }
        });
    else
        for (size_t i = 0; i < job_count; i++)
            start(jobs[i]);
    engine->run();
    const double spent_s = cpu_seconds() - begun_s;
    free(jobs);
    const auto count = static_cast<double>(job_count);
    print_figure("simgrid_jobs", count, "jobs");
    print_figure("simgrid_jobs_cpu", spent_s, "CPU seconds");
    print_figure("simgrid_jobs_per_s", count / spent_s, "jobs per CPU second");
    print_figure("simgrid_mean_response", responses_s / count, "s");
    return EXIT_SUCCESS;
}

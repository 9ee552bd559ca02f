/* simgrid_execs.cpp - completions per CPU second of bare SimGrid, by its
 * fastest way: in 4.x execs that maestro starts and whose completion calls
 * back; in 3.32, where that costs O(execs) for each, an actor per process.
 *
 * Usage: simgrid_execs [HOSTS [PER_HOST [COMPLETIONS]]], as engine_execs.c.
 */
#include <cstdlib>

#include "grid.hpp"
#include "measure.h"

namespace s4u = simgrid::s4u;

namespace {

struct state
{
    uint64_t seed = 1;
    uint64_t end_count = 0;
    uint64_t wanted = 0;
    double last_date = 0;

    double work()
    {
        return random_exponential(&seed, 10) * 1e9;
    }

    /* One has ended. Is it the last that is wanted? */
    bool count()
    {
        last_date = s4u::Engine::get_clock();
        return ++end_count == wanted;
    }
};

#if SIMGRID_VERSION >= 40000

void start(state *s, s4u::Host *host)
{
    auto exec = s4u::Exec::init();
    exec->set_flops_amount(s->work());
    exec->on_this_completion_cb([s, host](const s4u::Exec &) {
        if (s->end_count < s->wanted && !s->count())
            start(s, host);
    });
    exec->set_host(host);
    exec->detach();
}

#else

void start(state *s, s4u::Host *host)
{
    grid_actor(host, [s] {
        do
            s4u::this_actor::execute(s->work());
        while (!s->count());
        s4u::Actor::kill_all();
    });
}

#endif

}  // namespace

int main(int argc, char **argv)
{
    const unsigned long host_count =
        argc > 1 ? strtoul(argv[1], nullptr, 10) : 1000;
    const unsigned long per_host =
        argc > 2 ? strtoul(argv[2], nullptr, 10) : 10;
    state s;
    s.wanted = argc > 3 ? strtoull(argv[3], nullptr, 10) : 200000;
    auto *engine = grid_engine();
    const auto hosts = grid_hosts(engine, static_cast<unsigned>(host_count));
    const double begun_s = cpu_seconds();
    for (auto *host : hosts)
        for (unsigned long i = 0; i < per_host; i++)
            start(&s, host);
    engine->run();
    const double spent_s = cpu_seconds() - begun_s;
    print_figure("simgrid_completions_per_s",
                 static_cast<double>(s.wanted) / spent_s,
                 "completions per CPU second");
    print_figure("simgrid_execs_last_date", s.last_date, "simulated seconds");
    print_figure("simgrid_execs_memory", peak_mebibytes(), "MiB");
    return EXIT_SUCCESS;
}

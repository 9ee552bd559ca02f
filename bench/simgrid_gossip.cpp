/* simgrid_gossip.cpp - gossip as SimGrid comms: on each node one actor sends
 * 1 KB a second to a random other, and one receives.
 *
 * Usage: simgrid_gossip [NODES [MESSAGES]], as engine_gossip.c.
 */
#include <cstdlib>

#include "grid.hpp"
#include "measure.h"

namespace s4u = simgrid::s4u;

int main(int argc, char **argv)
{
    const auto node_count =
        argc > 1 ? static_cast<unsigned>(strtoul(argv[1], nullptr, 10)) : 1000;
    const uint64_t message_count =
        argc > 2 ? strtoull(argv[2], nullptr, 10) : 100000;
    auto *engine = grid_engine();
    const auto hosts = grid_hosts(engine, node_count);
    std::vector<s4u::Mailbox *> boxes;
    for (unsigned i = 0; i < node_count; i++)
        boxes.push_back(s4u::Mailbox::by_name("m" + std::to_string(i)));
    uint64_t seed = 1;
    uint64_t arrived = 0;
    char word = 0;
    const double begun_s = cpu_seconds();
    for (unsigned i = 0; i < node_count; i++) {
        grid_actor(hosts[i], [&, i] {
            s4u::this_actor::sleep_for(random_unit(&seed));
            for (;;) {
                auto target = static_cast<unsigned>(random_bits(&seed) %
                                                    (node_count - 1));
                target += i <= target;
                boxes[target]->put_init(&word, 1000)->detach();
                s4u::this_actor::sleep_for(1);
            }
        });
        grid_actor(hosts[i], [&, i] {
            boxes[i]->set_receiver(s4u::Actor::self());
            while (arrived < message_count) {
                boxes[i]->get<char>();
                arrived++;
            }
            s4u::Actor::kill_all();
        });
    }
    engine->run();
    const double spent_s = cpu_seconds() - begun_s;
    print_figure("simgrid_messages_per_s",
                 static_cast<double>(arrived) / spent_s,
                 "messages per CPU second");
    print_figure("simgrid_gossip_last_date", s4u::Engine::get_clock(),
                 "simulated seconds");
    return EXIT_SUCCESS;
}

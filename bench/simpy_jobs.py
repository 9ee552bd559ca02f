#!/usr/bin/python3
"""Jobs of an SWF file on processor-sharing nodes in SimPy 2.3, by virtual time:
one server process for each node, one heap of finish marks.

Usage: simpy_jobs.py FILE.swf [NODES [RULE]]
"""
import heapq
import resource
import sys

from SimPy.Simulation import Process, Simulation, hold, passivate


def read_jobs(path, rule, node_count):
    """Submit time, work and node of each row, as jobs.h reads them."""
    jobs = []
    with open(path) as file:
        for line in file:
            if line.startswith(";"):
                continue
            fields = line.split()
            if len(fields) < 18:
                continue
            cpu = float(fields[5])
            work = cpu if cpu > 0 else float(fields[3])
            if rule == "user":
                node = int(fields[11]) % node_count
            elif rule == "partition":
                node = (int(fields[15]) - 1) % node_count
            else:
                node = len(jobs) % node_count
            jobs.append((float(fields[1]), work, node))
    return jobs


class Node(Process):
    """Serves its jobs at equal shares; `marks` are (finish mark, submit)."""

    def __init__(self, sim):
        Process.__init__(self, sim=sim)
        self.marks = []
        self.virtual = 0.0
        self.updated = 0.0
        self.response = 0.0

    def advance(self, now):
        if self.marks:
            self.virtual += (now - self.updated) / len(self.marks)
        self.updated = now

    def arrive(self, submit, work):
        self.advance(submit)
        heapq.heappush(self.marks, (self.virtual + work, submit))
        self.sim.reactivate(self)

    def serve(self):
        due = None
        while True:
            now = self.sim.now()
            self.advance(now)
            if due is not None and self.marks and now >= due:
                mark, submit = heapq.heappop(self.marks)
                self.virtual = mark
                self.response += now - submit
            if self.marks:
                left = max(0.0, self.marks[0][0] - self.virtual)
                due = now + left * len(self.marks)
                yield hold, self, due - now
            else:
                self.virtual = 0.0
                due = None
                yield passivate, self


class Source(Process):
    def run(self, jobs, nodes):
        for submit, work, node in jobs:
            yield hold, self, submit - self.sim.now()
            nodes[node].arrive(submit, work)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: simpy_jobs.py FILE.swf [NODES [RULE]]")
    node_count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rule = sys.argv[3] if len(sys.argv) > 3 else "round_robin"
    jobs = read_jobs(sys.argv[1], rule, node_count)
    sim = Simulation()
    nodes = [Node(sim) for _ in range(node_count)]
    for node in nodes:
        sim.activate(node, node.serve())
    source = Source(sim=sim)
    sim.activate(source, source.run(jobs, nodes))
    sim.simulate(until=1e15)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    response = sum(node.response for node in nodes) / len(jobs)
    for name, value, unit in (
        ("simpy_jobs", len(jobs), "jobs"),
        ("simpy_jobs_cpu", spent, "CPU seconds"),
        ("simpy_jobs_per_s", len(jobs) / spent, "jobs per CPU second"),
        ("simpy_mean_response", response, "s"),
    ):
        print("%s\t%.17g\t%s" % (name, value, unit))


main()

#!/usr/bin/python3
"""Jobs of an SWF file on processor-sharing nodes in SimPy 3, by virtual time: a
heap of finish marks for each node.

Usage: simpy3_jobs.py FILE.swf [NODES [RULE [WAY]]]. WAY `processes`, the default:
a process for each node, which an arrival interrupts, as the SimPy manual has it.
`callbacks`: timeouts with callbacks and no processes, which is the least that
SimPy 3 does for an event.
"""
import resource
import sys
from heapq import heappop, heappush

import simpy


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


class ServedNode:
    """Serves its jobs at equal shares; `marks` are (finish mark, submit)."""

    def __init__(self, env):
        self.env = env
        self.marks = []
        self.virtual = 0.0
        self.updated = 0.0
        self.response = 0.0
        self.process = env.process(self.serve())

    def advance(self):
        now = self.env.now
        if self.marks:
            self.virtual += (now - self.updated) / len(self.marks)
        else:
            self.virtual = 0.0
        self.updated = now

    def arrive(self, submit, work):
        self.advance()
        heappush(self.marks, (self.virtual + work, submit))
        self.process.interrupt()

    def serve(self):
        while True:
            try:
                if self.marks:
                    left = (self.marks[0][0] - self.virtual) * len(self.marks)
                    yield self.env.timeout(max(0.0, left))
                    self.virtual, submit = heappop(self.marks)
                    self.updated = self.env.now
                    self.response += self.env.now - submit
                else:
                    yield self.env.event()
            except simpy.Interrupt:
                pass


class AlarmedNode:
    """Serves its jobs at equal shares; `marks` are (finish mark, submit).

    A timeout cannot be taken back. An arrival mostly makes the next end later,
    so the one under way is kept and looks again when it comes; only an earlier
    end needs a new one, and then the old one is no longer `alarm`.
    """

    __slots__ = ("env", "marks", "virtual", "updated", "response", "alarm", "due", "date")

    def __init__(self, env):
        self.env = env
        self.marks = []
        self.virtual = 0.0
        self.updated = 0.0
        self.response = 0.0
        self.alarm = None
        self.due = 0.0
        self.date = 0.0

    def plan(self, now):
        """When the first job ends if nothing changes; see that we look then."""
        marks = self.marks
        left = (marks[0][0] - self.virtual) * len(marks)
        self.due = due = now + left if left > 0.0 else now
        if self.alarm is None or due < self.date:
            self.alarm = alarm = self.env.timeout(due - now)
            self.date = due
            alarm.callbacks.append(self.look)

    def arrive(self, now, work):
        marks = self.marks
        if marks:
            self.virtual += (now - self.updated) / len(marks)
        else:
            self.virtual = 0.0
        self.updated = now
        heappush(marks, (self.virtual + work, now))
        self.plan(now)

    def look(self, alarm):
        if alarm is not self.alarm:
            return
        self.alarm = None
        now = self.env._now
        marks = self.marks
        if self.date < self.due:
            self.virtual += (now - self.updated) / len(marks)
        else:
            self.virtual, submit = heappop(marks)
            self.response += now - submit
        self.updated = now
        if marks:
            self.plan(now)


def submit(env, jobs, nodes):
    for date, work, node in jobs:
        now = env._now
        if now < date:
            yield env.timeout(date - now)
        nodes[node].arrive(date, work)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: simpy3_jobs.py FILE.swf [NODES [RULE [WAY]]]")
    node_count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rule = sys.argv[3] if len(sys.argv) > 3 else "round_robin"
    jobs = read_jobs(sys.argv[1], rule, node_count)
    way = sys.argv[4] if len(sys.argv) > 4 else "processes"
    env = simpy.Environment()
    kind = {"processes": ServedNode, "callbacks": AlarmedNode}[way]
    nodes = [kind(env) for _ in range(node_count)]
    env.process(submit(env, jobs, nodes))
    env.run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    response = sum(node.response for node in nodes) / len(jobs)
    for name, value, unit in (
        ("simpy3_jobs", len(jobs), "jobs"),
        ("simpy3_jobs_cpu", spent, "CPU seconds"),
        ("simpy3_jobs_per_s", len(jobs) / spent, "jobs per CPU second"),
        ("simpy3_mean_response", response, "s"),
    ):
        print("%s\t%.17g\t%s" % (name, value, unit))


main()

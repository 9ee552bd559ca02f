/* Real processes go where real nodes decide, through real deputies and
 * guardians; whatever happens to the daemons between, each ends once, with what
 * it writes when nobody disturbs it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "movers.h"
#include "tests/suite.h"

struct story
{
    struct movers *w;
    const char *right; /* NULL: as many lines as nobody disturbs. */
    pid_t pid;
    proc_id proc;
};

/* A process computes until the end of the story. */
static struct story begin(void)
{
    alarm(LIMIT_S);
    struct story s = {.w = movers_create()};
    s.pid = movers_launch(s.w, 1, "compute_on", "20");
    CU_ASSERT_FATAL(movers_await(s.w, 1, "home", &s.proc));
    return s;
}

/* What a mover or a node still has. */
static size_t left(const struct movers *w)
{
    size_t all = movers_left(w);
    for (int i = 0; i < NODES; i++) {
        size_t count;
        node_procs(w->machines[i].node, &count);
        all += count;
        node_away(w->machines[i].node, &count);
        all += count;
    }
    return all;
}

static void say_enough(const struct story *s)
{
    char path[sizeof s->w->place.out + sizeof ".enough"];
    snprintf(path, sizeof path, "%s.enough", s->w->place.out);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void forget_enough(const struct story *s)
{
    char path[sizeof s->w->place.out + sizeof ".enough"];
    snprintf(path, sizeof path, "%s.enough", s->w->place.out);
    unlink(path);
}

static void wrote_what_is_right(const struct story *s)
{
    char count[32];
    char *text = contents(s->w->place.out);
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    snprintf(count, sizeof count, "%zu", lines);
    char *right = s->right ? strdup(s->right) : undisturbed("compute", count);
    CU_ASSERT_STRING_EQUAL(text, right);
    free(right);
    free(text);
}

/* It ends well, and nothing is left of it at any node. */
static void end(struct story *s)
{
    say_enough(s);
    CU_ASSERT_EQUAL(movers_end(s->w, s->pid), RIGHT);
    wrote_what_is_right(s);
    forget_enough(s);
    for (int i = 0; i < 150 && left(s->w) > 0; i++)
        movers_pass(s->w, 100000);
    CU_ASSERT_EQUAL(left(s->w), 0);
    movers_destroy(s->w);
}

static void move(struct story *s, node_id from, node_id to)
{
    movers_event(
        s->w, from,
        (struct event){.kind = EVENT_MOVE, .proc = s->proc, .peer = to});
    CU_ASSERT_FATAL(
        movers_await(s->w, to, to == 1 ? "home" : "running", &s->proc));
}

static void a_process_that_stays_is_submitted_run_and_ended(void)
{
    struct story s = begin();
    CU_ASSERT_EQUAL(s.w->actions[ACTION_RUN], 1);
    end(&s);
}

static void the_node_moves_it_its_host_moves_it_on_home_recalls_it(void)
{
    struct story s = begin();
    move(&s, 1, 2);
    move(&s, 2, 3);
    CU_ASSERT(movers_await(s.w, 1, "away", &s.proc));
    movers_event(s.w, 1, (struct event){.kind = EVENT_RECALL, .proc = s.proc});
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    CU_ASSERT_EQUAL(s.w->actions[ACTION_MOVED], 3);
    CU_ASSERT_EQUAL(s.w->events[EVENT_SUBMIT], 1);
    end(&s);
}

static void it_ends_where_it_is(void)
{
    struct story s = begin();
    move(&s, 1, 2);
    end(&s);
}

static void its_user_freezes_it_and_thaws_it(void)
{
    struct story s = begin();
    movers_event(s.w, 1, (struct event){.kind = EVENT_FREEZE, .proc = s.proc});
    movers_pass(s.w, 300000);
    size_t bytes = file_bytes(s.w->place.out);
    movers_pass(s.w, 500000);
    CU_ASSERT_EQUAL(file_bytes(s.w->place.out), bytes);
    movers_event(s.w, 1, (struct event){.kind = EVENT_THAW, .proc = s.proc});
    end(&s);
}

/* It counts, has the shell fork, and counts down. */
static void a_call_that_home_makes_is_a_wish_of_its_hosts_node(void)
{
    alarm(LIMIT_S);
    struct story s = {.right = "0\n", .w = movers_create()};
    s.pid = movers_shell(s.w, 1,
                         "n=0; while [ $n -lt 800000 ]; do n=$((n+1)); done; "
                         "/bin/true; "
                         "while [ $n -gt 0 ]; do n=$((n-1)); done; "
                         "echo $n >$0; exit 3");
    CU_ASSERT_FATAL(movers_await(s.w, 1, "home", &s.proc));
    move(&s, 1, 2);
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    CU_ASSERT_EQUAL(s.w->events[EVENT_MOVE], 2);
    CU_ASSERT_EQUAL(s.w->events[EVENT_SUBMIT], 1); /* By the ledger. */
    CU_ASSERT_EQUAL(s.w->actions[ACTION_MOVED], 2);
    end(&s);
}

static void a_verdict_of_drop_lets_it_go_on_at_its_source(void)
{
    struct story s = begin();
    s.w->machines[1].drops = true;
    movers_event(s.w, 1,
                 (struct event){.kind = EVENT_MOVE, .proc = s.proc, .peer = 2});
    CU_ASSERT(movers_await_count(s.w, &s.w->events[EVENT_SUBMIT], 2));
    CU_ASSERT_EQUAL(s.w->events[EVENT_IMAGE], 1);
    s.w->machines[1].drops = false;
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    /* The ledger had given it away, and has it again. */
    end(&s);
}

static void a_target_that_is_not_reached_is_no_target(void)
{
    struct story s = begin();
    s.w->machines[1].deaf = true;
    movers_event(s.w, 1,
                 (struct event){.kind = EVENT_MOVE, .proc = s.proc, .peer = 2});
    CU_ASSERT(movers_await_count(s.w, &s.w->actions[ACTION_FAILED], 1));
    CU_ASSERT_EQUAL(s.w->events[EVENT_IMAGE], 0);
    end(&s);
}

static void a_new_daemon_of_its_home_adopts_what_is_at_home(void)
{
    struct story s = begin();
    movers_kill(s.w, 1);
    movers_pass(s.w, 300000);
    movers_begin(s.w, 1);
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    move(&s, 1, 2);
    end(&s);
}

static void a_new_daemon_of_its_home_adopts_what_is_away(void)
{
    struct story s = begin();
    move(&s, 1, 2);
    movers_kill(s.w, 1);
    movers_pass(s.w, 2500000); /* The host's words are not heard. */
    movers_begin(s.w, 1);
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    move(&s, 1, 3);
    end(&s);
}

static void a_new_daemon_of_its_host_has_home_fetch_it(void)
{
    struct story s = begin();
    move(&s, 1, 2);
    movers_kill(s.w, 2);
    movers_pass(s.w, 500000);
    movers_begin(s.w, 2);
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    move(&s, 1, 2);
    end(&s);
}

static void both_daemons_begin_anew_at_once(void)
{
    struct story s = begin();
    move(&s, 1, 2);
    movers_kill(s.w, 1);
    movers_kill(s.w, 2);
    movers_pass(s.w, 500000);
    movers_begin(s.w, 2);
    movers_begin(s.w, 1);
    CU_ASSERT(movers_await(s.w, 1, "home", &s.proc));
    end(&s);
}

static void a_daemon_that_dies_amid_a_move_loses_nothing(void)
{
    for (node_id who = 1; who <= 2; who++)
        for (usec_t after_us = 2000; after_us < 200000; after_us *= 3) {
            struct story s = begin();
            movers_event(
                s.w, 1,
                (struct event){.kind = EVENT_MOVE, .proc = s.proc, .peer = 2});
            movers_pass(s.w, after_us);
            movers_kill(s.w, who);
            movers_pass(s.w, 200000);
            movers_begin(s.w, who);
            end(&s);
        }
}

SUITE_MAIN("node_mover",
           {"a process that stays is submitted, run, and ended",
            a_process_that_stays_is_submitted_run_and_ended},
           {"the node moves it, its host moves it on, home recalls it",
            the_node_moves_it_its_host_moves_it_on_home_recalls_it},
           {"it ends where it is", it_ends_where_it_is},
           {"its user freezes it and thaws it",
            its_user_freezes_it_and_thaws_it},
           {"a call that home makes is a wish of its host's node",
            a_call_that_home_makes_is_a_wish_of_its_hosts_node},
           {"a verdict of DROP lets it go on at its source",
            a_verdict_of_drop_lets_it_go_on_at_its_source},
           {"a target that is not reached is no target",
            a_target_that_is_not_reached_is_no_target},
           {"a new daemon of its home adopts what is at home",
            a_new_daemon_of_its_home_adopts_what_is_at_home},
           {"a new daemon of its home adopts what is away",
            a_new_daemon_of_its_home_adopts_what_is_away},
           {"a new daemon of its host has home fetch it",
            a_new_daemon_of_its_host_has_home_fetch_it},
           {"both daemons begin anew at once", both_daemons_begin_anew_at_once},
           {"a daemon that dies amid a move loses nothing",
            a_daemon_that_dies_amid_a_move_loses_nothing})

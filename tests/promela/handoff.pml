/* handoff.pml - the page algorithms/node/handoff.h as a model for spin.
 *
 * One process, three nodes, node 0 its home; each may be source or target.
 * A kind of frame is a set of epochs for each node: bit e of `claim[2]` is a
 * claim of node 2 for epoch e. An epoch has one owner for ever, so `owner[e]`
 * stands for the place that a verdict of epoch e names.
 *
 * Safety (default): what was said once may be heard at any time, often, or
 * never, and every timer may ring at any time: loss, doubling and overtaking
 * without limit. Verdicts and queries may be heard by whom the home could have
 * told them, and an offer by any node: more than can happen, never less.
 *
 * Liveness (-DLIVENESS): a frame is heard once, but LOSSES frames are lost and
 * DOUBLES heard twice; when nothing is under way every timer rings. Then the
 * process settles: it runs where the ledger says, or the home has forgotten it
 * and nobody holds a copy.
 *
 * Restart (-DRESTART, safety only): once its home has forgotten the process, it
 * may begin again there with epoch BASE, above every epoch that it ever had.
 * Old copies, of lower epochs, may run until they hear of it; of the new one at
 * most one runs, it is not lost, and nothing that old copies say changes the
 * ledger.
 *
 * A refusal is an offer without an answer: the source runs on either way. STILL
 * and reserved room decide nothing about ownership. ENDED_HEARD is the verdict
 * that nobody owns it. Each of the mutants, MUTANT_*, must be caught.
 */
#define HOME 0
#define NODES 3
#define LAST 3 /* Highest epoch. */
#define BASE 2 /* Of a restart. */
#ifndef CRASHES
#define CRASHES 1
#endif

/* What a node holds of the process. */
#define NOTHING 0
#define RUNNING 1
#define OFFERED 2  /* Runs; waits for an answer to its offer. */
#define CARRYING 3 /* Runs; its image is on its way. */
#define STOPPED 4  /* Image carried, perhaps whole; waits for a verdict. */
#define ARRIVED 5  /* Whole image of another node; waits for a verdict. */
#define ENDING 6   /* It exited here; the home may not know yet. */
byte copy[NODES];
byte epoch[NODES];

/* The home's ledger. */
bool known = true;
byte place = HOME;
byte ledger_epoch = 0;

byte image[NODES]; /* On their way; the host doubles none. */
byte claim[NODES];
byte keep[NODES];
byte ended[NODES];
byte have_not[NODES];

/* For the invariants only. */
byte owner[LAST + 1];
byte youngest_run;
bool exited;
byte faults;
bool restarted;

#define SAID(set, n, e) ((set[n] & (1 << (e))) != 0)
#define ADD(set, n, e) set[n] = set[n] | (1 << (e))
#define REMOVE(set, n, e) set[n] = set[n] & ~(1 << (e))

#ifdef LIVENESS
#define LOSSES 1
#define DOUBLES 1
#define OFFERS 2 /* Else it could move for ever. */
byte target[NODES];
byte offer[NODES]; /* This and the next by target. */
byte accept[NODES];
byte ask[NODES];
byte word[NODES];
byte verdict[NODES];
byte gone[NODES]; /* The verdict that nobody owns it; bit 0. */
byte query[NODES];
bool asked[NODES];
byte losses = LOSSES;
byte doubles = DOUBLES;
byte offers = OFFERS;
#define SAY(set, n, e) \
    if \
    :: losses > 0 -> losses-- \
    :: ADD(set, n, e) \
    fi
#define TAKE(set, n, e) \
    if \
    :: doubles > 0 -> doubles-- \
    :: REMOVE(set, n, e) \
    fi
#define TELL(n) \
    if \
    :: known -> SAY(verdict, n, ledger_epoch) \
    :: else -> SAY(gone, n, 0) \
    fi
#define SAID_VERDICT(n, e) SAID(verdict, n, e)
#define SAID_QUERY(n, e) SAID(query, n, e)
#define SAID_GONE(n) SAID(gone, n, 0)
#define TAKE_VERDICT(n, e) TAKE(verdict, n, e)
#define TAKE_QUERY(n, e) TAKE(query, n, e)
#define TAKE_GONE(n) TAKE(gone, n, 0)
#else
#define SAY(set, n, e) ADD(set, n, e)
#define TAKE(set, n, e) skip
#define TELL(n) skip
#define SAID_VERDICT(n, e) (e <= ledger_epoch)
#define SAID_QUERY(n, e) (e <= ledger_epoch && owner[e] == n)
#define SAID_GONE(n) (!known)
#define TAKE_VERDICT(n, e) skip
#define TAKE_QUERY(n, e) skip
#define TAKE_GONE(n) skip
#endif

#define RUNS(n) (copy[n] >= RUNNING && copy[n] <= CARRYING)
#define OWNS(n) \
    (copy[n] != NOTHING && \
     (epoch[n] == ledger_epoch || \
      (copy[n] == STOPPED && epoch[n] + 1 == ledger_epoch)))
#ifdef RESTART
#define OLD(n) (restarted && epoch[n] < BASE)
#define RUNS_NOW(n) (RUNS(n) && !OLD(n))
#define FORGIVEN (faults > 0 && !restarted) /* The crash came before. */
#else
#define OLD(n) false
#define RUNS_NOW(n) RUNS(n)
#define FORGIVEN (faults > 0)
#endif
#define ONE_OWNER (RUNS_NOW(0) + RUNS_NOW(1) + RUNS_NOW(2) <= 1)
#define NO_LOSS (FORGIVEN || (known -> OWNS(place) : exited))

inline check()
{
    assert(ONE_OWNER);
    assert(NO_LOSS)
}

/* No node ever runs an image that is older than what already ran. */
inline resume(n, e)
{
#ifdef RESTART
    if
    :: restarted && e < BASE
    :: else -> assert(e >= youngest_run); youngest_run = e
    fi;
#else
    assert(e >= youngest_run);
    youngest_run = e;
#endif
    epoch[n] = e;
    copy[n] = RUNNING
}

inline drop(n)
{
    copy[n] = NOTHING;
    epoch[n] = 0
#ifdef LIVENESS
    ;
    target[n] = 0;
    asked[n] = false
#endif
}

/* ---- A node that holds, or may come to hold, a copy. --------------------- */

/* The source stops; from here its image may be whole, or never become so. */
inline stop(n, where)
{
    copy[n] = STOPPED;
    if
    :: ADD(image, where, epoch[n] + 1)
    :: skip
    fi
}

/* A verdict older than the copy speaks of an ownership that is over. */
inline hear_verdict(n, e)
{
    if
    :: copy[n] == STOPPED && owner[e] == n && e == epoch[n] + 1 -> resume(n, e)
    :: copy[n] == STOPPED && owner[e] != n && e > epoch[n] -> drop(n)
    :: copy[n] == ARRIVED && owner[e] == n && e == epoch[n] -> resume(n, e)
#ifdef MUTANT_OLD_VERDICT
    :: copy[n] == ARRIVED && owner[e] != n -> drop(n)
#else
    :: copy[n] == ARRIVED && owner[e] != n && e >= epoch[n] -> drop(n)
#endif
#ifdef RESTART
    :: RUNS(n) && OLD(n) && e >= BASE && owner[e] != n -> drop(n)
    :: RUNS(n) && OLD(n) && e < BASE /* Said before its home forgot it. */
    :: RUNS(n) && OLD(n) && e >= BASE && owner[e] == n
#endif
    :: else -> assert(!(RUNS(n) && e > epoch[n]))
    fi
}

inline hear_query(n, e)
{
    hear_verdict(n, e);
    if
    :: copy[n] == NOTHING -> SAY(have_not, n, e)
    :: else
    fi
}

inline hear_image(n, e)
{
    if
#ifdef RESTART /* Its host throws away what comes from before. */
    :: restarted && n == HOME && e <= BASE
    :: copy[n] == NOTHING && !(restarted && n == HOME && e <= BASE) ->
        copy[n] = ARRIVED;
        epoch[n] = e
#else
    :: copy[n] == NOTHING -> copy[n] = ARRIVED; epoch[n] = e
#endif
    :: else /* Thrown away; its source will want it back. */
    fi
}

/* What a node repeats until it is answered. */
inline repeat(n)
{
    if
#ifdef LIVENESS
    :: copy[n] == OFFERED -> copy[n] = RUNNING; accept[target[n]] = 0
    :: copy[n] == STOPPED && !asked[n] ->
        asked[n] = true;
        SAY(ask, n, epoch[n] + 1)
    :: copy[n] == STOPPED && asked[n] -> SAY(keep, n, epoch[n] + 1)
    :: RUNS(n) && copy[n] != OFFERED -> SAY(word, n, epoch[n])
#else
    :: copy[n] == STOPPED -> SAY(keep, n, epoch[n] + 1)
#ifdef MUTANT_RUN_AGAIN
    :: copy[n] == STOPPED -> resume(n, epoch[n])
#endif
#endif
    :: copy[n] == ARRIVED -> SAY(claim, n, epoch[n])
    :: copy[n] == ENDING -> SAY(ended, n, epoch[n])
    :: else
    fi
}

#define EACH_EPOCH(hear) hear(0) hear(1) hear(2) hear(3)
#define EACH_COMING(hear) hear(1) hear(2) hear(3)
#define HEAR_VERDICT(e) \
    :: atomic { SAID_VERDICT(id, e) -> \
        TAKE_VERDICT(id, e); hear_verdict(id, e); check() }
#define HEAR_QUERY(e) \
    :: atomic { SAID_QUERY(id, e) -> \
        TAKE_QUERY(id, e); hear_query(id, e); check() }
#define HEAR_IMAGE(e) \
    :: atomic { SAID(image, id, e) -> \
        REMOVE(image, id, e); hear_image(id, e); check() }
#define HEAR_OFFER(e) \
    :: atomic { SAID(offer, id, e) -> \
        TAKE(offer, id, e); \
        if \
        :: copy[id] == NOTHING -> SAY(accept, id, e) \
        :: else \
        fi }
#define HEAR_ACCEPT(e) \
    :: atomic { SAID(accept, target[id], e) && copy[id] == OFFERED && \
                epoch[id] == e -> \
        TAKE(accept, target[id], e); copy[id] = CARRYING }

proctype Node(byte id)
{
    do
#ifdef LIVENESS
    :: atomic { copy[id] == RUNNING && epoch[id] < LAST && offers > 0 ->
        offers--;
        if
        :: target[id] = (id + 1) % NODES
        :: target[id] = (id + 2) % NODES
        fi;
        copy[id] = OFFERED;
        SAY(offer, target[id], epoch[id]) }
    EACH_EPOCH(HEAR_OFFER)
    EACH_EPOCH(HEAR_ACCEPT)
    :: atomic { copy[id] == CARRYING -> copy[id] = RUNNING }
    :: atomic { copy[id] == CARRYING -> stop(id, target[id]); check() }
#else
    :: atomic { copy[id] == RUNNING && epoch[id] < LAST ->
        stop(id, (id + 1) % NODES); check() }
    :: atomic { copy[id] == RUNNING && epoch[id] < LAST ->
        stop(id, (id + 2) % NODES); check() }
    :: atomic { copy[id] > CARRYING -> repeat(id); check() }
#endif
    /* It exits. */
    :: atomic { RUNS(id) ->
        assert(OLD(id) || !exited);
        exited = exited || !OLD(id);
        copy[id] = ENDING }
    EACH_COMING(HEAR_IMAGE)
    EACH_EPOCH(HEAR_VERDICT)
    EACH_EPOCH(HEAR_QUERY)
    :: atomic { SAID_GONE(id) -> TAKE_GONE(id); drop(id); check() }
    od
}

/* ---- The home, which alone decides. -------------------------------------- */

inline decide(n, e)
{
    place = n;
    ledger_epoch = e;
    owner[e] = n
}

#ifdef MUTANT_LATE_CLAIM
#define CLAIM_IN_TIME(e) (known && ledger_epoch <= (e))
#else
#define CLAIM_IN_TIME(e) (known && ledger_epoch + 1 == (e))
#endif
#ifdef MUTANT_KEEP_CHANGES_NOTHING
#define KEEP_IN_TIME(n, e) false
#else
#define KEEP_IN_TIME(n, e) (known && place == n && ledger_epoch + 1 == (e))
#endif

#define HEAR_CLAIM(n, e) \
    :: atomic { SAID(claim, n, e) -> \
        TAKE(claim, n, e); \
        if \
        :: CLAIM_IN_TIME(e) -> decide(n, e); TELL(owner[e - 1]) \
        :: else \
        fi; \
        TELL(n); check() }
#define HEAR_KEEP(n, e) \
    :: atomic { SAID(keep, n, e) -> \
        TAKE(keep, n, e); \
        if \
        :: KEEP_IN_TIME(n, e) -> decide(n, e) \
        :: else \
        fi; \
        TELL(n); check() }
#define HEAR_ASK(n, e) \
    :: atomic { SAID(ask, n, e) -> TAKE(ask, n, e); TELL(n) }
#define HEAR_WORD(n, e) \
    :: atomic { SAID(word, n, e) -> \
        TAKE(word, n, e); \
        if \
        :: known && place == n && ledger_epoch == e \
        :: else -> TELL(n) \
        fi }
#define OURS(n, e) (place == n && ledger_epoch == e)
#define HEAR_ENDED(n, e) \
    :: atomic { SAID(ended, n, e) -> \
        TAKE(ended, n, e); \
        assert(!known || OURS(n, e) || (restarted && e < BASE)); \
        known = known && !OURS(n, e); \
        TELL(n); check() }
#define HEAR_HAVE_NOT(n, e) \
    :: atomic { SAID(have_not, n, e) -> \
        TAKE(have_not, n, e); \
        if \
        :: known && place == n && ledger_epoch == e -> known = false \
        :: else \
        fi; \
        check() }
#define OF_EACH(hear) \
    hear(0, 1) hear(0, 2) hear(0, 3) \
    hear(1, 1) hear(1, 2) hear(1, 3) \
    hear(2, 1) hear(2, 2) hear(2, 3)
#ifdef MUTANT_RESTART_LOW
#define MAY_RESTART (ledger_epoch <= BASE)
#else
#define MAY_RESTART (ledger_epoch < BASE)
#endif

proctype Home()
{
    do
    OF_EACH(HEAR_CLAIM)
    OF_EACH(HEAR_KEEP)
    HEAR_ENDED(HOME, 0)
    OF_EACH(HEAR_ENDED)
    HEAR_HAVE_NOT(HOME, 0)
    OF_EACH(HEAR_HAVE_NOT)
#ifdef LIVENESS
    OF_EACH(HEAR_ASK)
    HEAR_WORD(HOME, 0)
    OF_EACH(HEAR_WORD)
#endif
#ifdef RESTART
    :: atomic { !known && !exited && !restarted && MAY_RESTART && \
                (copy[HOME] == NOTHING || copy[HOME] == ARRIVED) ->
        restarted = true;
        known = true;
        decide(HOME, BASE);
        youngest_run = BASE;
        epoch[HOME] = BASE;
        copy[HOME] = RUNNING;
        check() }
#endif
#ifdef WITNESS_OLD
    :: atomic { restarted && RUNS(1) && OLD(1) && RUNS(2) && !OLD(2) ->
        assert(false) }
#endif
#ifdef WITNESS
    :: atomic { ledger_epoch == LAST && RUNS(place) && !faults ->
        assert(false) }
#endif
    od
}

/* ---- Faults and, for liveness, time. ------------------------------------- */

/* A node that crashes forgets everything and is there again at once. A home
 * may also give up a place that it holds for dead. */
proctype Faults()
{
    do
    :: atomic { faults < CRASHES ->
        faults++;
        if
        :: drop(0); known = false
        :: drop(1)
        :: drop(2)
        :: known && place != HOME -> known = false
        fi }
    :: atomic { faults >= CRASHES -> break }
    od
}

#ifdef LIVENESS
#define SILENT(set) (set[0] == 0 && set[1] == 0 && set[2] == 0)
#define QUIET \
    (SILENT(offer) && SILENT(image) && SILENT(claim) && SILENT(ask) && \
     SILENT(keep) && SILENT(verdict) && SILENT(gone) && SILENT(ended) && \
     SILENT(word) && SILENT(query) && SILENT(have_not))
#define NOBODY_CARRIES \
    (copy[0] != CARRYING && copy[1] != CARRYING && copy[2] != CARRYING)

proctype Time()
{
    do
    :: atomic { QUIET && NOBODY_CARRIES ->
        repeat(0);
        repeat(1);
        repeat(2);
        if
        :: known -> SAY(query, place, ledger_epoch)
        :: else
        fi }
    od
}

#define ALONE(n) \
    (copy[((n) + 1) % NODES] == NOTHING && copy[((n) + 2) % NODES] == NOTHING)
#define NOBODY \
    (copy[0] == NOTHING && copy[1] == NOTHING && copy[2] == NOTHING)
#define SETTLED \
    ((known && RUNS(place) && epoch[place] == ledger_epoch && \
      ALONE(place)) || \
     (!known && NOBODY))
ltl settles { <>[] SETTLED }
#endif

init
{
    atomic {
        copy[HOME] = RUNNING;
        run Home();
        run Node(0);
        run Node(1);
        run Node(2);
#ifdef LIVENESS
        run Time();
#endif
        run Faults()
    }
}

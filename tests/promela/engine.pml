/* engine.pml - real/homenode/wire.h as a model for spin: one process, its home,
 * and two hosts to which it goes, from one to the other, and back.
 *
 * A link is a row of messages each way that come once and in order (link.pml
 * shows why), but a cut loses what is not kept: BODY with its image. A cut link
 * stands still until it is resumed, or until a side finds that its lease is
 * over; each side finds that by itself. Images between hosts may get lost.
 *
 * What a body did is a number: how many of its calls it has had answers to. It
 * asks for the next; home makes it. CALLS calls, the last of which is exit().
 * A copy that goes on from an older number would have a call made twice.
 *
 * With -DPOSTCOPY a body may leave home without PAGES pages, which it asks home
 * for while it runs, one by one, and some of which its last call needs; FETCH
 * and its answer are not kept either. It does not leave before it has them all,
 * and home keeps them until it says so (WHOLE).
 *
 * With -DOVERSEEN each node asks another, its ledger, whether a copy that is
 * whole may run, and may be told no: overseer.h. A host says READY only then,
 * and home GONE.
 *
 * Always: at most one running body has home's epoch; a call is made once and in
 * order; home calls the process lost only if the one body that had acted is
 * gone. When nothing can happen any more: the process has ended, or is lost, or
 * its home died; and no host holds anything of it. Each of the mutants,
 * MUTANT_*, must be caught.
 */
#ifndef CALLS
#define CALLS 2
#endif
#ifndef MOVES
#define MOVES 2
#endif
#ifndef CUTS
#define CUTS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef PAGES
#define PAGES 2
#endif
#define HOME 0
#define NODES 3 /* Home, and the hosts 1 and 2. */
#define ROOM 6
#define OTHER(h) (3 - (h))

/* GO_ON and STALE are ABORT to a host, with or without -ESTALE; NOT_HERE is
 * ABORT by a host: it has no body for this home, or cannot do what was asked. */
mtype = { BODY, READY, GO, RUNNING, REQUEST, REPLY, RECALL, MOVE, GONE,
          STALE, GO_ON, NOT_HERE, OWING, FETCH, FETCHED, WHOLE };

/* Kind, epoch, number: by index of the host. */
chan out[NODES] = [ROOM] of { mtype, byte, byte };
chan in[NODES] = [ROOM] of { mtype, byte, byte };
chan onward[NODES] = [1] of { byte }; /* To this host, an image. */
bool cut[NODES];
bool crashed[NODES];

/* What a node holds of the process. */
#define NOTHING 0
#define ARRIVED 1 /* Whole, never ran here; waits for GO. */
#define RUNS 2
#define CALLING 3 /* Runs; waits for a reply. */
#define LEFT 4    /* Stopped; its image is under way. */
#define KEPT 5    /* Home's pages, of a body that runs elsewhere. */
#define ASKS 6    /* Whole, never ran here; waits for its overseer. */
byte copy[NODES];
byte done[NODES];
byte epoch[NODES];
bool homeward[NODES]; /* LEFT to go home, not onward. */
byte asked[NODES];    /* While CALLING: RECALL or MOVE came. */
#define TO_RECALL 1
#define TO_MOVE 2
bool waits[NODES]; /* For an image of the other host. */
byte owed[NODES];  /* Pages that have not come, */
bool fetches[NODES]; /* of which one is asked for. */

/* Home's ledger. */
#define AT_HOME 0
#define SENDING 1 /* Its own copy stands; BODY was sent to `next`. */
#define GOING 2   /* It still stands; GO was sent. */
#define AWAY 3    /* At `place`; it has run there. */
#define ONWARD 4  /* Away, on its way to `next`; without GO yet. */
#define PASSED 5  /* GO was sent to `next`; `place` still holds the body. */
#define LOST 6
#define ENDED 7
byte state = AT_HOME;
byte place = HOME;
byte next;
byte now_epoch = 1;
bool owing; /* What goes out is not all. */
bool recalled;
bool unsettled; /* `place` has not yet said that it goes on. */
bool over[NODES]; /* Home heard too long nothing, or NOT_HERE. */

/* For the bounds and invariants only. */
byte made;
byte moves;
byte cuts;
byte crashes;
bool silent[NODES]; /* A lease was over, at either end. */

#define RUNNING_NOW(n) (copy[n] == RUNS || copy[n] == CALLING)
#define ACTS(n) (RUNNING_NOW(n) && epoch[n] == now_epoch)

inline check()
{
    assert(ACTS(0) + ACTS(1) + ACTS(2) <= 1)
}

inline drop(n)
{
    copy[n] = NOTHING;
    done[n] = 0;
    epoch[n] = 0;
    homeward[n] = false;
    asked[n] = 0;
    waits[n] = false;
    owed[n] = 0;
    fetches[n] = false
}

inline clear(row)
{
    do
    :: nempty(row) -> row?_, _, _
    :: empty(row) -> break
    od
}

/* ---- A host. ------------------------------------------------------------- */

inline go_home(h)
{
    copy[h] = LEFT;
    homeward[h] = true;
    asked[h] = 0;
    if
    :: !cut[h] -> in[h]!BODY, epoch[h], done[h]
    :: else /* Lost; said again when the link is resumed. */
    fi;
#ifdef MUTANT_DROP_AT_END
    drop(h)
#endif
}

inline go_onward(h)
{
    copy[h] = LEFT;
    homeward[h] = false;
    asked[h] = 0;
    if
    :: full(onward[OTHER(h)])
    :: nfull(onward[OTHER(h)]) -> onward[OTHER(h)]!done[h]
    :: true /* The stream between the hosts breaks. */
    fi
}

#ifdef MUTANT_LEAVE_INCOMPLETE
#define IS_WHOLE(h) true
#else
#define IS_WHOLE(h) (owed[h] == 0)
#endif

inline page_came(h)
{
    fetches[h] = false;
    owed[h]--;
    if
    :: owed[h] == 0 ->
        in[h]!WHOLE, epoch[h], 0;
        if
        :: copy[h] == RUNS && asked[h] == TO_RECALL -> go_home(h)
        :: else
        fi
    :: else
    fi
}

/* A copy is whole here. */
inline whole(h)
{
#ifdef OVERSEEN
    copy[h] = ASKS
#else
    copy[h] = ARRIVED;
    in[h]!READY, epoch[h], done[h]
#endif
}

inline host_takes(h)
{
    out[h]?kind, e, number;
    if
    :: kind == GO && (copy[h] == ARRIVED || copy[h] == LEFT) ->
        copy[h] = RUNS;
        epoch[h] = e;
        in[h]!RUNNING, e, done[h]
    :: kind == REPLY && copy[h] == CALLING ->
        assert(number == done[h]);
        done[h]++;
        copy[h] = RUNS;
        if
        :: asked[h] == TO_RECALL && IS_WHOLE(h) -> go_home(h)
        :: asked[h] == TO_MOVE && IS_WHOLE(h) -> go_onward(h)
        :: else
        fi
    :: (kind == RECALL || kind == MOVE) && copy[h] == CALLING ->
        asked[h] = (kind == RECALL -> TO_RECALL : TO_MOVE)
    :: kind == RECALL && copy[h] == RUNS && !IS_WHOLE(h) ->
        asked[h] = TO_RECALL
    :: kind == RECALL && copy[h] == RUNS && IS_WHOLE(h) -> go_home(h)
    :: kind == MOVE && copy[h] == RUNS ->
        assert(owed[h] == 0); /* Home refuses it before. */
        go_onward(h)
    /* It is on its way home by itself, or already going. */
    :: (kind == RECALL || kind == MOVE) && copy[h] == LEFT
    :: kind == GO_ON && copy[h] != NOTHING ->
#ifndef MUTANT_MOVE_STAYS_ASKED
        asked[h] = 0; /* MOVE may be taken back before it began. */
#endif
        copy[h] = (copy[h] == LEFT -> RUNS : copy[h]);
        in[h]!RUNNING, epoch[h], done[h]
    :: kind == GONE || kind == STALE -> drop(h)
    :: kind == FETCHED ->
        if
        :: fetches[h] -> page_came(h)
        :: else
        fi
    :: kind == OWING ->
        epoch[h] = e;
        done[h] = number;
        owed[h] = PAGES;
        whole(h)
    :: kind == BODY && number == 255 -> waits[h] = true; epoch[h] = e
    :: kind == BODY && number != 255 ->
        epoch[h] = e;
        done[h] = number;
        whole(h)
    :: else ->
        if
        :: kind != NOT_HERE && kind != GONE -> in[h]!NOT_HERE, e, 0
        :: else
        fi
    fi;
    kind = 0; e = 0; number = 0
}

#define LINK_STANDS(h) (!cut[h] && !crashed[HOME])
#define MAY_SAY(h) (nfull(in[h]))
#define LEASE_MAY_END(h) (cut[h] || crashed[HOME])

proctype Host(byte h)
{
    mtype kind;
    byte e, number;
    do
    :: atomic { !crashed[h] && LINK_STANDS(h) && nempty(out[h]) &&
                MAY_SAY(h) -> host_takes(h); check() }
    /* The next call; with the link cut it is kept. */
    :: atomic { copy[h] == RUNS && done[h] < CALLS && MAY_SAY(h) &&
                (done[h] < CALLS - 1 || owed[h] == 0) ->
        in[h]!REQUEST, epoch[h], done[h];
        copy[h] = CALLING }
    /* A page; with the link cut nobody hears it. */
    :: atomic { RUNNING_NOW(h) && owed[h] > 0 && !fetches[h] && MAY_SAY(h) ->
        fetches[h] = true;
        if
        :: !cut[h] -> in[h]!FETCH, epoch[h], 0
        :: else
        fi }
    /* For a call that only home can make. */
    :: atomic { copy[h] == RUNS && moves < MOVES && MAY_SAY(h) &&
                IS_WHOLE(h) ->
        moves++;
        go_home(h);
        check() }
    /* An image of the other host. */
    :: atomic { waits[h] && nempty(onward[h]) && MAY_SAY(h) ->
        onward[h]?done[h];
        waits[h] = false;
        whole(h) }
#ifdef OVERSEEN
    :: atomic { copy[h] == ASKS && MAY_SAY(h) ->
        copy[h] = ARRIVED;
        in[h]!READY, epoch[h], done[h] }
    /* It may not, or there was no answer. */
    :: atomic { (copy[h] == ASKS
#ifdef MUTANT_DENY_LATE
                 || copy[h] == RUNS
#endif
                ) && MAY_SAY(h) ->
        drop(h);
        in[h]!NOT_HERE, 0, 0 }
#endif
    /* The stream from the other host breaks before its end. */
    :: atomic { waits[h] && empty(onward[h]) && LINK_STANDS(h) && MAY_SAY(h) &&
                (crashed[OTHER(h)] || copy[OTHER(h)] == NOTHING ||
                 copy[OTHER(h)] == LEFT) ->
        drop(h);
        in[h]!NOT_HERE, 0, 0 }
#ifndef MUTANT_NO_HOST_LEASE
    :: atomic { LEASE_MAY_END(h) && (copy[h] != NOTHING || waits[h]) ->
        silent[h] = true;
        drop(h) }
#endif
    od
}

/* ---- Home. --------------------------------------------------------------- */

/* Its own copy goes on, and whatever had a GO is of an epoch that is over. */
inline resume_here()
{
#ifndef MUTANT_SAME_EPOCH
    now_epoch++;
#endif
    copy[HOME] = RUNS;
    epoch[HOME] = now_epoch;
    state = AT_HOME;
    place = HOME;
    next = 0;
    recalled = false;
    unsettled = false
}

/* The only body that acted must be gone, and home must have none. */
inline lose()
{
    assert(silent[place] || crashed[place]);
    if
    :: copy[HOME] == KEPT -> drop(HOME) /* Of no use without the rest. */
    :: else
    fi;
    assert(copy[HOME] == NOTHING);
    assert(next == 0 || over[next]); /* It may have the image. */
    state = LOST;
    now_epoch++
}

/* `next` runs. */
inline arrived()
{
    if
    :: state == PASSED ->
        out[place]!GONE, now_epoch, 0
    :: state == GOING ->
        if
#ifndef MUTANT_GIVE_BACK_EARLY
        :: owing -> copy[HOME] = KEPT
#endif
        :: else ->
#ifndef MUTANT_KEEP_COPY
            drop(HOME)
#else
            skip
#endif
        fi
    fi;
    owing = false;
    place = next;
    next = 0;
    state = AWAY
}

/* `next` will not come to run. */
inline take_back()
{
    if
    :: state == SENDING || state == GOING -> resume_here()
    :: state == ONWARD && !over[place] ->
        out[place]!GO_ON, now_epoch, 0;
        unsettled = true;
        next = 0;
        state = AWAY
    :: state == PASSED && !over[place] ->
#ifndef MUTANT_GO_ON_SAME_EPOCH
        now_epoch++;
#endif
        out[place]!GO, now_epoch, 0;
        unsettled = true;
        next = 0;
        state = AWAY
    :: (state == ONWARD || state == PASSED) && over[place] -> lose()
    fi
}

/* Nothing will come from this host any more. */
inline give_up(h)
{
    over[h] = true;
    if
    :: h == next -> take_back()
#ifdef MUTANT_KEEP_COPY
    :: h == place && h != next && state == AWAY -> resume_here()
#else
    :: h == place && h != next && state == AWAY -> lose()
#endif
#ifdef MUTANT_LOSE_EARLY
    :: h == place && (state == ONWARD || state == PASSED) -> lose()
#endif
    :: else /* `next` has the image, or says that it has not. */
    fi
}

#ifdef MUTANT_NO_FENCE
#define CURRENT(e) true
#else
#define CURRENT(e) (e == now_epoch)
#endif

inline home_takes(h)
{
    in[h]?kind, e, number;
    if
    :: kind == NOT_HERE ->
        if
        :: h == place || h == next -> give_up(h)
        :: else
        fi
    :: kind == READY && h == next && (state == SENDING || state == ONWARD) ->
        now_epoch++;
#ifdef MUTANT_DROP_AT_GO
        drop(HOME);
#endif
        out[h]!GO, now_epoch, 0;
        state = (state == SENDING -> GOING : PASSED)
    :: kind == READY && !(h == next && (state == SENDING || state == ONWARD))
    :: (kind == RUNNING || kind == REQUEST || kind == BODY || kind == FETCH ||
        kind == WHOLE) && !CURRENT(e) -> out[h]!STALE, now_epoch, 0
    :: kind == RUNNING && CURRENT(e) ->
        if
        :: h == next -> arrived()
        :: else
        fi;
        unsettled = false
    :: kind == FETCH && CURRENT(e) ->
        assert(copy[HOME] == KEPT);
        out[h]!FETCHED, now_epoch, 0
    :: kind == WHOLE && CURRENT(e) ->
        assert(copy[HOME] == KEPT);
        drop(HOME)
    :: kind == REQUEST && CURRENT(e) ->
        if
        :: h == next -> arrived()
        :: else
        fi;
        assert(number == made);
        made++;
        if
        :: made == CALLS ->
            out[h]!GONE, now_epoch, 0;
            state = ENDED;
            drop(HOME);
            now_epoch++;
            if
            :: next != 0 -> out[next]!STALE, now_epoch, 0
            :: else
            fi
        :: else -> out[h]!REPLY, now_epoch, number
        fi
    :: kind == BODY && CURRENT(e) ->
        if
        :: h == next -> arrived()
        :: else
        fi;
        if
        :: next != 0 -> out[next]!STALE, now_epoch, 0; over[next] = true
        :: else
        fi;
        assert(copy[HOME] == NOTHING); /* All of it has come and comes. */
        if
        :: done[HOME] = number;
            resume_here();
            out[h]!GONE, now_epoch, 0
#ifdef OVERSEEN
        :: moves < MOVES && state == AWAY -> /* It may not. */
            moves++;
            recalled = false;
            unsettled = true;
#ifdef MUTANT_DENY_GONE
            out[h]!GONE, now_epoch, 0
#else
            out[h]!GO_ON, now_epoch, 0
#endif
#endif
        fi
    fi;
    kind = 0; e = 0; number = 0
}

/* A new guest at this host, on a new link. */
inline choose()
{
#ifdef POSTCOPY
    if
    :: owing = true
    :: owing = false
    fi
#else
    owing = false
#endif
}

inline begin_at(h, image)
{
    moves++;
    clear(out[h]);
    clear(in[h]);
    do
    :: nempty(onward[h]) -> onward[h]?_
    :: empty(onward[h]) -> break
    od;
    next = h;
    over[h] = false;
    silent[h] = false;
    if
    :: owing -> out[h]!OWING, now_epoch, image
    :: else -> out[h]!BODY, now_epoch, image
    fi
}

#define MAY_BEGIN(h) \
    (moves < MOVES && !cut[h] && !crashed[h] && copy[h] == NOTHING && !waits[h])
#define HOME_LIVES (!crashed[HOME])
#define MAY_TELL(h) \
    (len(out[h]) < ROOM - 1 && len(out[OTHER(h)]) < ROOM - 1)

#ifdef MUTANT_MOVE_AT_ONCE
#define SETTLED true
#else
#define SETTLED (!unsettled)
#endif

/* Home's ear for one host. */
proctype Home(byte h)
{
    mtype kind;
    byte e, number;
    do
    :: atomic { HOME_LIVES && !cut[h] && !crashed[h] && nempty(in[h]) &&
                MAY_TELL(h) -> home_takes(h); check() }
    :: atomic { HOME_LIVES && state == AT_HOME && MAY_BEGIN(h) ->
        copy[HOME] = LEFT;
        state = SENDING;
        choose();
        begin_at(h, done[HOME]);
        check() }
    :: atomic { HOME_LIVES && state == AWAY && place == OTHER(h) &&
                !recalled && SETTLED && copy[HOME] != KEPT && MAY_BEGIN(h) &&
                MAY_TELL(h) ->
        state = ONWARD;
        begin_at(h, 255);
        out[OTHER(h)]!MOVE, now_epoch, 0 }
    :: atomic { HOME_LIVES && state == AWAY && place == h && !recalled &&
                moves < MOVES && MAY_TELL(h) ->
        moves++;
        recalled = true;
        out[h]!RECALL, now_epoch, 0 }
    /* A lease that is over, or no READY in time. */
    :: atomic { HOME_LIVES && (h == place || h == next) && !over[h] &&
                state < LOST && (cut[h] || crashed[h]) && MAY_TELL(h) ->
        silent[h] = true;
        give_up(h);
        check() }
    :: atomic { HOME_LIVES && h == next && state == SENDING && MAY_TELL(h) ->
        out[h]!STALE, now_epoch, 0;
        over[h] = true;
        take_back();
        check() }
    od
}

/* The process itself, when it is at home. */
proctype Process()
{
    do
    :: atomic { HOME_LIVES && copy[HOME] == RUNS && state == AT_HOME ->
        assert(done[HOME] == made);
        made++;
        done[HOME]++;
        if
        :: made == CALLS -> state = ENDED; drop(HOME); now_epoch++
        :: else
        fi }
    od
}

/* ---- Faults. ------------------------------------------------------------- */

/* What is not kept, is lost. */
inline lose_bodies(row)
{
    count = len(row);
    do
    :: count > 0 ->
        count--;
        row?kind, e, number;
        if
        :: kind == BODY || kind == OWING || kind == FETCH || kind == FETCHED
        :: else -> row!kind, e, number
        fi
    :: count == 0 -> break
    od;
    kind = 0; e = 0; number = 0
}

inline resume_link(h)
{
    cut[h] = false;
#ifndef MUTANT_NO_FETCH_AGAIN
    fetches[h] = false;
#endif
    if
    :: over[h] || (h != place && h != next) -> out[h]!STALE, now_epoch, 0
    :: else
    fi;
    if
    /* It was on its way home: GONE may be what comes first. */
#ifndef MUTANT_NO_BODY_AGAIN
    :: copy[h] == LEFT && homeward[h] && len(in[h]) < ROOM ->
        in[h]!BODY, epoch[h], done[h]
#endif
    :: copy[h] == NOTHING && !waits[h] && len(in[h]) < ROOM ->
        in[h]!NOT_HERE, 0, 0
    :: else
    fi
}

proctype Faults(byte h)
{
    mtype kind;
    byte e, number, count;
    do
    :: atomic { cuts < CUTS && !cut[h] && !crashed[h] && HOME_LIVES &&
                (copy[h] != NOTHING || waits[h] || h == next ||
                 h == place) ->
        cuts++;
        cut[h] = true;
        lose_bodies(in[h]);
        lose_bodies(out[h]) }
    :: atomic { cut[h] && !crashed[h] && HOME_LIVES &&
                len(out[h]) < ROOM -> resume_link(h) }
    :: atomic { crashes < CRASHES && !crashed[h] ->
        crashes++;
        crashed[h] = true;
        drop(h);
        clear(in[h]);
        clear(out[h]) }
    od
}

#define NOBODY(h) (copy[h] == NOTHING)

/* Home's faults, and what must hold at the end. */
proctype End()
{
    do
    :: atomic { crashes < CRASHES && !crashed[HOME] ->
        crashes++;
        crashed[HOME] = true;
        drop(HOME) }
    :: timeout ->
        assert(crashed[HOME] || state == LOST || state == ENDED);
        assert(NOBODY(0) && NOBODY(1) && NOBODY(2));
#ifdef WITNESS
        assert(!(state == ENDED && place == 2 && cuts == CUTS));
#endif
        break
    od
}

init
{
    atomic {
        copy[HOME] = RUNS;
        epoch[HOME] = now_epoch;
        run Process();
        run Home(1);
        run Home(2);
        run Host(1);
        run Host(2);
        run Faults(1);
        run Faults(2);
        run End()
    }
}

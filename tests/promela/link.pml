/* link.pml - real/homenode/link.c as a model for spin: what is numbered, kept
 * and sent again arrives once and in order, however often streams are cut.
 *
 * Two sides each say LASTS messages, 1, 2, ... A stream is a row of messages
 * each way, ROOM long, of which a cut loses any end; one may come twice. Then both sides may take
 * up the next stream, in any order, and another cut may come at any moment.
 * A message is its number and what its sender has seen: 0 is RESUME, and one
 * with number 0 carries only `seen`, as a beat does.
 *
 * It holds if all that was said has been taken, in order and once, when
 * nothing can happen any more. Each of the mutants, MUTANT_*, must be caught.
 */
#ifndef LASTS
#define LASTS 3
#endif
#ifndef CUTS
#define CUTS 3
#endif
#define ROOM 5 /* RESUME, all that lasts, and a beat. */
#define BEATS 1
#define DOUBLES 1

#define RESUME 255

chan way[2] = [ROOM] of {byte, byte}; /* Number, seen; written by that side. */
bool cut;      /* The stream as it is. */
bool uses[2];  /* The side uses it: its RESUME was said, */
bool knows[2]; /* and the other's taken. */
byte sent[2];
byte seen[2]; /* Of the other's; what it took, so to say. */
byte acked[2]; /* Of ours, by the other; what is later is kept. */
byte cuts;
byte doubles;
byte beats[2];

/* What the caller of link_get() has got. */
byte taken[2];

#define OTHER(s) (1 - (s))

inline say(s, number)
{
    if
    :: cut || !uses[s] /* Lost, if it is not kept. */
    :: else -> way[s]!number, seen[s]
    fi
}

inline forget(s, upto)
{
    if
    :: upto > acked[s] ->
        assert(upto <= sent[s]);
        assert(taken[OTHER(s)] >= upto); /* Else it is lost for ever. */
        acked[s] = upto
    :: else
    fi
}

inline take(s, number, upto)
{
    forget(s, upto);
    if
    :: number == 0
#ifdef MUTANT_TAKE_TWICE
    :: number > 0 ->
#else
    :: number > 0 && number <= seen[s]
    :: number > 0 && number > seen[s] ->
#endif
        assert(number == taken[s] + 1);
        taken[s] = number;
        seen[s] = number
    fi
}

/* Of a cut: the row loses any end of it. */
inline lose_end(s)
{
    kept = 0;
    count = len(way[s]);
    do
    :: kept < count -> kept++
    :: break
    od;
    do
    :: count > 0 && kept > 0 ->
        way[s]?number, upto; way[s]!number, upto; count--; kept--
    :: count > 0 && kept == 0 -> way[s]?number, upto; count--
    :: count == 0 -> break
    od;
    number = 0; upto = 0
}

proctype Side(byte s)
{
    byte number, upto, again;
    do
    /* Something is said; with the stream cut it is kept all the same. */
    :: atomic { sent[s] < LASTS && (knows[s] || cut) ->
        sent[s]++;
#ifdef MUTANT_NOT_KEPT
        acked[s] = sent[s];
#endif
        say(s, sent[s]) }
    :: atomic { beats[s] < BEATS && knows[s] && !cut ->
        beats[s]++;
        say(s, 0) }

    /* Something comes; what came before a cut may still be read. */
    :: atomic { knows[s] && nempty(way[OTHER(s)]) ->
        way[OTHER(s)]?number, upto;
        assert(number != RESUME);
        take(s, number, upto);
        number = 0; upto = 0 }
    :: atomic { knows[s] && nempty(way[OTHER(s)]) && doubles < DOUBLES ->
        doubles++;
        way[OTHER(s)]?<number, upto>;
        take(s, number, upto);
        number = 0; upto = 0 }

    /* The other's RESUME: forget what it has, say again what it has not. */
    :: atomic { uses[s] && !knows[s] && nempty(way[OTHER(s)]) ->
        way[OTHER(s)]?number, upto;
        assert(number == RESUME);
        knows[s] = true;
        forget(s, upto);
#ifndef MUTANT_NOT_AGAIN
        again = acked[s];
        do
        :: again < sent[s] -> again++; say(s, again)
        :: else -> break
        od;
        again = 0;
#endif
        number = 0; upto = 0 }
    od
}

/* Cuts, and then a new stream, which the sides take up one after the other. */
proctype Cable()
{
    byte kept, count, number, upto;
    do
    :: atomic { !cut && cuts < CUTS ->
        cuts++;
        cut = true;
        lose_end(0);
        lose_end(1);
        kept = 0 }
    :: atomic { cut -> /* The old one is not read any more. */
        do
        :: way[0]?number, upto
        :: way[1]?number, upto
        :: empty(way[0]) && empty(way[1]) -> break
        od;
        number = 0; upto = 0;
        cut = false;
        uses[0] = false; uses[1] = false;
        knows[0] = false; knows[1] = false }
    :: atomic { !cut && !uses[0] ->
        uses[0] = true;
#ifdef MUTANT_WRONG_SEEN
        way[0]!RESUME, sent[1] }
#else
        way[0]!RESUME, seen[0] }
#endif
    :: atomic { !cut && !uses[1] -> uses[1] = true; way[1]!RESUME, seen[1] }
    :: timeout ->
        assert(taken[0] == LASTS && taken[1] == LASTS);
#ifdef WITNESS
        assert(cuts < CUTS);
#endif
        break
    od
}

init
{
    atomic {
        uses[0] = true; uses[1] = true;
        knows[0] = true; knows[1] = true;
        run Side(0);
        run Side(1);
        run Cable()
    }
}

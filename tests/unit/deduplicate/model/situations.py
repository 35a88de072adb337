"""What a history can come through. Histories that never meet a situation prove nothing of it: so they are counted."""

from enum import StrEnum, unique


@unique
class Situation(StrEnum):
    """Each is counted once for every time that it comes about."""

    LATE = "a late entry"
    AHEAD = "an entry whose raw timestamp is ahead of the log"
    REPLAY = "an entry that is a replay"
    VOID = "a void frame"
    FOREIGN = "a frame of another epoch"
    UNREADABLE = "a record of the log that is no frame"
    SPLIT = "a batch of several frames"
    REPLANNED = "a batch that had to be planned again"
    RETURNED = "an identity returns that the log had forgotten"
    SAVED = "it returns late, and would be suppressed if it were not"
    CHAIN = "a duplicate of a duplicate (A, B, C)"
    SWAPPED = "a record that stands where another one stood"

    OUTAGE_1 = "a record that was appended and not committed is read after more than 1 window"
    OUTAGE_2 = "... after more than 2"
    OUTAGE_3 = "... after more than 3"
    IDLE_3 = "a partition has nothing in the log for more than 3 windows, while others have"
    BACKLOG_3 = "records of more than 3 windows are read at once"
    COLD = "a worker starts within the log, beside one that has read more"
    COLD_ONLY = "a worker starts within the log, beside none"
    FURTHER_BACK = "a worker reads further back, for the log's pauses"
    EMPTY = "a worker starts when all of the log is deleted"
    LAGGING = "a worker starts, and reads the log in steps while others append"
    AGED_OUT = "the log's oldest records are deleted"

    CRASH = "a worker is killed with batches in hand"
    CRASH_AHEAD = "a worker is killed that had a later batch out before an earlier one"
    ZOMBIE_FRAME = "a worker appends a frame after its partition was given to another"
    ZOMBIE_OUTPUT = "a worker publishes after its partition was given to another"
    ZOMBIE_COMMIT = "a worker's commit is refused, since the group has gone on"
    REPEATED = "a frame reaches the log twice"
    REWIND = "the group's offsets are set back"
    REMADE = "a raw partition is made anew"
    EPOCH = "a new epoch begins"
    EPOCH_TWICE = "two workers begin the epoch"

    CLOCK_AHEAD = "the log's clock jumps ahead"
    CLOCK_BACK = "the log's clock steps back"
    RAW_1970 = "a raw timestamp of 1970"
    RAW_2100 = "a raw timestamp of 2100"
    TWO_VERSIONS = "a pair is judged across versions of the log"
    TWO_WINDOWS = "a pair is judged across windows"

    EDGE_WINDOW = "an entry exactly one window after another"
    EDGE_WINDOW_PAST = "... one window and a millisecond"
    EDGE_STALE = "a frame exactly a quarter of a window behind"
    EDGE_STALE_PAST = "... a quarter and a millisecond"
    EDGE_IDENTITY = "a verdict exactly two busy windows old is read"
    EDGE_IDENTITY_PAST = "... two windows and a millisecond"
    EDGE_START = "a replica starts at a record exactly four windows old"

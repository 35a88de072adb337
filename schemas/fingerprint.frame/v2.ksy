# A binary format in the language of Kaitai Struct: ksc makes a reader of it in a dozen languages.
meta:
  id: fingerprint_frame
  title: Frame of the fingerprint log, format 2
  license: Apache-2.0
  encoding: UTF-8
  endian: le
doc: |
  The value of a record of headlines.fingerprints: the fingerprints of one batch of raw records of one partition, or of a
  part of it. The record has no key and no headers. Little-endian, no padding. Integers that count milliseconds do so
  since 1970-01-01 UTC; log offsets are of headlines.fingerprints, raw offsets of the source partition.

  A record that differs from this in any way is no frame, and is passed over; one of another format is a frame of
  another release. What stands before offset 16 keeps its place in every format.

  Format 2 is format 1 with the evidence of some entries behind the match forms: what a costly model said of them, which
  verdicts and topics are read off. An entry without evidence takes no bytes there.
seq:
  - id: magic
    contents: NWFP
  - id: checksum
    type: u4
    doc: CRC-32 (as in zlib and gzip) of everything from offset 8 to the end of the record.
  - id: format
    type: u2
    valid: 2
    doc: The number of this format.
  - id: rule_version
    type: u2
    doc: Version of the log, which is that of the matching rule that gave the keys and judges the entries.
  - id: epoch
    type: u4
    doc: The setting dedup.epoch. Entries of different epochs do not see each other.
  - id: window_ms
    type: s8
    valid:
      min: 1
    doc: How far back an earlier entry counts, in milliseconds of log time.
  - id: max_entries
    type: s8
    valid:
      min: 1
    doc: How many entries back one counts at most.
  - id: writer
    type: u8
    doc: A random number of the process that wrote the frame.
  - id: sequence
    type: u8
    doc: Number of the frame, counted by its writer.
  - id: known
    type: s8
    valid:
      min: -1
    doc: Log offset of the last record that the writer had applied; -1 where it had none.
  - id: known_checksum
    type: u4
    doc: CRC-32 of that record from its offset 8 on; 0 where it was not read.
  - id: partition
    type: s4
    valid:
      min: 0
    doc: Source partition.
  - id: origin
    type: s8
    valid:
      min: 0
    doc: Before this log offset the epoch has no frames.
  - id: high
    type: s8
    valid:
      min: -1
    doc: Highest raw offset that was appended up to known; -1 where there is none.
  - id: suspect_before_ms
    type: s8
    valid:
      min: -1
    doc: What is older than this by its raw timestamp may have been appended before; -1 where all that is older than the frame may.
  - id: len_topic
    type: u2
    valid:
      min: 1
    doc: Bytes of the source topic's name.
  - id: num_entries
    type: u4
    valid:
      min: 1
    doc: Entries. All columns below hold one value for each of them, in the order of their raw offsets.
  - id: topic
    type: str
    size: len_topic
    doc: Source topic.
  - id: offsets
    type: s8
    repeat: expr
    repeat-expr: num_entries
    valid:
      min: 0
    doc: Raw offsets, strictly ascending.
  - id: timestamps_ms
    type: s8
    repeat: expr
    repeat-expr: num_entries
    valid:
      min: 0
    doc: Raw timestamps, milliseconds.
  - id: ids
    size: 16
    repeat: expr
    repeat-expr: num_entries
    doc: Ids of the headlines; in hex they are the id of the routed event.
  - id: flags
    type: u1
    enum: flag
    repeat: expr
    repeat-expr: num_entries
    valid:
      in-enum: true
    doc: Why an entry is an original whatever came before it.
  - id: num_keys
    type: u1
    repeat: expr
    repeat-expr: num_entries
    valid:
      max: 6
    doc: Number of blocking keys.
  - id: keys
    type: blocking_keys(num_keys[_index])
    repeat: expr
    repeat-expr: num_entries
    doc: Blocking keys.
  - id: len_forms
    type: u4
    repeat: expr
    repeat-expr: num_entries
    doc: Bytes of the match forms.
  - id: forms
    type: str
    size: len_forms[_index]
    repeat: expr
    repeat-expr: num_entries
    doc: Match forms, each UTF-8 for itself. They are the case-folded words that headlines are compared by.
  - id: num_scored
    type: u4
    doc: Entries of which the model has scored pairs.
  - id: scored
    type: u4
    repeat: expr
    repeat-expr: num_scored
    doc: Their places among the entries, from 0, strictly ascending and below num_entries.
  - id: num_scores
    type: u1
    repeat: expr
    repeat-expr: num_scored
    valid:
      min: 1
      max: 6
    doc: Number of scored pairs of each.
  - id: scores
    type: pair_scores(num_scores[_index])
    repeat: expr
    repeat-expr: num_scored
    doc: Scores of the pairs of each.
  - id: num_topical
    type: u4
    doc: Entries of which the model has said the topics.
  - id: topical
    type: u4
    repeat: expr
    repeat-expr: num_topical
    doc: Their places among the entries, from 0, strictly ascending and below num_entries.
  - id: topics
    size: 17
    repeat: expr
    repeat-expr: num_topical
    doc: Probability of each of the 17 topics in 255ths, a byte each, in the order of the topics' IPTC codes.
  - id: rest
    size-eos: true
    valid:
      expr: _.length == 0
    doc: Nothing may follow.
types:
  blocking_keys:
    params:
      - id: num
        type: u1
    seq:
      - id: hashes
        type: u4
        repeat: expr
        repeat-expr: num
        doc: Hashes of the form's tokens, rarest first.
  pair_scores:
    params:
      - id: num
        type: u1
    seq:
      - id: forms
        type: u8
        repeat: expr
        repeat-expr: num
        doc: BLAKE2b of 8 bytes over the earlier match form in UTF-8. Where two are equal, the first counts.
      - id: same
        type: s1
        repeat: expr
        repeat-expr: num
        valid:
          min: -127
        doc: Log-odds that the two headlines say the same, against all else, in eighths.
      - id: story
        type: s1
        repeat: expr
        repeat-expr: num
        valid:
          min: -127
        doc: Log-odds that they are of one story and the later says something new, against all else, in eighths.
enums:
  flag:
    0: none
    1: late
    2: correction
    3: refile
    4: kill
    5: supersedes

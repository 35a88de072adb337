"""Pairs written for this test: what must never be a duplicate, and what must be one.

`data/not_duplicates.tsv` holds headlines that are alike and differ in what they say: the kind of difference, whether
an editor would call the two an update of each other or distinct news, and the two. `data/duplicates.tsv` holds pairs
that say the same in other words; the rule finds a share of them.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest
from worker.deduplicate.match import judge
from worker.events import Kind
from worker.normalize import match_form

DIFFERENT = """
Ferry sinks off Greek island, 38 dead | Ferry sinks off Greek island, 41 dead
Ferry sinks off Greek island, thirty dead | Ferry sinks off Greek island, forty dead
Quake of magnitude 6.1 shakes Lima | Quake of magnitude 6.7 shakes Lima
Retailer to cut 4,000 jobs | Retailer to cut 40,000 jobs
Central bank lifts rate to 5% | Central bank lifts rate to 6%
Airline orders 12 jets for $1.2 billion | Airline orders 12 jets for $1.2 million
Council votes 7-2 to close library | Council votes 7-3 to close library
Rovers beat United 2-1 in cup replay | Rovers beat United 1-2 in cup replay
Dozens hurt as tram overturns | Hundreds hurt as tram overturns
Two climbers missing on glacier | Three climbers missing on glacier
Iran recalls envoy from Vienna | Iraq recalls envoy from Vienna
Austria tightens gun rules after attack | Australia tightens gun rules after attack
North Korea fires missile into sea | South Korea fires missile into sea
Niger army seizes power | Nigeria army seizes power
Macron visits flooded valley | Marcon visits flooded valley
Merkel warns of long recession | Macron warns of long recession
Slovakia votes in early election | Slovenia votes in early election
Lakers lose opener in Denver | Clippers lose opener in Denver
Arsenal sign Danish defender | Everton sign Danish defender
Storm closes schools in Boston | Storm closes schools in Chicago
Pharmacy chain sues Pfizer over prices | Pharmacy chain sues Moderna over prices
Festival moved to March | Festival moved to April
Strike shuts port on Monday | Strike shuts port on Thursday
Eastern provinces brace for floods | Western provinces brace for floods
Johnson wins mayoral race | Jackson wins mayoral race
Court clears minister of bribery | Court convicts minister of bribery
Oil prices rise after OPEC meeting | Oil prices fall after OPEC meeting
Asian stocks mixed before jobs data | Asian stocks rally before jobs data
Shares slump as bank reports profit | Shares soar as bank reports profit
Senate accepts budget plan | Senate rejects budget plan
Union accepts pay offer | Union refuses pay offer
Swimmer wins appeal over ban | Swimmer loses appeal over ban
Museum opens new wing | Museum closes new wing
Hostages freed in embassy siege | Hostages killed in embassy siege
Parliament approves nuclear treaty | Parliament blocks nuclear treaty
Factory hires 300 workers | Factory fires 300 workers
Exports increase for third month | Exports decrease for third month
Unemployment up in spring | Unemployment down in spring
Mayor says he will run again | Mayor says he will not run again
Vaccine protects children, study finds | Vaccine does not protect children, study finds
Ministry admits data leak | Ministry never admits data leak
Climber found alive on glacier | Climber found dead on glacier
City plans tram line to airport | City opens tram line to airport
Carmaker to recall 20,000 vans | Carmaker recalls 20,000 vans
Minister will resign | Minister resigns
Search for missing yacht begins | Search for missing yacht ends
Banker accused of fraud | Banker guilty of fraud
Coach may leave club | Coach leaves club
Governor allegedly took bribes | Governor took bribes
Bank reportedly in merger talks | Bank in merger talks
Some schools stay shut after storm | Schools stay shut after storm
All schools stay shut after storm | Most schools stay shut after storm
Russia attacks Ukraine over gas deal | Ukraine attacks Russia over gas deal
Police officer shoots robber in bakery | Robber shoots police officer in bakery
Google sues Oracle over patents | Oracle sues Google over patents
Flights from Iran to Turkey halted | Flights from Turkey to Iran halted
Gunman killed in station | Gunman kills in station
Former president dies at home | President dies at home
President visits flood victims | Vice president visits flood victims
Wife of senator arrested in Rome | Senator arrested in Rome
Actor charged with assault | Actor acquitted of assault
Judge orders review of dam | Judge orders removal of dam
Children rescued from flooded cave | Children trapped in flooded cave
Farmers protest against milk tax | Farmers protest against sugar tax
Snow delays start of ski season | Snow speeds start of ski season
Rangers striker injured in training | Rangers goalkeeper injured in training
Why the bridge collapsed | The bridge collapsed
Tenor cancels concert in Milan | Tenor cancels concert in Milan after surgery on knee
Which planet matches your breakfast | Which animal matches your breakfast
Ten best beaches for a quiet summer | Ten best castles for a quiet summer
Two journalists kidnapped in Chad | Two journalists kidnapped in Chad now released
Carpenter wins vote in northern valley | Carpentier wins vote in northern valley
Police question Forester over missing paintings | Police question Forrester over missing paintings
Merchant to lead museum board | Marchant to lead museum board
Marshall joins race for governor of Texas | Marschall joins race for governor of Texas
"""

SAME = """
Man City win race to sign Semenyo | Man City win race to sign forward Semenyo
Russia joins warships for drills off S.Africa | Russia joins warships for drills off South Africa
'Tide is turning', says harbor master | "Tide is turning," says harbor master
Harbor master\u2019s house burns down | Harbor master's house burns down
FERRY SINKS OFF GREEK ISLAND | Ferry sinks off Greek island
Ferry sinks off Greek island - Reuters | Ferry sinks off Greek island
UPDATE 1-Ferry sinks off Greek island | Ferry sinks off Greek island
Ferry  sinks off   Greek island | Ferry sinks off Greek island
Ferry sinks — twelve missing | Ferry sinks - 12 missing
Protesters storm parliament building | Protestres storm parliament building
Protesters storm parliament building | Protesters storm parliment building
Volunteers search flooded villages | Volunteers search floooded villages
Scientists discover ancient shipwreck | Scientists discovor ancient shipwreck
Government announces emergency budget | Goverment announces emergency budget
Regulators approve railway takeover | Regulators aprpove railway takeover
Airline to buy 12 jets for $1.5 billion | Airline to buy 12 jets for $1.5bn
Retailer to cut 4,000 jobs | Retailer to cut 4000 jobs
Central bank lifts rate to 5 percent | Central bank lifts rate to 5%
U.S. senators visit border | US senators visit border
U.N. envoy arrives in Yemen | UN envoy arrives in Yemen
Defence ministry honours fallen pilots | Defense ministry honors fallen pilots
Prosecutors open probe into dam collapse | Prosecutors open investigation into dam collapse
Factory blast shakes port city | Factory explosion shakes port city
Actor's attorney rejects claims | Actor's lawyer rejects claims
Ex-chancellor to publish memoirs | Former chancellor to publish memoirs
Mayor resigns over housing scandal | Mayor quits over housing scandal
Utility agrees to buy solar rival | Utility agrees to acquire solar rival
Studio delays film about volcano | Studio delays movie about volcano
Zoo says goodbye to elephant Nala | Zoo says goodbye to its elephant Nala
Crowds welcome pope in Lisbon | Crowds welcome the pope in Lisbon
Farmers block motorway over milk prices | Farmers block the motorway over milk prices
Police: stolen painting found in attic | Stolen painting found in attic: police
Portugal and Spain sign rail pact | Spain and Portugal sign rail pact
GOP senators reject climate plan | Republican senators reject climate plan
Teenager swims across channel | Teen swims across channel
Covid vaccine trial paused in Denmark | Coronavirus vaccine trial paused in Denmark
Prime Minister opens steel plant | PM opens steel plant
Government bans plastic straws | Govt bans plastic straws
European Union fines chip maker | EU fines chip maker
Divers recover bell from sunken ferry | Divers recover the bell from a sunken ferry
Sen. Harmon backs tariff on steel | Senator Harmon backs tariff on steel
Wildfire near resort forces evacuations | Wildfires near resort force evacuations
Landmark theatre reopens on Friday | Landmark theater reopens on Friday
"""

DATA = Path(__file__).with_name("data")

KINDS = frozenset(
    {"age", "asked", "cause", "digits", "exchange", "harm", "hedge", "legal", "money", "name", "negated"}
    | {"number_words", "object", "office", "outcome", "place", "reaction", "relation", "reversed", "role"}
    | {"scope", "score", "source", "stage", "team", "time", "undone", "voice"}
)
"""Kinds of difference, in the order of the alphabet."""

FOUND = 0.65
"""The share of `duplicates.tsv` that the rule must find."""


OVERLOOKED = 11
"""How many of `narrowed.tsv` the rule calls duplicates."""


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


NOT_DUPLICATES = table("not_duplicates.tsv")
DUPLICATES = table("duplicates.tsv")
NARROWED = table("narrowed.tsv")


def verdicts(one: str, other: str) -> tuple[Kind, Kind]:
    """What the later one is of two headlines, in either order."""
    first, second = match_form(one), match_form(other)
    return judge(first, second).kind, judge(second, first).kind


def pairs(text: str) -> list[tuple[str, str]]:
    return [tuple(line.split(" | ")) for line in text.strip().splitlines()]


@pytest.mark.parametrize(("one", "other"), pairs(DIFFERENT))
def test_a_changed_fact_is_never_a_duplicate(one, other):
    assert judge(match_form(one), match_form(other)).kind is not Kind.DUPLICATE
    assert judge(match_form(other), match_form(one)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_the_same_news_in_other_clothes_is_a_duplicate(one, other):
    assert judge(match_form(one), match_form(other)).kind is Kind.DUPLICATE
    assert judge(match_form(other), match_form(one)).kind is Kind.DUPLICATE


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row['kind']}: {row['headline_a']}") for row in NOT_DUPLICATES]
)
def test_what_an_editor_keeps_is_never_a_duplicate(row):
    assert Kind.DUPLICATE not in verdicts(row["headline_a"], row["headline_b"])


def test_a_word_that_narrows_the_news_is_overlooked_no_more_often_than_is_told():
    # "Heavy rain floods subway mall". In real pairs a single word more is nearly always a detail (README.md), and which
    # words are none the rule cannot tell.
    overlooked = [row for row in NARROWED if Kind.DUPLICATE in verdicts(row["headline_a"], row["headline_b"])]
    assert len(NARROWED) >= 20
    assert len(overlooked) <= OVERLOOKED


def test_the_table_of_what_an_editor_keeps_is_broad():
    kinds = Counter(row["kind"] for row in NOT_DUPLICATES)
    assert kinds.keys() == KINDS
    assert min(kinds.values()) >= 12
    assert {row["relation"] for row in NOT_DUPLICATES} == {"update", "distinct"}
    assert len({frozenset((row["headline_a"], row["headline_b"])) for row in NOT_DUPLICATES}) >= 710
    assert sum(differ_in_a_word(row["headline_a"], row["headline_b"]) for row in NOT_DUPLICATES) >= 240


def differ_in_a_word(one: str, other: str) -> bool:
    first, second = one.split(), other.split()
    return len(first) == len(second) and sum(map(str.__ne__, first, second)) == 1


def test_most_of_what_says_the_same_in_other_words_is_found():
    judged = [verdicts(row["headline_a"], row["headline_b"]) for row in DUPLICATES]
    assert all(there is back for there, back in judged)
    found = sum(there is Kind.DUPLICATE for there, _ in judged)
    assert found / len(DUPLICATES) >= FOUND

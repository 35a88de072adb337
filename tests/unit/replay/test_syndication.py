"""RSS and Atom: what an item gives, where it stands, and what is said of one that gives nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from worker.errors import UsageError
from worker.replay import syndication
from worker.replay.entry import Entry, Fault
from worker.replay.event import EventEncoder
from worker.replay.fields import FieldMap
from worker.replay.formats import Format, detect, read

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Coast
  &amp; Co</title><language>en-gb</language>
<item>
  <title>Storm cuts power &amp; rail on the &lt;coast&gt;</title>
  <link>https://coast.example/1</link><guid isPermaLink="false">guid-1</guid>
  <pubDate>Fri, 09 Jan 2026 10:00:00 EST</pubDate><dc:creator>A Writer</dc:creator>
  <category>Weather</category><category>Transport</category>
</item>
<item><title><![CDATA[Tom's <i>day</i>]]></title><guid>https://coast.example/2</guid>
  <dc:date>2026-01-09T10:00:00.123+01:00</dc:date><source url="https://x.example">Other</source></item>
</channel></rss>
"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Blatt</title>
<entry><id>tag:1</id><title type="html">A &amp;amp; B</title><link rel="self" href="https://b.example/self"/>
  <link href="https://b.example/1"/><updated>2026-01-01T00:00:00.5Z</updated></entry>
<entry xml:lang="fr"><id>tag:2</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">La pluie</div></title>
  <published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated>
  <source><title>Autre</title></source></entry>
</feed>
"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://r.example"><title>Old</title></channel>
<item rdf:about="https://r.example/1"><title>Rain ends drought</title><link>https://r.example/1</link></item>
</rdf:RDF>
"""


def found(text: str | bytes, **origins: str) -> list[Entry | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(read(BytesIO(content), Format.FEED, FieldMap(origins), content))


def channel(*items: str) -> str:
    return f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Coast</title>\n{chr(10).join(items)}\n</channel></rss>"


def test_an_item_of_rss_gives_an_entry():
    first, second = found(RSS)
    assert first == Entry(
        5,
        "Storm cuts power & rail on the <coast>",
        {
            "id": "guid-1",
            "source": "Coast & Co",
            "published_at": "2026-01-09T15:00:00Z",
            "url": "https://coast.example/1",
            "language": "en-gb",
            "author": "A Writer",
            "categories": ["Weather", "Transport"],
        },
    )
    assert second == Entry(
        11,
        "Tom's <i>day</i>",
        {
            "id": "https://coast.example/2",
            "source": "Other",
            "published_at": "2026-01-09T10:00:00.123+01:00",
            "url": "https://coast.example/2",
            "language": "en-gb",
        },
    )


def test_an_entry_of_atom_gives_an_entry():
    assert found(ATOM) == [
        Entry(
            2,
            "A &amp; B",
            {
                "id": "tag:1",
                "source": "Blatt",
                "published_at": "2026-01-01T00:00:00.5Z",
                "url": "https://b.example/1",
                "language": "de",
            },
        ),
        Entry(
            4,
            "La pluie",
            {
                "id": "tag:2",
                "source": "Autre",
                "published_at": "2026-01-01T00:00:00Z",
                "language": "fr",
            },
        ),
    ]


def test_an_item_of_rss_1_gives_an_entry():
    [entry] = found(RDF)
    assert (entry.line, entry.headline, entry.fields["id"]) == (3, "Rain ends drought", "https://r.example/1")


def test_a_field_of_the_event_can_be_taken_from_another():
    [entry, _] = found(RSS, source="author")
    assert entry.fields["source"] == "A Writer"


def test_an_item_without_a_guid_keeps_its_id_when_others_come_before_it():
    item = "<item><title>Rain</title><link>https://c.example/9</link></item>"
    [alone] = found(channel(item))
    [_, later] = found(channel("<item><title>Snow</title></item>", item))
    assert alone.fields["id"] == later.fields["id"]
    [other] = found(channel(item.replace("/9", "/8")))
    assert other.fields["id"] != alone.fields["id"]
    key = EventEncoder("feed.xml", "x").encode(later, 0).key
    assert key.decode() == later.fields["id"]


def test_items_of_no_guid_and_no_link_are_told_apart_by_headline_and_time():
    one, same, other, late = found(
        channel(
            "<item><title>Rain</title></item>",
            "<item><title>Rain</title></item>",
            "<item><title>Snow</title></item>",
            "<item><title>Rain</title><pubDate>Fri, 09 Jan 2026 10:00:00 GMT</pubDate></item>",
        )
    )
    ids = [each.fields["id"] for each in (one, same, other, late)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("<item><description>text</description></item>", "no headline: the item has no title"),
        ("<item><title> </title></item>", "no headline: the item has no title"),
        (
            "<item><title>Rain</title><pubDate>yesterday</pubDate></item>",
            "'yesterday' is no date of RFC 822 or ISO 8601 whose distance from UTC is known",
        ),
        (
            "<item><title>Rain</title><dc:date>9999-01-01T00:00:00Z</dc:date></item>",
            "published_at is '9999-01-01T00:00:00Z'; expected an RFC 3339 time of the years 1900 to 2100",
        ),
        (
            f"<item><title>Rain</title><guid>{'g' * 600}</guid></item>",
            "id has 600 characters; at most 512 are allowed",
        ),
    ],
)
def test_an_item_that_can_be_no_event_is_a_fault_in_its_place(item, message):
    before, wrong, after = found(
        channel("<item><title>A</title></item>", item, "<item><title>B</title></item>")
    )
    assert (before.headline, after.headline) == ("A", "B")
    assert isinstance(wrong, Fault)
    assert wrong.line == 3
    assert wrong.message.startswith(message)


@pytest.mark.parametrize("cut", range(1, 60))
def test_of_a_feed_that_breaks_off_no_half_item_is_taken(cut):
    whole = channel(
        "<item><title>A</title></item>", "<item><title>Rain ends drought</title><guid>g</guid></item>"
    )
    *entries, last = found(whole[:-cut])
    assert isinstance(last, Fault)
    assert last.message.startswith("not well-formed XML: it breaks off at column ")
    assert [entry.headline for entry in entries] in (["A"], ["A", "Rain ends drought"])
    assert all(entry.fields.get("id") == "g" for entry in entries[1:])
    ends = whole[:-cut].count("</item>")
    assert len(entries) == ends


@pytest.mark.parametrize("cut", range(1, 90))
def test_of_prefixed_entries_no_half_one_is_taken_either(cut):
    entry = "<a:entry><a:id>{}</a:id><a:title>{}</a:title></a:entry>\n"
    whole = (
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'>\n"
        + entry.format("g1", "Rain ends drought")
        + entry.format("g2", "Snow falls")
        + "</a:feed>"
    )
    *entries, last = found(whole[:-cut])
    assert isinstance(last, Fault)
    ends = whole[:-cut].count("</a:entry>")
    assert [(each.line, each.fields["id"]) for each in entries] == [(2, "g1"), (3, "g2")][:ends]


def test_an_entry_around_another_is_whole_only_when_it_ends_itself():
    whole = (
        "<feed xmlns='http://www.w3.org/2005/Atom'>\n<entry><id>o</id><title>Outer</title><content type='xml'>"
        "<entry><id>i</id><title>Inner</title></entry></content><published>2026-01-09"
    )
    [last] = found(whole)
    assert isinstance(last, Fault)
    assert "breaks off" in last.message


def test_the_bytes_of_a_feed_are_no_name_of_a_file(tmp_path):
    (tmp_path / "feed.rss").write_text(RSS)
    with pytest.raises(UsageError, match="it is no RSS or Atom feed"):
        found(str(tmp_path / "feed.rss"))


def test_what_follows_the_break_is_one_fault_that_says_where_and_how_many_lines():
    *_, last = found(channel("<item><title>A</title></item>", "<item><title>B</b></item>", "<item/>"))
    assert last == Fault(
        3,
        "not well-formed XML: mismatched tag at column 17; the feed is read up to the last item that ends before it",
        "<item><title>B</b></item>",
        3,
    )


def test_entities_of_html_that_nothing_declares_are_no_fault():
    [entry] = found(channel("<item><title>Rain&nbsp;&mdash; and snow</title></item>"))
    assert entry.headline.startswith("Rain")
    assert entry.headline.endswith("and snow")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "koi8-r"])
def test_a_feed_is_read_in_the_encoding_that_it_declares(encoding):
    title = "Погода" if encoding == "koi8-r" else "Über Nacht"
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = f"<?xml version='1.0' encoding='{declared}'?>\n" + channel(f"<item><title>{title}</title></item>")
    [entry] = found(text.encode(encoding))
    assert (entry.line, entry.headline) == (3, title)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<?xml version='1.0'?><html><body/></html>", "its root element is <html>"),
        ("<opml version='2.0'><body/></opml>", "its root element is <opml>"),
        ("not XML", "not well-formed XML: syntax error at column 1"),
        ("", "not well-formed XML: no element found at column 1"),
    ],
)
def test_what_is_no_feed_is_refused(text, problem):
    with pytest.raises(UsageError, match=f"it is no RSS or Atom feed: {problem}"):
        found(text)


def test_a_feed_without_items_is_read():
    assert found(channel()) == []


def test_entities_that_stand_for_entities_do_not_grow():
    bomb = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
    )
    [*entries] = found(bomb + "]>" + channel("<item><title>Rain &j;</title></item>"))
    assert all(len(entry.headline if isinstance(entry, Entry) else entry.text) < 200 for entry in entries)


def test_a_feed_too_large_to_be_one_is_refused(monkeypatch):
    monkeypatch.setattr(syndication, "MAX_FEED_BYTES", 100)
    with pytest.raises(UsageError, match="a feed is read as a whole: split it"):
        found(RSS)


def test_a_language_that_is_no_tag_and_a_link_that_is_no_address_are_left_out():
    text = channel("<item><title>Rain</title><guid>tag:1</guid></item>").replace(
        "<title>Coast</title>", "<title>Coast</title><language>English (US)</language>"
    )
    [entry] = found(text)
    assert entry.fields == {"id": "tag:1", "source": "Coast"}


def test_items_without_a_guid_are_told_apart_by_links_that_lead_nowhere_by_themselves():
    one, other = found(
        channel(
            "<item><title>Rain</title><link>/news/1</link></item>",
            "<item><title>Rain</title><link>/news/2</link></item>",
        )
    )
    assert one.fields["id"] != other.fields["id"]
    assert "url" not in one.fields


def test_the_language_of_an_item_comes_before_that_of_its_feed():
    text = channel("<item><title>Regen</title><guid>g</guid><dc:language>de</dc:language></item>")
    text = text.replace("<channel>", "<channel><language>en</language>")
    [entry] = found(text)
    assert entry.fields["language"] == "de"


def test_a_long_name_of_a_feed_is_cut_to_what_an_event_takes():
    [entry] = found(channel("<item><title>A</title></item>").replace("Coast", "Coast " * 40))
    assert len(entry.fields["source"]) <= 128


@pytest.mark.parametrize(
    ("extension", "head"),
    [
        ("", RSS),
        (".txt", ATOM),
        ("", RDF),
        ("", "<!-- a\n comment --><rss>"),
        ("", "<?xml version='1.0'?>\n<?xml-stylesheet href='x'?>\n<!DOCTYPE rss>\n<rss>"),
        ("", "<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'>"),
        ("", "\ufeff \n<feed>"),
        (".xml", "anything"),
        (".rss", ""),
        (".ATOM", ""),
        (".rdf", ""),
    ],
)
def test_a_feed_is_known_by_its_extension_or_its_root(extension, head):
    assert detect(extension, head.encode(), FieldMap()) is Format.FEED


@pytest.mark.parametrize("head", ["<html><rss>", "<rssless>", "Feed <rss>", "<?xml version='1.0'?><html>"])
def test_other_xml_is_no_feed(head):
    assert detect("", head.encode(), FieldMap()) is not Format.FEED

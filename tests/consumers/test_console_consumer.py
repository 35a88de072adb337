"""Kafka's own console consumer reads the streams."""


def test_it_prints_a_stream_with_its_keys_and_headers(live, example):
    sport = [output for output in live.read() if output.stream == "news.sport"]
    assert len(sport) > 1
    printed = example(
        "console_consumer.py",
        "--bootstrap-server",
        live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"],
        "--topic=news.sport",
        "--from-beginning",
        f"--max-messages={len(sport)}",
        "--formatter-property=print.key=true",
        "--formatter-property=print.headers=true",
    ).finish()
    lines = [line for line in printed.splitlines() if not line.startswith("Processed a total of")]

    expected = [
        "\t".join(
            (
                ",".join(f"{name}:{value.decode()}" for name, value in output.headers),
                output.key.decode(),
                output.value.decode(),
            )
        )
        for output in sport
    ]
    assert sorted(lines) == sorted(expected)

import pytest

from lib.domain.origin import Origin, come_from, family, origin

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36": "Chrome · Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) Version/18 Safari/605.1.15": "Safari · macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1": "Safari · iOS",
    "Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile MicroMessenger/8.0": "WeChat · Android",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox · Linux",
    "curl/8.5.0": "",
    "": "",
}


@pytest.mark.parametrize("header", AGENTS)
def test_family__of_a_header(header: str) -> None:
    assert family(header) == AGENTS[header]


def test_come_from__noted_until_noted_again__and_no_longer_than_its_column() -> None:
    come_from("2001:db8::1" + "0" * 100, "<script>" * 1000)
    assert origin() == Origin(("2001:db8::1" + "0" * 100)[:45], "")
    come_from(None, None)
    assert origin() == Origin()

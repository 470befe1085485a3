import pytest

from lib.domain.vocab import Language
from lib.manage.command import language_of, main

COMMANDS = [
    (),
    ("migrate",),
    ("demo",),
    ("start-empty",),
    ("user",),
    ("user", "add"),
    ("user", "list"),
    ("user", "reset"),
    ("check",),
    ("replay",),
    ("import",),
    ("import", "areas"),
    ("import", "units"),
    ("import", "people"),
    ("import", "teams"),
    ("import", "services"),
    ("import", "template"),
    ("import", "list"),
    ("import", "undo"),
    ("show",),
    ("show", "areas"),
    ("locate",),
]


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("language", "word"), [("zh", "示例："), ("en", "Examples:")])
def test_help__every_command__examples_in_both_languages(
    command: tuple[str, ...], language: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help", "--lang", language])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert word in said
    assert " ".join(("python -m lib.manage", *command)) in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["import", "areas", "x.geojson"],
        ["import", "areas", "x", "--level", "village", "--name-field", "n"],
        ["import", "units"],
        ["import", "undo", "first"],
        ["import", "template", "cases", "x.xlsx"],
        ["locate", "abc", "31"],
        ["locate", "181", "31"],
        ["locate", "nan", "31"],
        ["demo", "--as-of", "yesterday"],
        ["demo", "--as-of", "2999-01-01"],
        ["user", "add", "li", "--role", "emperor"],
    ],
    ids=str,
)
def test_usage__wrong__code_2_and_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "命令有误：" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, Language.ZH),
        ([], {"LANG": "en_GB.UTF-8"}, Language.EN),
        ([], {"LANG": "en_US", "LC_ALL": "zh_CN"}, Language.ZH),
        (["show", "--lang", "en"], {"LANG": "zh_CN"}, Language.EN),
        (["--lang=en", "show"], {}, Language.EN),
        (["--lang"], {"LANG": "fr_FR"}, Language.ZH),
    ],
)
def test_language_of__option_then_locale(
    arguments: list[str], environment: dict[str, str], expected: Language
) -> None:
    assert language_of(arguments, environment) is expected

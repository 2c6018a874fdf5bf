"""How `redian dead show` shows the bytes of a letter."""

from agents.cli.dead import shown_bytes


def test_what_identifies_a_person_is_masked_unless_asked_for() -> None:
    data = b'{"text": "call 13800138000 or write to jane@example.org"}'
    assert shown_bytes(data) == '{"text": "call ••• or write to •••"}'
    assert shown_bytes(data, raw=True) == data.decode()


def test_bytes_that_are_no_text_are_hex() -> None:
    assert shown_bytes(b"\xff\x00a").startswith("00000000  ff 00 61")


def test_what_identifies_a_person_is_masked_in_hex_too() -> None:
    data = b"\xfftext: jane@example.org \x00"
    shown = shown_bytes(data)
    assert "jane" not in shown
    assert b"jane".hex(" ") not in shown
    assert len(shown) == len(shown_bytes(data, raw=True))
    assert b"jane".hex(" ") in shown_bytes(data, raw=True)

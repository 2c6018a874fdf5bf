"""Messages of a WeChat official account: signatures, the encrypted envelope, what stands in it, and replies in one.

The envelope is AES-256-CBC over 16 random bytes, the length of the XML in four, the XML, and the application's id,
padded to 32; its key is the account's EncodingAESKey, its vector the key's first half (WeChat's "safe mode").
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser, tostring

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from agents.adapters.sources.source import Refused
from agents.adapters.xml_entities import Declared, refuse_entities

BLOCK: Final = 32
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML may hold."""


class BadMessage(Exception):
    """A call that did not come from WeChat, not now, or not for this account."""


def key_of(encoding_aes_key: str) -> bytes:
    """Return the key in an EncodingAESKey: 43 characters of base64 without their padding.

    Raises:
        Refused: it is none.
    """
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BLOCK:
        raise Refused("an EncodingAESKey has 43 characters of base64")
    return key


def signature(*parts: str) -> str:
    """Return what WeChat signs with: SHA-1 over the sorted parts, the token among them."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Say whether a signature is right, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(*parts).encode())


def fields_of(document: bytes) -> dict[str, str]:
    """Return the fields of a message's XML.

    Raises:
        BadMessage: it is no XML, or declares entities.
    """
    try:
        refuse_entities(document)
        parser = XMLParser()  # noqa: S314 - what it is vulnerable to was refused
        parser.feed(document)
        root: Element = parser.close()
    except (ParseError, Declared, ValueError) as error:
        raise BadMessage(f"the body is no message: {type(error).__name__}") from None
    return {child.tag: child.text or "" for child in root}


def opened(envelope: str, key: bytes, app_id: str) -> bytes:
    """Return the XML in an encrypted envelope.

    Raises:
        BadMessage: it was not made with this key, or for another account.
    """
    try:
        sealed = base64.b64decode(envelope, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
    except (binascii.Error, ValueError):
        raise BadMessage("the envelope cannot be opened") from None
    padding = plain[-1] if plain else 0
    content = plain[16 : len(plain) - padding]
    length = int.from_bytes(content[:4], "big")
    document, receiver = content[4 : 4 + length], content[4 + length :]
    if not 1 <= padding <= BLOCK or len(document) != length or receiver != app_id.encode():
        raise BadMessage("the envelope is not for this account")
    return document


def sealed(document: bytes, key: bytes, app_id: str) -> str:
    """Return an envelope with a document in it, as `opened` opens it."""
    content = os.urandom(16) + len(document).to_bytes(4, "big") + document + app_id.encode()
    padding = BLOCK - len(content) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()).decode()


def reply(text: str, *, to: str, account: str, now_s: int, key: bytes, token: str, app_id: str) -> bytes:
    """Return the answer to a call that tells its sender a text: encrypted and signed as the call was.

    Args:
        text: at most 2,048 bytes.
        to: the sender (FromUserName of the message).
        account: whom they wrote to (ToUserName).
        now_s: seconds since the epoch.
        key: from `key_of`.
        token: signs.
        app_id: of the account.
    """
    said = {"ToUserName": to, "FromUserName": account, "CreateTime": str(now_s), "MsgType": "text", "Content": text}
    envelope = sealed(_document(said), key, app_id)
    timestamp, nonce = str(now_s), os.urandom(8).hex()
    signed = signature(token, timestamp, nonce, envelope)
    return _document({"Encrypt": envelope, "MsgSignature": signed, "TimeStamp": timestamp, "Nonce": nonce})


def _document(fields: dict[str, str]) -> bytes:
    root = Element("xml")
    for name, value in fields.items():
        SubElement(root, name).text = _NO_XML.sub("", value)
    return tostring(root, encoding="unicode").encode()

"""How well and how dearly writing in pictures is read: `python -m tests.agents.measuring_pictures` prints a table."""

import time
from difflib import SequenceMatcher
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from agents.adapters.media.ocr_child import make_reader, read
from tests.agents.pictures import CHINESE

LINES = {
    "en": [
        "Bridge collapsed in Turin, avoid the centre", "Water is rising at the old harbour", "Stay indoors until 6 pm",
        "We want our money back", "Train 4711 cancelled without a word", "Missing since Sunday: black cat",
        "All flights to Boston are grounded", "Free food at the town hall", "Vote on March 14",
        "Strike tomorrow at noon",
        "The mayor knew it all along", "Power is out in five districts",
    ],
    "zh": [
        "都灵大桥坍塌，请绕行", "老港口水位正在上涨", "请在家等待通知", "还我血汗钱", "列车突然停运无人解释",
        "寻猫启事：黑猫走失",
        "所有航班全部停飞", "市政厅免费发放食物", "三月十四日投票", "明天中午罢工", "市长早就知道了", "五个区停电",
    ],
}  # fmt: skip


def picture(text: str, size: int, *, busy: bool, seed: int) -> bytes:
    """Return a JPEG with a line of writing on white or on coloured noise, as a photograph's."""
    font = ImageFont.truetype(str(CHINESE), size)
    left, top, right, bottom = font.getbbox(text)
    width, height = int(right - left) + 2 * size, int(bottom - top) + 2 * size
    image = Image.new("RGB", (width, height), "white")
    if busy:
        small = np.random.default_rng(seed).integers(0, 130, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    ImageDraw.Draw(image).text((size - left, size - top), text, font=font, fill="white" if busy else "black")
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def main() -> None:
    reader = make_reader()
    print("| language | ground | height of writing | characters right | lines right | CPU seconds a picture |")
    print("| --- | --- | --- | --- | --- | --- |")
    for lang, lines in LINES.items():
        for busy in (False, True):
            for size in (16, 24, 36):
                began = time.process_time()
                told = [
                    read(reader, picture(text, size, busy=busy, seed=n)).replace("\n", " ")
                    for n, text in enumerate(lines)
                ]
                cpu_s = (time.process_time() - began) / len(lines)
                alike = [SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in zip(lines, told, strict=True)]
                right = sum(one == other for one, other in zip(lines, told, strict=True))
                ground = "photograph" if busy else "white"
                row = (lang, ground, f"{size} px", f"{np.mean(alike):.1%}", f"{right} of {len(lines)}", f"{cpu_s:.2f}")
                print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()

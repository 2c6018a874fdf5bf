// Pictures for a report: a chart with its title, or the board as it is shown. Drawn here, nothing is asked of anyone.
import { headline, moodOf, readable, speed } from "./card.js";
import { canvasOf, ink, painted } from "./chart.js";
import { small } from "./curves.js";
import { plain } from "./dom.js";
import { clock, number, percent, usual } from "./words.js";

const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const MARGIN = 24;
const WIDTH = 1200;
const ROW = 62;
const MOST_ROWS = 50;
const SCALE = 2;

// A canvas on the page's ground with a pen that counts in pixels of the page.
function sheet(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = ink("card");
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "alphabetic";
  return { canvas, pen };
}

function write(pen, text, x, y, { size = 14, weight = 400, colour = "ink", width = WIDTH, right = false } = {}) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = ink(colour);
  pen.textAlign = right ? "right" : "left";
  let shown = plain(text).slice(0, 400);
  if (pen.measureText(shown).width > width) {
    while (shown && pen.measureText(`${shown}…`).width > width) shown = [...shown].slice(0, -1).join("");
    shown += "…";
  }
  pen.fillText(shown, x, y);
}

const png = (canvas) => new Promise((done) => { canvas.toBlob(done, "image/png"); });

// The chart in `host` under its title.
export async function pictureOfChart(host, title, note) {
  const drawn = canvasOf(host);
  const [width, height] = [drawn.width / devicePixelRatio, drawn.height / devicePixelRatio];
  const { canvas, pen } = sheet(width + 2 * MARGIN, height + 4 * MARGIN);
  write(pen, title, MARGIN, MARGIN + 12, { size: 16, weight: 650, width });
  write(pen, note, MARGIN, MARGIN + 34, { size: 12, colour: "soft", width });
  pen.drawImage(drawn, MARGIN, 3 * MARGIN, width, height);
  return png(canvas);
}

// The hotspots `cards` as the list has them, the first ones where there are many.
export async function pictureOfBoard(cards, words, now) {
  const rows = cards.slice(0, MOST_ROWS);
  const { canvas, pen } = sheet(WIDTH, 3 * MARGIN + 20 + rows.length * ROW);
  write(pen, `Redian 热点 · ${words.title}`, MARGIN, MARGIN + 14, { size: 20, weight: 700 });
  write(pen, `${clock(new Date(now).toISOString(), words)} · ${words.count(rows.length, cards.length)}`, WIDTH - MARGIN, MARGIN + 14, { colour: "soft", right: true });
  for (const [place, card] of rows.entries()) {
    const y = 2 * MARGIN + 20 + place * ROW;
    const { hotspot } = card;
    const stage = hotspot.stage in words.stages ? hotspot.stage : "closed";
    pen.fillStyle = ink("line");
    pen.fillRect(MARGIN, y, WIDTH - 2 * MARGIN, 1);
    pen.fillStyle = ink(stage);
    pen.fillRect(MARGIN, y + 1, 4, ROW - 1);
    write(pen, String(place + 1), MARGIN + 34, y + 36, { size: 18, weight: 650, colour: "soft", right: true });
    write(pen, headline(card), MARGIN + 50, y + 27, { size: 16, weight: 600, width: 560 });
    write(pen, words.stages[stage], MARGIN + 50, y + 48, { size: 12, weight: 700, colour: stage, width: 80 });
    write(pen, readable(card).slice(0, 5).join(" · "), MARGIN + 140, y + 48, { size: 12, colour: "soft", width: 470 });
    pen.drawImage(await painted(small(hotspot, words), 150, 40), 700, y + 11, 150, 40);
    write(pen, `${number(hotspot.why.observed, words.code)} ${words.within(hotspot.why.scale_min)}`, 880, y + 27, { width: 130 });
    write(pen, words.usual(usual(hotspot.why.expected, words)), 880, y + 48, { size: 12, colour: "soft", width: 130 });
    write(pen, `${speed(card).now.toFixed(1)}${words.perMinute}`, 1020, y + 27, { width: 70 });
    const mood = moodOf(card);
    write(pen, mood ? `${words.moods[mood]} ${percent(hotspot.why.sentiment[mood])}` : words.noMood, WIDTH - MARGIN, y + 27, { size: 12, right: true, width: 100 });
    write(pen, words.credible(percent(hotspot.credibility)), WIDTH - MARGIN, y + 48, { size: 12, colour: "soft", right: true, width: 140 });
  }
  return png(canvas);
}

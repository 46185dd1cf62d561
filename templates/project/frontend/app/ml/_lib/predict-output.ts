import { plural, share, value as said } from "./format";
import { pictureOf } from "./inputs-image";
import { isObject } from "./objects";

type Output = Record<string, unknown>;
export type Score = { label: string; score: number };

/** An output that chooses one of several labels. */
export type Choice = {
  label: string;
  /** Best first. */
  scores: Score[];
  /** Which property names the label, if one does. */
  labelField: string | null;
  /** What else the output says. */
  rest: Output;
};

export const LEADS = { sure: 0.5, fairly: 0.2 }; // over the runner-up, as shares

/** Null where the output has no scores. */
export function choiceOf(output: Output): Choice | null {
  const { scores: given, ...others } = output;
  const scores = scoresOf(given);
  const [best] = scores;
  if (!best) return null;
  const labelField = Object.keys(others).find((name) => isLabel(others[name], scores)) ?? null;
  const label = labelField ? String(others[labelField]) : best.label;
  const confidence = scores.find((score) => score.label === label)?.score;
  const rest = Object.entries(others).filter(
    ([name, value]) => name !== labelField && value !== confidence,
  );
  return { label, scores, labelField, rest: Object.fromEntries(rest) };
}

/** How sure an answer is, by how far it is ahead of the next. */
export function certaintyOf({ label, scores }: Choice): { word: string; reason: string } {
  const own = scores.find((score) => score.label === label)?.score ?? 0;
  const next = scores.find((score) => score.label !== label);
  if (!next) return { word: "Sure", reason: "There is no other label." };
  const lead = own - next.score;
  const word = lead >= LEADS.sure ? "Sure" : lead >= LEADS.fairly ? "Fairly sure" : "Unsure";
  const place = lead < 0 ? "behind" : "ahead of";
  return { word, reason: `${points(Math.abs(lead))} ${place} ${next.label}` };
}

export const points = (lead: number) => share(lead).replace("%", " points").replace("  ", " ");

/** An output in a few words, for a line of a list. */
export function outputSummary(output: Output): string {
  const choice = choiceOf(output);
  if (choice) return choice.label;
  return summary(output);
}

export function confidenceOf(output: Output): number | null {
  const choice = choiceOf(output);
  if (choice) return choice.scores.find(({ label }) => label === choice.label)?.score ?? null;
  return typeof output.confidence === "number" ? output.confidence : null;
}

/** An input or output in a few words; its first text speaks for itself. */
export function summary(value: Output): string {
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  const texts = entries.filter(([, part]) => typeof part === "string" && !pictureOf(part));
  if (entries.length === 1 && texts[0]) return String(texts[0][1]);
  if (entries.length === 1 && pictureIn(value)) return "A picture";
  return entries.map(([name, part]) => `${name}: ${short(part)}`).join(", ");
}

/** The first picture in it, as a data URL. */
export function pictureIn(value: Output): string | null {
  return Object.values(value).map(pictureOf).find(Boolean) ?? null;
}

function short(part: unknown): string {
  if (pictureOf(part)) return "a picture";
  if (Array.isArray(part))
    return part.length > 3 || part.some(isObject)
      ? plural(part.length, "value")
      : part.map(said).join(", ");
  return isObject(part) ? "{…}" : said(part);
}

function scoresOf(given: unknown): Score[] {
  const entries = isObject(given) ? Object.entries(given) : [];
  const numbers = entries.filter((entry): entry is [string, number] => isNumber(entry[1]));
  if (numbers.length < entries.length) return [];
  return numbers
    .map(([label, score]) => ({ label, score }))
    .sort((one, other) => other.score - one.score);
}

const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);

const isLabel = (value: unknown, scores: Score[]) => scores.some(({ label }) => label === value);

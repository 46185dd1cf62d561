const LOCALE = "en";
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const AGO: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.NumberFormat(LOCALE);
const decimal = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 });
const percent = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });

export const count = (value: number) => whole.format(value);
export const share = (value: number) => percent.format(value);
export const dateTime = (value: string) => moment.format(new Date(value));
export const plural = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`;

/** As "3 minutes ago". */
export function ago(value: string, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  const [unit, length] = AGO.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return Math.abs(seconds) < 45 ? "just now" : relative.format(Math.round(seconds / length), unit);
}

/** As "2 h 5 min", "3 min 10 s" or "4 s". */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes) return total % 60 ? `${minutes} min ${total % 60} s` : `${minutes} min`;
  return `${total} s`;
}

export function bytes(value: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), UNITS.length - 1);
  const number = value / 1000 ** power;
  return `${power && number < 100 ? number.toFixed(1) : Math.round(number)} ${UNITS[power]}`;
}

/** Cents matter here, and parts of one. */
export function usd(value: number): string {
  const digits = value > 0 && value < 0.1 ? 4 : 2;
  return new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency: "USD",
    maximumFractionDigits: digits,
  }).format(value);
}

/** A metric or a setting. */
export function value(found: unknown): string {
  if (found === null || found === undefined || found === "") return "–";
  if (typeof found === "number")
    return Number.isInteger(found) ? count(found) : decimal.format(found);
  if (typeof found === "boolean") return found ? "yes" : "no";
  return typeof found === "string" ? found : JSON.stringify(found);
}

/** "macro_f1" -> "Macro F1". */
export function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/\bf(\d)\b/g, "F$1");
}

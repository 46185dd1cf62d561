import { bytes } from "./format";
import { limitOf, type Property, textOf } from "./inputs-schema";

/** First characters of pictures in base64. */
const MARKS: [string, string][] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["Qk", "image/bmp"],
];
const SHORTEST = 64; // characters; less is a word that happens to begin alike

/** Where the picture goes: what is said to be base64, else the first text, as a data URL. */
export function pictureProperty(properties: Property[]): Property | undefined {
  const texts = properties.filter(({ type, options }) => type === "string" && !options.length);
  return texts.find(isBase64) ?? texts[0];
}

export function isBase64({ schema }: Property): boolean {
  return (
    textOf(schema, "contentEncoding") === "base64" || textOf(schema, "format").startsWith("base64")
  );
}

/** Which files can be chosen, for `accept`. */
export function typesOf({ schema }: Property): string {
  return textOf(schema, "contentMediaType") || "image/*";
}

/** Bytes that a picture may have; undefined where the schema sets no limit. */
export function maxBytesOf(property: Property): number | undefined {
  const characters = limitOf(property, "maxLength");
  return characters === undefined ? undefined : Math.floor((characters * 3) / 4);
}

/** Why a file cannot be sent; null where it can. */
export function faultOfFile(file: File, property: Property): string | null {
  const types = typesOf(property);
  const max = maxBytesOf(property) ?? Infinity;
  const isFit = types
    .split(",")
    .some((type) => file.type.startsWith(type.trim().replace(/\*$/, "")));
  if (!file.type.startsWith("image/") || !isFit)
    return `"${file.name}" is no picture of the type ${types.replace("/*", "")}.`;
  if (file.size > max)
    return `"${file.name}" has ${bytes(file.size)}; at most ${bytes(max)} are taken.`;
  return null;
}

/** As a draft of the property: base64, or the data URL that it stands in. */
export function readPicture(file: File, property: Property): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Error(`"${file.name}" cannot be read.`));
    reader.onload = () => {
      const url = String(reader.result);
      resolve(isBase64(property) ? url.slice(url.indexOf(",") + 1) : url);
    };
    reader.readAsDataURL(file);
  });
}

/** The data URL of a text that is a picture; null for any other. */
export function pictureOf(text: unknown): string | null {
  if (typeof text !== "string" || text.length < SHORTEST) return null;
  if (text.startsWith("data:image/")) return text;
  const type = MARKS.find(([mark]) => text.startsWith(mark))?.[1];
  return type && /^[\w+/]{64}/.test(text) ? `data:${type};base64,${text}` : null;
}

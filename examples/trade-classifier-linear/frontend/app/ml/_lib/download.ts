import { client } from "../_api/client.gen";

/**
 * Saves what a path of the API answers, which needs the token that no link could carry.
 *
 * @param path As the API's own, "/ml/jobs/…/log" for example, with its query.
 * @param filename Where it is left out: what the answer says, or the last part of the path.
 * @throws The problem that the API answers; a TypeError where the connection breaks off.
 */
export async function download(path: string, filename?: string): Promise<void> {
  const { data, response } = await client.get<{ 200: Blob }, unknown, true>({
    url: path,
    security: [{ scheme: "bearer", type: "http" }],
    parseAs: "blob", // the browser keeps a large one on its disk
    throwOnError: true,
  });
  const named = filenameOf(response.headers.get("content-disposition"));
  save(data, filename ?? named ?? lastPartOf(path));
}

/** The name in a Content-Disposition, the one for all alphabets first. */
export function filenameOf(disposition: string | null): string | undefined {
  const encoded = disposition?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  const plain = disposition?.match(/filename="?([^";]+)"?/i)?.[1];
  const name = encoded ? decoded(encoded) : plain;
  return name?.replaceAll(/[/\\]/g, "_").trim() || undefined;
}

export function lastPartOf(path: string): string {
  return path.split("?")[0]?.split("/").filter(Boolean).at(-1) ?? "download";
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined; // a lone % is no encoding
  }
}

/** Hands a file to the browser, as its own downloads do. */
export function save(content: Blob, filename: string) {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // Safari reads it after the click
}

import { paths } from "./paths";

/** What of the history is shown; it is in the address, so that it can be kept and shared. */
export type Filter = {
  show: "predictions" | "corrections";
  model: string | null;
  source: "model" | "fallback" | null;
  isUsed: boolean | null;
};

type Query = { get: (name: string) => string | null };

/** Only what the API knows: anybody can write an address. */
export function filterOf(query: Query): Filter {
  const [source, used] = [query.get("source"), query.get("used")];
  return {
    show: query.get("show") === "corrections" ? "corrections" : "predictions",
    model: query.get("model") || null,
    source: source === "model" || source === "fallback" ? source : null,
    isUsed: used === "yes" ? true : used === "no" ? false : null,
  };
}

export function pathOf({ show, model, source, isUsed }: Filter): string {
  const query = new URLSearchParams();
  if (show === "corrections") query.set("show", show);
  if (model) query.set("model", model);
  if (source && show === "predictions") query.set("source", source);
  if (isUsed !== null && show === "corrections") query.set("used", isUsed ? "yes" : "no");
  return query.size ? `${paths.predictions}?${query}` : paths.predictions;
}

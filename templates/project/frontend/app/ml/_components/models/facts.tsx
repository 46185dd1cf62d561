import { title, value } from "../../_lib/format";
import type { Leaf } from "../../_lib/models-manifest";
import { isObject } from "../../_lib/objects";

/** Names are put into words, except where they are names of columns or packages. */
type Props = { facts: Leaf[]; isVerbatim?: boolean };

/** Names and values, in their order; what is nested stands under its name. */
export function Facts({ facts, isVerbatim }: Props) {
  return (
    <dl className="divide-y text-sm">
      {facts.map(({ name, value: found }) => (
        <div
          key={name}
          className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-4 py-2 first:pt-0 last:pb-0"
        >
          <dt className="text-muted-foreground">{isVerbatim ? name : title(name)}</dt>
          <dd className="min-w-0 break-words">
            <FactValue found={found} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FactValue({ found }: { found: unknown }) {
  if (isObject(found)) {
    const facts = Object.entries(found).map(([name, value]) => ({ name, value }));
    return facts.length ? <Facts facts={facts} isVerbatim /> : "–";
  }
  if (Array.isArray(found) && found.length > 0 && found.every(isObject))
    return found.map((item, at) => (
      <Item key={at} item={item} title={nameOf(item) ?? `${at + 1}`} />
    ));
  if (Array.isArray(found)) return found.map((item) => value(item)).join(", ") || "–";
  return value(found);
}

function Item({ item, title }: { item: Record<string, unknown>; title: string }) {
  return (
    <details className="py-0.5">
      <summary className="cursor-pointer">{title}</summary>
      <div className="my-2 border-l-2 pl-3">
        <FactValue found={item} />
      </div>
    </details>
  );
}

const nameOf = (item: Record<string, unknown>) =>
  Object.values(item).find((value) => typeof value === "string");

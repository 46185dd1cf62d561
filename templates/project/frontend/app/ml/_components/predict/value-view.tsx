import { cn } from "../../_lib/cn";
import { plural, title, value as said } from "../../_lib/format";
import { pictureOf } from "../../_lib/inputs-image";
import { isObject } from "../../_lib/objects";
import { Picture } from "../inputs/picture";
import { Sparkline } from "../inputs/sparkline";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";

const LONG_LIST = 20;
const LONGEST_LINE = 200; // numbers; more is a vector, whose order means nothing
const TIME = /^\d{4}-\d{2}/;
const SHORT_TEXT = 60; // characters that can stand large

type Props = { value: unknown; label: string; isLarge?: boolean };

/** Any JSON, as well set as its shape allows. */
export function ValueView({ value, label, isLarge }: Props) {
  const picture = pictureOf(value);
  if (picture) return <Picture source={picture} label={label} className="max-h-96" />;
  if (Array.isArray(value)) return <ListView values={value} label={label} />;
  if (isObject(value)) return <ObjectView value={value} />;
  const text = said(value);
  const isHeadline = isLarge && text.length <= SHORT_TEXT;
  return (
    <p
      className={cn(
        "max-h-96 overflow-y-auto break-words whitespace-pre-wrap",
        isHeadline ? "text-2xl font-semibold tracking-tight" : "text-sm/relaxed",
      )}
    >
      {text}
    </p>
  );
}

function ListView({ values, label }: { values: unknown[]; label: string }) {
  const rows = values.filter(isObject);
  const numbers = values.filter((value) => typeof value === "number");
  const isLine = numbers.length === values.length && values.length <= LONGEST_LINE;
  if (!values.length) return <p className="text-sm text-muted-foreground">Nothing.</p>;
  if (rows.length === values.length) return <RowsView rows={rows} label={label} />;
  if (values.some(isNested)) return <Json value={values} />;
  if (values.length > LONG_LIST)
    return (
      <>
        {isLine && <Sparkline values={numbers} />}
        <LongList values={values} />
      </>
    );
  return (
    <ul className="list-inside list-disc text-sm/relaxed">
      {values.map((value, at) => (
        <li key={at}>{said(value)}</li>
      ))}
    </ul>
  );
}

function LongList({ values }: { values: unknown[] }) {
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-muted-foreground">
        {plural(values.length, "value")}: {values.slice(0, 3).map(said).join(", ")}, …
      </summary>
      <p className="mt-2 max-h-60 overflow-y-auto break-words">{values.map(said).join(", ")}</p>
    </details>
  );
}

function RowsView({ rows, label }: { rows: Record<string, unknown>[]; label: string }) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const isNumber = (name: string) => rows.every((row) => typeof row[name] === "number");
  const isSeries = names.some((name) => rows.every((row) => TIME.test(String(row[name]))));
  const series = isSeries ? names.find(isNumber) : undefined;
  return (
    <>
      {series && <Sparkline values={rows.map((row) => Number(row[series]))} />}
      <div className="max-h-96 overflow-y-auto rounded-md border">
        <Table label={label}>
          <thead>
            <tr>
              {names.map((name) => (
                <TableHead key={name} className={cn("px-3", isNumber(name) && "text-right")}>
                  {title(name)}
                </TableHead>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <TableRow key={at}>
                {names.map((name) => (
                  <TableCell
                    key={name}
                    className={cn("px-3 py-2", isNumber(name) && "text-right tabular-nums")}
                  >
                    {said(row[name])}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </tbody>
        </Table>
      </div>
    </>
  );
}

function ObjectView({ value }: { value: Record<string, unknown> }) {
  const entries = Object.entries(value);
  if (entries.some(([, part]) => isNested(part)) || entries.length > LONG_LIST)
    return <Json value={value} />;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {entries.map(([name, part]) => (
        <div key={name} className="contents">
          <dt className="text-muted-foreground">{title(name)}</dt>
          <dd className="break-words">{said(part)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Json({ value }: { value: unknown }) {
  return (
    <pre
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md bg-muted p-3 font-mono text-xs/relaxed outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
    >
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}

const isNested = (value: unknown) => typeof value === "object" && value !== null;

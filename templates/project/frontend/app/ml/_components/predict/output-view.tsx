import { propertiesOf, type Schema } from "../../_lib/inputs-schema";
import { title } from "../../_lib/format";
import { ValueView } from "./value-view";

type Props = { output: Record<string, unknown>; schema: Schema | null };

/** The fields of an answer, in the order of its schema; one alone stands large. */
export function OutputView({ output, schema }: Props) {
  const known = schema ? propertiesOf(schema) : [];
  const names = [...new Set([...known.map(({ name }) => name), ...Object.keys(output)])];
  const fields = names.filter((name) => name in output);
  const titleOf = (name: string) =>
    known.find((property) => property.name === name)?.title ?? title(name);
  if (!fields.length) return null;
  return (
    <dl className="grid min-w-0 gap-4">
      {fields.map((name) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs font-medium text-muted-foreground">{titleOf(name)}</dt>
          <dd className="mt-1 min-w-0">
            <ValueView value={output[name]} label={titleOf(name)} isLarge={fields.length === 1} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

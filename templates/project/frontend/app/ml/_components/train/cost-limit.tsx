import { Card, CardContent, CardHeader } from "../ui/card";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import type { Change } from "./use-draft";

type Props = { text: string; fault?: string; onChange: Change };

export function CostLimit({ text, fault, onChange }: Props) {
  return (
    <Card>
      <CardHeader title="Limit" description="What the training may cost at the most." />
      <CardContent>
        <Field
          label="Cost limit in USD"
          hint="When it is reached, the training stops and keeps a checkpoint. Blank means no limit."
          error={fault}
          className="sm:max-w-72"
        >
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              value={text}
              placeholder="No limit"
              autoComplete="off"
              onChange={(event) => onChange({ costLimit: event.target.value })}
            />
          )}
        </Field>
      </CardContent>
    </Card>
  );
}

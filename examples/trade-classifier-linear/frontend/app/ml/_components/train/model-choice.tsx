import type { Model } from "../../_api";
import { plural } from "../../_lib/format";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import type { Draft } from "./draft";
import type { Change } from "./use-draft";

type Props = { models: Model[]; draft: Draft; fault?: string; onChange: Change };

export function ModelChoice({ models, draft, fault, onChange }: Props) {
  const offered = models.filter((model) => model.recipe === draft.recipe);
  return (
    <Card>
      <CardHeader title="Model" description="The training becomes its next version." />
      <CardContent className="grid gap-4 sm:grid-cols-2">
        {offered.length > 0 && (
          <Field label="Model" error={draft.model ? fault : undefined}>
            {(control) => (
              <Select
                {...control}
                value={draft.model}
                onChange={(event) => onChange({ model: event.target.value })}
              >
                <option value="">A new model</option>
                {offered.map((model) => (
                  <option key={model.id} value={model.name}>
                    {model.name} ({plural(model.versions, "version")})
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {!draft.model && (
          <Field
            label="Name"
            hint="Small letters, digits, - and _. It is part of the model's address and stays."
            error={fault}
          >
            {(control) => (
              <Input
                {...control}
                name="model"
                value={draft.newModel}
                maxLength={63}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                onChange={(event) => onChange({ newModel: event.target.value })}
              />
            )}
          </Field>
        )}
      </CardContent>
    </Card>
  );
}

"use client";

import { useRouter } from "next/navigation";
import type { Model } from "../../_api";
import { Field } from "../ui/field";
import { Select } from "../ui/select";

type Props = { models: Model[]; chosen: string; pathOf: (model: string) => string };

/** Those that cannot answer say why. */
export function ModelSelect({ models, chosen, pathOf }: Props) {
  const router = useRouter();
  const isListed = models.some(({ name }) => name === chosen);
  return (
    <Field label="Model">
      {(control) => (
        <Select
          {...control}
          value={chosen}
          onChange={(event) => router.replace(pathOf(event.target.value), { scroll: false })}
        >
          {!isListed && <option>{chosen}</option>}
          {models.map((model) => (
            <option key={model.id} value={model.name} disabled={model.production === null}>
              {model.name} · {stateOf(model)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function stateOf({ production, versions }: Model): string {
  if (production !== null) return `version ${production}`;
  return versions ? "no version in production" : "not trained yet";
}

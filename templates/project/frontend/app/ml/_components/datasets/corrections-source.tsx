"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listCorrectionsOptions, listModelsOptions } from "../../_api/@tanstack/react-query.gen";
import { plural } from "../../_lib/format";
import { Failure } from "../failure";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import { Skeleton } from "../ui/skeleton";
import type { SourceProps } from "./add-data";
import { SourceForm } from "./source-form";

const MOST = 100; // items on a page of the API

export function CorrectionsSource(props: SourceProps) {
  const models = useQuery(listModelsOptions({ query: { limit: MOST } }));
  const names = models.data?.items.map((model) => model.name);
  if (models.error) return <Failure error={models.error} onRetry={models.refetch} />;
  if (!names) return <Skeleton className="h-28 max-w-xl" />;
  if (!names.length) {
    return (
      <p className="text-sm text-muted-foreground">
        There is no model yet. Once one predicts, what you correct of it can be added here.
      </p>
    );
  }
  return <CorrectionsForm {...props} models={names} />;
}

function CorrectionsForm({ models, ...props }: SourceProps & { models: string[] }) {
  const [model, setModel] = useState(models[0]);
  const waiting = useQuery(
    listCorrectionsOptions({ query: { model, is_used: false, limit: MOST } }),
  );
  const hint = waiting.data ? describe(waiting.data) : "Corrections are counted.";
  return (
    <SourceForm
      {...props}
      fields={["corrections_of"]}
      bodyOf={(text) => ({ corrections_of: text("corrections_of") })}
    >
      {(errorOf) => (
        <Field
          label="Model"
          hint={`${hint} They are added to the rows of this data set's newest version.`}
          error={errorOf("corrections_of")}
        >
          {(control) => (
            <Select
              {...control}
              name="corrections_of"
              value={model}
              onChange={(event) => setModel(event.target.value)}
            >
              {models.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </SourceForm>
  );
}

type Corrections = { items: unknown[]; next_cursor?: string | null };

function describe({ items, next_cursor }: Corrections): string {
  if (!items.length) return "No correction of it waits.";
  const more = next_cursor ? "More than " : "";
  const verb = items.length === 1 ? "is" : "are";
  return `${more}${plural(items.length, "correction")} of it ${verb} in no version yet.`;
}

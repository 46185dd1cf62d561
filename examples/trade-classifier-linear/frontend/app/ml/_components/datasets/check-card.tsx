"use client";

import type { FormEvent } from "react";
import type { DatasetVersionDetail, Recipe } from "../../_api";
import { useCheck, useNewestCheck } from "../../_lib/datasets-check";
import { errorAt } from "../../_lib/datasets-faults";
import type { Mapping } from "../../_lib/datasets-mapping";

import { isOver } from "../../_lib/jobs";
import { Failure } from "../failure";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { CheckResult } from "./check-result";
import { MappingFields } from "./mapping-fields";

export type Recipes = { data?: { items: Recipe[] }; error: unknown; refetch: () => unknown };
type Props = { version: DatasetVersionDetail; recipes: Recipes; mapping: Mapping };

export function CheckCard({ version, recipes, mapping }: Props) {
  return (
    <Card>
      <CardHeader
        title={`Check version ${version.number}`}
        description="Say which columns the model learns from, and see whether it can."
      />
      <CardContent>
        {recipes.data?.items.length === 0 && (
          <Alert title="No recipe is known">
            A worker says what it can train as soon as it runs. Start one, then check the data here.
          </Alert>
        )}
        {!recipes.data && !recipes.error && <Skeleton className="h-28" />}
        {!recipes.data && Boolean(recipes.error) && (
          <Failure error={recipes.error} onRetry={recipes.refetch} />
        )}
        {recipes.data && mapping.recipe && (
          <CheckForm
            version={version}
            recipes={recipes.data.items}
            recipe={mapping.recipe}
            mapping={mapping}
          />
        )}
      </CardContent>
    </Card>
  );
}

type FormProps = {
  version: DatasetVersionDetail;
  recipes: Recipe[];
  recipe: Recipe;
  mapping: Mapping;
};

function CheckForm({ version, recipes, recipe, mapping }: FormProps) {
  const job = useNewestCheck(version);
  const check = useCheck(version, mapping);
  const fields = ["", "recipe", ...recipe.columns.map((field) => `columns.${field}`)];
  const errorOf = (field: string) => errorAt(check.error, field, fields);
  const isChecking = check.isPending || (job !== null && !isOver(job));
  const isSettled = version.status === "valid" && !mapping.isChanged;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    check.mutate(recipe.name);
  }

  return (
    <form onSubmit={submit} className="grid gap-4">
      <MappingFields
        version={version}
        recipes={recipes}
        recipe={recipe}
        mapping={mapping}
        errorOf={errorOf}
      />
      {errorOf("") && <Alert variant="error">{errorOf("")}</Alert>}
      <Button
        type="submit"
        variant={isSettled ? "outline" : "default"}
        pending={isChecking}
        className="w-fit"
      >
        {buttonTitle(isChecking, mapping.isChanged)}
      </Button>
      <CheckResult version={version} job={job} isStarting={check.isPending} />
    </form>
  );
}

function buttonTitle(isChecking: boolean, isChanged: boolean): string {
  if (isChecking) return "Checking";
  return isChanged ? "Save and check" : "Check";
}

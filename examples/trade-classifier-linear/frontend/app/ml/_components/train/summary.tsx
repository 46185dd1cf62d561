import { RocketIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { DatasetPublic, DatasetVersion, Model, ProblemDetails, Recipe } from "../../_api";
import { title, usd, value } from "../../_lib/format";
import { faultsOf, sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import type { Draft, Reading } from "./draft";

type Props = {
  draft: Draft;
  reading: Reading;
  recipe?: Recipe;
  models: Model[];
  dataset?: DatasetPublic;
  version?: DatasetVersion;
  training: { error: ProblemDetails | null; isPending: boolean };
};

/** What is about to happen, beside the button that makes it. */
export function Summary({ draft, reading, recipe, models, dataset, version, training }: Props) {
  const model = models.find(({ name }) => name === draft.model);
  const { model: name, settings = {} } = reading.body;
  return (
    <Card className="lg:sticky lg:top-6">
      <CardHeader title="Summary" />
      <CardContent>
        <dl className="grid gap-3 text-sm">
          <Fact name="Data">
            {dataset &&
              [dataset.name, version && `version ${version.number}`].filter(Boolean).join(", ")}
          </Fact>
          <Fact name="Recipe">{recipe && `${recipe.title} · ${title(recipe.algorithm)}`}</Fact>
          <Fact name="Runs on">{recipe?.provider}</Fact>
          <Fact name="Model">{model ? name : name && `${name} (new)`}</Fact>
          <Fact name="Settings">
            {Object.entries(settings).map(([name, found]) => (
              <span key={name} className="block">
                {title(name)} {value(found)}
              </span>
            ))}
            {Object.keys(settings).length === 0 && "Defaults"}
          </Fact>
          <Fact name="Cost limit">{limitOf(reading)}</Fact>
        </dl>
        {training.error !== null && (
          <Alert variant="error" title="It was not started" className="mt-4">
            {faultsOf(training.error).length > 1
              ? "Some fields are not right: see there."
              : sentenceOf(training.error)}
          </Alert>
        )}
        <Button type="submit" className="mt-5 w-full" pending={training.isPending}>
          {!training.isPending && <RocketIcon />} Start training
        </Button>
      </CardContent>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="font-medium break-words">{children || "–"}</dd>
    </div>
  );
}

function limitOf({ body, faults }: Reading): string {
  if (faults.cost_limit_usd) return "";
  return body.cost_limit_usd ? usd(Number(body.cost_limit_usd)) : "None";
}

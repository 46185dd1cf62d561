"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { listDatasetVersionsOptions } from "../../_api/@tanstack/react-query.gen";
import { settingsOf } from "../../_lib/schema";
import { faultsOf } from "../../_lib/problems";
import { SettingsForm } from "../schema-form/settings-form";
import { Card, CardContent, CardHeader } from "../ui/card";
import { CostLimit } from "./cost-limit";
import { DataChoice } from "./data-choice";
import { readDraft } from "./draft";
import { EstimateCard } from "./estimate-card";
import { ModelChoice } from "./model-choice";
import { RecipeChoice } from "./recipe-choice";
import { Summary } from "./summary";
import { type Start, useDraft } from "./use-draft";
import { useStart } from "./use-start";

const FAULTY = "[aria-invalid]:not([role]), [aria-invalid][role=radiogroup] input";

export function TrainForm({ isDataMissing, ...given }: Start & { isDataMissing: boolean }) {
  const [typed, change] = useDraft(given);
  const versions = useVersions(typed.dataset);
  const draft = { ...typed, version: typed.version || (versions.data?.items[0]?.id ?? "") };
  const [wasSent, setSent] = useState(false);
  const training = useStart();
  const recipe = given.recipes.find(({ name }) => name === draft.recipe);
  const version = versions.data?.items.find(({ id }) => id === draft.version);
  const reading = readDraft(draft, { version, recipe, models: given.models });
  const refused = faultsOf(training.error).map((fault) => [fault.field ?? "", fault.message]);
  const faults = { ...Object.fromEntries(refused), ...(wasSent && reading.faults) };
  const settings = recipe ? settingsOf(recipe.settings) : [];

  function edit(part: Parameters<typeof change>[0]) {
    training.reset();
    change(part);
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setSent(true);
    if (Object.keys(reading.faults).length === 0) training.start(reading.body);
    else setTimeout(() => form.querySelector<HTMLElement>(FAULTY)?.focus());
  }

  return (
    <form
      noValidate
      onSubmit={submit}
      className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]"
    >
      <div className="grid min-w-0 grid-cols-1 gap-5">
        <DataChoice
          datasets={given.datasets}
          versions={versions}
          draft={draft}
          version={version}
          recipe={recipe}
          fault={faults.dataset_version_id}
          isMissing={isDataMissing}
          onChange={edit}
        />
        {given.recipes.length > 1 && (
          <RecipeChoice
            recipes={given.recipes}
            chosen={draft.recipe}
            fault={faults.recipe}
            onChange={edit}
          />
        )}
        <ModelChoice models={given.models} draft={draft} fault={faults.model} onChange={edit} />
        {settings.length > 0 && (
          <Card>
            <CardHeader title="Settings" description="The defaults are a good start." />
            <CardContent>
              <SettingsForm
                settings={settings}
                typed={draft.settings}
                faults={settingFaults(faults)}
                onType={(name, text) => edit({ settings: { ...draft.settings, [name]: text } })}
              />
            </CardContent>
          </Card>
        )}
        <CostLimit text={draft.costLimit} fault={faults.cost_limit_usd} onChange={edit} />
        {recipe?.has_estimate && (
          <EstimateCard body={reading.body} isReady={canEstimate(reading.faults)} />
        )}
      </div>
      <Summary
        draft={draft}
        reading={reading}
        recipe={recipe}
        models={given.models}
        dataset={given.datasets.find(({ id }) => id === draft.dataset)}
        version={version}
        training={training}
      />
    </form>
  );
}

const useVersions = (dataset: string) =>
  useQuery({
    ...listDatasetVersionsOptions({ path: { dataset_id: dataset }, query: { limit: 100 } }),
    enabled: dataset !== "",
  });

/** A model's name and a limit change nothing about it. */
const canEstimate = (faults: Record<string, string>) =>
  Object.keys(faults).every((field) => field === "model" || field === "cost_limit_usd");

const settingFaults = (faults: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(faults)
      .filter(([field]) => field.startsWith("settings."))
      .map(([field, fault]) => [field.slice("settings.".length), fault]),
  );

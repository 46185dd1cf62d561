import type { DatasetVersion, Model, Recipe, TrainingCreate } from "../../_api";
import { readSettings, settingsOf, type Typed } from "../../_lib/schema";

/** What is in the form, as it was typed. */
export type Draft = {
  dataset: string;
  /** Blank for the newest. */
  version: string;
  recipe: string;
  /** Of a model that exists; blank for a new one. */
  model: string;
  newModel: string;
  settings: Typed;
  costLimit: string;
};

/** What the draft's choices name. */
export type Chosen = { version?: DatasetVersion; recipe?: Recipe; models: Model[] };

export type Faults = Record<string, string>;
export type Reading = { body: TrainingCreate; faults: Faults };

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/; // as the API has it
const AMOUNT = /^\d{1,6}(\.\d{1,4})?$/;

/** The request that a draft stands for, and what is wrong with it: by field, as the API names them. */
export function readDraft(draft: Draft, { version, recipe, models }: Chosen): Reading {
  const settings = recipe ? settingsOf(recipe.settings) : [];
  const { values, faults: wrong } = readSettings(settings, draft.settings);
  const name = draft.model || draft.newModel.trim();
  const limit = draft.costLimit.trim();
  const found = {
    dataset_version_id: dataFault(draft, version),
    recipe: recipe ? "" : "Choose a recipe.",
    model: draft.model ? "" : nameFault(name, models),
    cost_limit_usd: limit === "" || isAmount(limit) ? "" : "An amount above 0, as 2.50.",
    ...Object.fromEntries(
      Object.entries(wrong).map(([name, fault]) => [`settings.${name}`, fault]),
    ),
  };
  return {
    body: {
      kind: "train",
      model: name,
      recipe: draft.recipe,
      dataset_version_id: draft.version,
      settings: values,
      cost_limit_usd: limit === "" ? null : limit,
    },
    faults: Object.fromEntries(Object.entries(found).filter(([, fault]) => fault)),
  };
}

const isAmount = (text: string) => AMOUNT.test(text) && Number(text) > 0;

function dataFault({ version }: Draft, found?: DatasetVersion): string {
  if (!version) return "Choose the data to learn from.";
  return found?.status === "invalid" ? "Choose a version without errors." : "";
}

function nameFault(name: string, models: Model[]): string {
  if (!name) return "Give the model a name.";
  if (models.some((model) => model.name === name))
    return "A model has this name already: choose it above, or take another name.";
  if (!NAME.test(name))
    return "Up to 63 small letters, digits, - and _; the first is a letter or digit.";
  return "";
}

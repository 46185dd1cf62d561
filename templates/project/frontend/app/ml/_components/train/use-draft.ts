import { useState } from "react";
import type { DatasetPublic, Model, Recipe } from "../../_api";
import type { Draft } from "./draft";
import type { Found } from "./use-dataset-version";

export type Start = {
  recipes: Recipe[];
  datasets: DatasetPublic[];
  models: Model[];
  data?: Found;
  model?: string;
};

export type Change = (part: Partial<Draft>) => void;

/** The form's contents; what depends on a choice follows it. */
export function useDraft(start: Start): [Draft, Change] {
  const [draft, setDraft] = useState(() => firstDraft(start));

  function change(part: Partial<Draft>) {
    setDraft((draft) => ({ ...draft, ...followers(draft, part, start.models), ...part }));
  }

  return [draft, change];
}

/** Where there is only one of something, it is chosen. */
export function firstDraft({ recipes, datasets, models, data, model }: Start): Draft {
  const filled = datasets.filter((dataset) => dataset.newest_version !== null);
  const known = models.find(({ name }) => name === model);
  return {
    dataset: data?.dataset.id ?? onlyOne(filled)?.id ?? "",
    version: data?.version.id ?? "",
    recipe: known?.recipe ?? onlyOne(recipes)?.name ?? "",
    model: known?.name ?? "",
    newModel: known ? "" : (model ?? ""),
    settings: {},
    costLimit: "",
  };
}

function followers(draft: Draft, part: Partial<Draft>, models: Model[]): Partial<Draft> {
  const isOther = (name: keyof Draft) => part[name] !== undefined && part[name] !== draft[name];
  const keeps = models.find(({ name }) => name === draft.model)?.recipe === part.recipe;
  return {
    ...(isOther("dataset") && { version: "" }),
    ...(isOther("recipe") && { settings: {}, ...(!keeps && { model: "" }) }),
  };
}

function onlyOne<Item>(items: Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}

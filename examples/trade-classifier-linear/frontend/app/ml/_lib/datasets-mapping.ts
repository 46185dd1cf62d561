import { useState } from "react";
import type { DatasetVersionDetail, Recipe } from "../_api";

/** The file's column of each field; a field that is left out is guessed by the check. */
export type Columns = Record<string, string>;

export type Mapping = {
  recipe: Recipe | undefined;
  columns: Columns;
  /** Whether it has to be saved before the check. */
  isChanged: boolean;
  chooseRecipe: (name: string) => void;
  chooseColumn: (field: string, column: string) => void;
  /** Back to what is saved. */
  reset: () => void;
};

export function useMapping(version: DatasetVersionDetail, recipes: Recipe[]): Mapping {
  const [chosen, chooseRecipe] = useState(version.recipe);
  const [edits, setEdits] = useState<Columns>({});
  const recipe = recipes.find((recipe) => recipe.name === chosen) ?? recipes[0];
  const columns = columnsFor(recipe?.columns ?? [], { ...version.columns, ...edits });
  return {
    recipe,
    columns,
    isChanged: !isSame(columns, version.columns),
    chooseRecipe,
    chooseColumn: (field, column) => setEdits({ ...edits, [field]: column }),
    reset: () => setEdits({}),
  };
}

/** Of all columns that are named, those of a recipe's fields: it refuses others. */
export function columnsFor(fields: string[], named: Columns): Columns {
  const found = fields.map((field) => [field, named[field] ?? ""] as const);
  return Object.fromEntries(found.filter(([, column]) => column !== ""));
}

export function isSame(one: Columns, other: Columns): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

/** The fields that a column of the file is used for. */
export function fieldsOf(column: string, columns: Columns): string[] {
  return Object.keys(columns).filter((field) => columns[field] === column);
}

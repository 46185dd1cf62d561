"use client";

import type { DatasetVersionDetail, Recipe } from "../../_api";
import type { Mapping } from "../../_lib/datasets-mapping";
import { title } from "../../_lib/format";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";

type Props = {
  version: DatasetVersionDetail;
  recipes: Recipe[];
  recipe: Recipe;
  mapping: Mapping;
  errorOf: (field: string) => string | null;
};

/** Which recipe checks, and a control for each of its fields. */
export function MappingFields({ version, recipes, recipe, mapping, errorOf }: Props) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {recipes.length > 1 && (
        <Field
          label="Recipe"
          hint={recipe.title}
          error={errorOf("recipe")}
          className="sm:col-span-2"
        >
          {(control) => (
            <Select
              {...control}
              value={recipe.name}
              onChange={(event) => mapping.chooseRecipe(event.target.value)}
            >
              {recipes.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {recipe.columns.map((field) => (
        <ColumnField
          key={field}
          field={field}
          names={version.preview?.columns.map((column) => column.name)}
          column={mapping.columns[field] ?? ""}
          onChoose={(column) => mapping.chooseColumn(field, column)}
          error={errorOf(`columns.${field}`)}
        />
      ))}
    </div>
  );
}

type ColumnProps = {
  field: string;
  /** Undefined where the rows are elsewhere, and so are the names of their columns. */
  names: string[] | undefined;
  column: string;
  onChoose: (column: string) => void;
  error: string | null;
};

function ColumnField({ field, names, column, onChoose, error }: ColumnProps) {
  return (
    <Field label={title(field)} error={error}>
      {(control) =>
        names ? (
          <Select {...control} value={column} onChange={(event) => onChoose(event.target.value)}>
            <option value="">Guess the column</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        ) : (
          <Input
            {...control}
            value={column}
            placeholder="Guess the column"
            maxLength={200}
            onChange={(event) => onChoose(event.target.value)}
          />
        )
      }
    </Field>
  );
}

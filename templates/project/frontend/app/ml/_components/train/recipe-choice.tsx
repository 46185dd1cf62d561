import { useId } from "react";
import type { Recipe } from "../../_api";
import { cn } from "../../_lib/cn";
import { title } from "../../_lib/format";
import { Card, CardContent, CardHeader } from "../ui/card";
import type { Change } from "./use-draft";

type Props = { recipes: Recipe[]; chosen: string; fault?: string; onChange: Change };

export function RecipeChoice({ recipes, chosen, fault, onChange }: Props) {
  const id = useId();
  return (
    <Card>
      <CardHeader title="Recipe" description="How it learns, and where that runs." />
      <CardContent>
        <div
          role="radiogroup"
          aria-label="Recipe"
          aria-describedby={fault && id}
          aria-invalid={fault ? true : undefined}
          className="grid gap-3 sm:grid-cols-2"
        >
          {recipes.map((recipe) => (
            <RecipeCard
              key={recipe.name}
              recipe={recipe}
              isChosen={recipe.name === chosen}
              onChoose={() => onChange({ recipe: recipe.name })}
            />
          ))}
        </div>
        {fault && (
          <p id={id} role="alert" className="mt-2 text-xs/relaxed text-destructive">
            {fault}
          </p>
        )}
      </CardContent>
    </Card>
  );
}

type CardProps = { recipe: Recipe; isChosen: boolean; onChoose: () => void };

function RecipeCard({ recipe, isChosen, onChoose }: CardProps) {
  return (
    <label
      className={cn(
        "flex cursor-pointer gap-3 rounded-lg border p-4 transition-colors hover:bg-muted/50 has-focus-visible:ring-[3px] has-focus-visible:ring-ring/50",
        isChosen && "border-primary bg-accent/60 hover:bg-accent/60",
      )}
    >
      <input
        type="radio"
        name="recipe"
        className="mt-1 size-4 shrink-0 accent-primary outline-none"
        checked={isChosen}
        onChange={onChoose}
      />
      <span className="min-w-0 text-sm">
        <span className="block font-medium">
          {recipe.title} · {title(recipe.algorithm)}
        </span>
        <span className="block break-words text-muted-foreground">
          {recipe.name}, runs on {recipe.provider}
        </span>
        <span className="mt-1 block text-xs/relaxed break-words text-muted-foreground">
          Needs {recipe.columns.join(", ")}. Compared by {title(recipe.metric)}.
        </span>
      </span>
    </label>
  );
}

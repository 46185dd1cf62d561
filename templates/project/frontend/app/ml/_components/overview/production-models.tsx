import { SparklesIcon } from "lucide-react";
import Link from "next/link";
import type { Model, Recipe } from "../../_api";
import { title } from "../../_lib/format";
import { figure } from "../../_lib/models";
import { inProduction } from "../../_lib/models-path";
import { useRecipes } from "../../_lib/models-queries";
import { paths } from "../../_lib/paths";
import { ServingStatus } from "../models/serving-status";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { SectionHeading } from "./section-heading";

/** What answers now, each with how good it is. */
export function ProductionModels({ models }: { models: Model[] }) {
  const recipes = useRecipes();
  const shown = inProduction(models);
  if (!models.length) return null;
  return (
    <section>
      <SectionHeading title="In production" more={{ href: paths.models, title: "All models" }} />
      {shown.length ? (
        <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
          {shown.map((model) => (
            <li key={model.id}>
              <ModelCard model={model} recipe={recipes.get(model.recipe)} />
            </li>
          ))}
        </ul>
      ) : (
        <Card className="px-5 py-6 text-sm text-muted-foreground">
          No model is in production. Promote a version of one, and it answers predictions.
        </Card>
      )}
    </section>
  );
}

function ModelCard({ model, recipe }: { model: Model; recipe?: Recipe }) {
  const metric = recipe?.metric;
  return (
    <Card className="flex h-full flex-col gap-4 p-5">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="truncate font-semibold">
            <Link className="hover:underline" href={paths.model(model.name)}>
              {model.name}
            </Link>
          </h3>
          <p className="truncate text-sm text-muted-foreground">{recipe?.title ?? model.recipe}</p>
        </div>
        <ServingStatus model={model} />
      </div>
      <div className="mt-auto flex items-end justify-between gap-3">
        <dl>
          <dt className="text-xs text-muted-foreground">
            {metric ? title(metric) : "Metric"} · version {model.production}
          </dt>
          <dd className="text-3xl font-semibold tracking-tight tabular-nums">
            {figure(metric && model.metrics?.[metric])}
          </dd>
        </dl>
        <Button asChild size="sm" variant="outline">
          <Link href={paths.predictWith(model.name)}>
            <SparklesIcon /> Predict
          </Link>
        </Button>
      </div>
    </Card>
  );
}

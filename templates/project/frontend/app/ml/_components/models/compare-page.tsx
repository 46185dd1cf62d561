"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { GitCompareIcon } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import {
  compareVersionsOptions,
  getModelOptions,
  listVersionsOptions,
} from "../../_api/@tanstack/react-query.gen";
import { MOST_COMPARED, numbersIn, toggled } from "../../_lib/models";
import { useRecipes } from "../../_lib/models-queries";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { PageHeader } from "../page-header";
import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { CompareCurves } from "./compare-curves";
import { CompareMetrics } from "./compare-metrics";
import { ComparePicker } from "./compare-picker";
import { CompareSettings } from "./compare-settings";
import { NotLoaded } from "./not-loaded";

export function ComparePage({ name }: { name: string }) {
  const asked = useSearchParams().get("versions");
  const [numbers, setNumbers] = useState(() => numbersIn(asked));
  const model = useQuery(getModelOptions({ path: { name } }));
  const recipe = useRecipes().get(model.data?.recipe ?? "");
  const list = useQuery(listVersionsOptions({ path: { name }, query: { limit: 100 } }));
  const comparison = useQuery({
    ...compareVersionsOptions({ path: { name }, query: { versions: numbers.join(",") } }),
    enabled: numbers.length > 1,
    placeholderData: keepPreviousData,
  });
  const error = model.error ?? comparison.error;
  const compared = list.data?.items.filter(({ number }) => numbers.includes(number)) ?? [];
  const back = { href: paths.model(name), title: name };

  function toggle(number: number) {
    const chosen = toggled(numbers, number);
    setNumbers(chosen);
    window.history.replaceState(null, "", paths.compare(name, chosen)); // to keep or to send
  }

  return (
    <>
      <PageHeader
        back={back}
        title="Compare versions"
        description={`Up to ${MOST_COMPARED} versions of ${name}, side by side.`}
      />
      <div className="grid grid-cols-1 gap-5">
        {!model.error && (
          <ComparePicker versions={list.data?.items} chosen={numbers} onToggle={toggle} />
        )}
        {error && (
          <NotLoaded
            error={error}
            onRetry={() => Promise.all([model.refetch(), comparison.refetch()])}
            what={model.error ? `model named ${name}` : "such version to compare"}
            back={back}
          />
        )}
        {!error && numbers.length < 2 && (
          <Card>
            <Empty icon={GitCompareIcon} title="Choose at least two versions">
              Their metrics, settings and curves then stand side by side.
            </Empty>
          </Card>
        )}
        {!error && numbers.length > 1 && !comparison.data && (
          <Skeleton className="h-80 rounded-xl" />
        )}
        {!error && numbers.length > 1 && comparison.data && (
          <>
            <CompareMetrics name={name} comparison={comparison.data} metric={recipe?.metric} />
            <CompareCurves versions={compared.toSorted((a, b) => a.number - b.number)} />
            <CompareSettings comparison={comparison.data} schema={recipe?.settings} />
          </>
        )}
      </div>
    </>
  );
}

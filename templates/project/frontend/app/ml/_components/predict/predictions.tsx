"use client";

import { SparklesIcon } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { paths } from "../../_lib/paths";
import { type Filter, filterOf, pathOf } from "../../_lib/predict-history";
import { PageHeader } from "../page-header";
import { Button } from "../ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs";
import { CorrectionList } from "./correction-list";
import { HistoryFilter } from "./history-filter";
import { PredictionList } from "./prediction-list";

/** What was asked and answered, and what people said about it. */
export function Predictions() {
  const router = useRouter();
  const filter = filterOf(useSearchParams());
  const change = (changed: Partial<Filter>) =>
    router.replace(pathOf({ ...filter, ...changed }), { scroll: false });

  return (
    <>
      <PageHeader
        title="Predictions"
        description="What the models were asked, what they answered, and where they were corrected."
        actions={
          <Button asChild>
            <Link href={paths.predict}>
              <SparklesIcon /> Predict
            </Link>
          </Button>
        }
      />
      <Tabs
        value={filter.show}
        onValueChange={(shown) => change({ show: shown === "corrections" ? shown : "predictions" })}
      >
        <TabsList aria-label="What is shown">
          <TabsTrigger value="predictions">All predictions</TabsTrigger>
          <TabsTrigger value="corrections">Corrections</TabsTrigger>
        </TabsList>
        <TabsContent value="predictions">
          <HistoryFilter filter={filter} onChange={change} />
          <PredictionList filter={filter} />
        </TabsContent>
        <TabsContent value="corrections">
          <HistoryFilter filter={filter} onChange={change} />
          <CorrectionList filter={filter} />
        </TabsContent>
      </Tabs>
    </>
  );
}

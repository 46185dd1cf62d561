import { CalculatorIcon } from "lucide-react";
import type { TrainingCreate } from "../../_api";
import { bestOf } from "../../_lib/estimates";
import { EstimateTable } from "../estimate-table";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { useEstimate } from "./use-estimate";

type Props = { body: TrainingCreate; isReady: boolean };

/** What the training would need, take and cost by what is chosen now, before it is started. */
export function EstimateCard({ body, isReady }: Props) {
  const { ask, estimate, reason, isPending } = useEstimate(body);
  return (
    <Card>
      <CardHeader
        title="Estimate"
        description={estimate ? bestOf(estimate) : "What it needs, takes and costs as it is set."}
        actions={
          <Button variant="outline" disabled={!isReady} pending={isPending} onClick={ask}>
            {!isPending && <CalculatorIcon />} Estimate
          </Button>
        }
      />
      {reason && (
        <CardContent>
          <Alert variant="warning" title="There is no estimate">
            {reason}
          </Alert>
        </CardContent>
      )}
      {estimate && <EstimateTable {...estimate} />}
    </Card>
  );
}

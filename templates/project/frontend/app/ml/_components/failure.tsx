import { isProblem, sentenceOf } from "../_lib/problems";
import { Alert } from "./ui/alert";
import { Button } from "./ui/button";

type Props = { error: unknown; onRetry?: () => void };

/** In the place of what could not be loaded. */
export function Failure({ error, onRetry }: Props) {
  const request = isProblem(error) ? error.request_id : null;
  return (
    <Alert
      variant="error"
      title="This could not be loaded"
      actions={
        onRetry && (
          <Button size="sm" variant="outline" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {sentenceOf(error)}
      {request && <span className="text-muted-foreground"> Request {request}.</span>}
    </Alert>
  );
}

import { faultsOf, isProblem, sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";

/** Why a file was not taken; broken rows are listed, as far as the server names them. */
export function UploadFaults({ error }: { error: unknown }) {
  const faults = faultsOf(error);
  const detail = isProblem(error) ? error.detail : sentenceOf(error);
  if (faults.length < 2) return <Alert variant="error">{detail}</Alert>;
  return (
    <Alert variant="error" title={detail}>
      <ul
        aria-label="Broken rows"
        tabIndex={0}
        className="mt-2 grid max-h-60 gap-1 overflow-y-auto"
      >
        {faults.map((fault) => (
          <li key={`${fault.field} ${fault.message}`} className="flex gap-3">
            <span className="w-20 shrink-0 text-muted-foreground tabular-nums">{fault.field}</span>
            <span className="min-w-0 break-words">{fault.message}</span>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

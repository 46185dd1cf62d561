import { pictureIn, summary } from "../../_lib/predict-output";
import { Picture } from "../inputs/picture";

/** An input on at most two lines. */
export function InputSummary({ input }: { input: Record<string, unknown> }) {
  const picture = pictureIn(input);
  return (
    <div className="flex items-center gap-3">
      {picture && <Picture source={picture} label="" className="size-10 shrink-0 object-cover" />}
      <p className="line-clamp-2 break-words">{summary(input)}</p>
    </div>
  );
}

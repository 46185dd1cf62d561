import Link from "next/link";
import { paths } from "../../_lib/paths";

/** Where corrections go from here, as the end of a sentence. */
export function CorrectionsPlace() {
  return (
    <>
      It becomes part of the next version of a{" "}
      <Link href={paths.datasets} className="underline underline-offset-4">
        data set
      </Link>{" "}
      that is added there from the source “Corrections”.
    </>
  );
}

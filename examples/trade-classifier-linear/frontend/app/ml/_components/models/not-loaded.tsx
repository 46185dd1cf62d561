import { BoxIcon } from "lucide-react";
import Link from "next/link";
import { isProblem } from "../../_lib/problems";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { Button } from "../ui/button";
import { Card } from "../ui/card";

type Props = {
  error: unknown;
  onRetry: () => void;
  /** What is not there, and where the others are. */
  what: string;
  back: { href: string; title: string };
};

/** In the place of a page: not there, or it could not be loaded. */
export function NotLoaded({ error, onRetry, what, back }: Props) {
  if (!isMissing(error)) return <Failure error={error} onRetry={onRetry} />;
  return (
    <Card>
      <Empty
        icon={BoxIcon}
        title={`There is no ${what}`}
        action={
          <Button asChild variant="outline">
            <Link href={back.href}>Back to {back.title}</Link>
          </Button>
        }
      >
        It may have been deleted, or the address has a mistake.
      </Empty>
    </Card>
  );
}

/** What cannot be a name is not there either. */
const isMissing = (error: unknown) => isProblem(error) && [404, 422].includes(error.status);

import { Button } from "./ui/button";

type List = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** At the end of a list that has another page. */
export function MoreButton({ list }: { list: List }) {
  if (!list.hasNextPage) return null;
  return (
    <div className="flex justify-center border-t p-3">
      <Button
        variant="ghost"
        size="sm"
        pending={list.isFetchingNextPage}
        onClick={() => list.fetchNextPage()}
      >
        Show more
      </Button>
    </div>
  );
}

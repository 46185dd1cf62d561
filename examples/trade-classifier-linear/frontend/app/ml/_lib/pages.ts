type Page = { next_cursor?: string | null };

/** How the lists of the API go on, for TanStack Query: each page names the next. */
export const nextPage = {
  initialPageParam: "",
  getNextPageParam: (page: Page) => page.next_cursor ?? undefined,
};

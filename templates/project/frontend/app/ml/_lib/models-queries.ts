import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { JobPublic, Recipe } from "../_api";
import {
  listJobsOptions,
  listJobsQueryKey,
  listModelsQueryKey,
  listRecipesOptions,
} from "../_api/@tanstack/react-query.gen";
import { isOver, whileRunning } from "./jobs";

const RECIPES_STAY = 5 * 60_000; // milliseconds: they change when a worker starts

const recipesOptions = () => ({ ...listRecipesOptions(), staleTime: RECIPES_STAY });

/** By name; empty until they are there. */
export function useRecipes(): Map<string, Recipe> {
  const { data } = useQuery(recipesOptions());
  return new Map(data?.items.map((recipe) => [recipe.name, recipe]));
}

/** For what would stand in another order without them. */
export const useAreRecipesComing = () => useQuery(recipesOptions()).isPending;

/** The newest job of a kind, followed until it is over; then what it changed is asked again. */
export function useNewestJob(model: string, kind: JobPublic["kind"]): JobPublic | undefined {
  const queryClient = useQueryClient();
  const { data: job } = useQuery({
    ...listJobsOptions({ query: { model, kind, limit: 1 } }),
    select: (page) => page.items[0],
    refetchInterval: ({ state }) => whileRunning(!(state.data?.items.every(isOver) ?? true)),
  });
  const isRunning = job !== undefined && !isOver(job);
  useEffect(() => {
    if (!isRunning) return;
    return () => void refreshModel(queryClient, model);
  }, [isRunning, queryClient, model]);
  return job;
}

/** Asks again whatever is shown of a model: all keys whose path names it, and the lists. */
export async function refreshModel(queryClient: QueryClient, model: string): Promise<void> {
  const keys = [[{ path: { name: model } }], listModelsQueryKey(), listJobsQueryKey()];
  await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}
